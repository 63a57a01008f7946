/** Which rules of docs/microarchitecture.md the tests quote. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
/** Tables that name rules without checking them. */
const NO_TESTS = ['coverage/', 'mutation/'];

/** The rules that a page defines, `UA-1` and on, in its order. */
export function rulesOf(page: string): string[] {
  return [...page.matchAll(/^\*\*(UA-\d+)\*\*/gm)].map(([, rule]) => rule!);
}

/** The rules that a text quotes; `UA-42 to UA-44` are three. */
export function quotedIn(text: string): Set<string> {
  const rules = new Set<string>();
  for (const [, first, last = first] of text.matchAll(/UA-(\d+)(?: to UA-(\d+))?/g)) {
    for (let rule = Number(first); rule <= Number(last); rule++) rules.add(`UA-${rule}`);
  }
  return rules;
}

/** Rule → the test files that quote it in a title or a comment, by name. */
export function quotes(): Map<string, string[]> {
  const files = (readdirSync(TESTS, { recursive: true, encoding: 'utf8' }) as string[])
    .filter((file) => file.endsWith('.test.ts') && !NO_TESTS.some((dir) => file.startsWith(dir)))
    .sort();
  const byRule = new Map<string, string[]>();
  for (const file of files) {
    for (const rule of quotedIn(readFileSync(`${TESTS}${file}`, 'utf8'))) {
      byRule.set(rule, [...(byRule.get(rule) ?? []), file]);
    }
  }
  return byRule;
}
