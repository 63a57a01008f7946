/** The language reference shows programs that assemble. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatSource } from '../../src/asm/format.ts';
import { assembleText, programOf } from './support/assemble.ts';

const PAGE = readFileSync(new URL('../../docs/assembly.md', import.meta.url), 'utf8');
const [FIRST, ...SNIPPETS] = [...PAGE.matchAll(/```\n([^]*?)```/g)].map((match) => match[1]!);

/** What the snippets take for granted. */
const PRELUDE = `.bss
X: .f32 8, 16
W: .f32 64, 64
Y: .f32 2, 3
.text
many_heads:
few_heads:
`;

/** Names that a snippet defines itself, or that the prelude must define for it. */
function complete(snippet: string): string {
  const missing = [
    ['HEADS', '.equ HEADS, 4\n'],
    ['loop', 'loop: HALT\n'],
  ].filter(([name]) => !new RegExp(`^(\\.param +)?${name}(:| =)`, 'm').test(snippet));
  return `${PRELUDE}${missing.map(([, line]) => line).join('')}${snippet}`;
}

test('the program at the top is a program', () => {
  expect(programOf(FIRST!).code.length).toBe(6);
});

test('every snippet is right, but for what only a whole program can be', () => {
  const snippets = SNIPPETS.filter((snippet) => !snippet.includes('error['));
  expect(snippets.length).toBeGreaterThan(6);
  const tensors = { 'y.npy': { dtype: 'f32', shape: [2, 3], data: new Float32Array(6) } } as const;
  for (const snippet of snippets) {
    const { diagnostics } = assembleText(complete(snippet), { tensors });
    const told = diagnostics.filter((d) => !VERIFIER.has(d.code)).map((d) => d.message);
    expect(told, snippet).toEqual([]);
  }
});

/** Found in the flow of a program, of which a snippet has none. */
const VERIFIER: ReadonlySet<string> = new Set([
  'falls-off-end',
  'maybe-unwritten-register',
  'no-halt',
  'unreachable-code',
  'unused-symbol',
  'unwritten-register',
]);

test('they are in the canonical layout, alignment by hand aside', () => {
  const loose = (text: string) => text.replace(/ +/g, ' ');
  expect(loose(formatSource(FIRST!))).toBe(loose(FIRST!));
});
