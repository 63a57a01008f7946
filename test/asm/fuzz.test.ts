/** Whatever the text is, the assembler answers, soon, and about places that exist. */
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderDiagnostics } from '../../src/diagnostics/render.ts';
import { hasErrors } from '../../src/diagnostics/diagnostic.ts';
import { assembleText } from './support/assemble.ts';
import { mutated, soup } from './support/soup.ts';

const FOLDER = new URL('../../programs/', import.meta.url);
const PROGRAMS = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.lasm'))
  .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));

/** Assembles, and checks what holds of every answer. */
function check(text: string): void {
  const texts = { 'x.lasm': '.include "x.lasm"\n LI r1, 1\n' };
  const { program, diagnostics, sources } = assembleText(text, { texts });
  expect(program === undefined).toBe(hasErrors(diagnostics));
  for (const { span } of diagnostics) {
    const line = sources.get(span.file)?.split('\n')[span.line - 1];
    expect(line, JSON.stringify(span)).toBeDefined();
    expect(span.column).toBeGreaterThanOrEqual(1);
    expect(span.column).toBeLessThanOrEqual(line!.length + 1);
    expect(span.length).toBeGreaterThanOrEqual(1);
  }
  const shown = renderDiagnostics(diagnostics, sources, { colour: false });
  expect(/[\0-\x08\x0b-\x1f\x7f]/.test(shown)).toBe(false);
}

test('random words', () => {
  fc.assert(fc.property(soup, check), { seed: 21, numRuns: 1500 });
});

test('programs with random changes', () => {
  expect(PROGRAMS.length).toBeGreaterThan(3);
  const short = fc.constantFrom(...PROGRAMS.filter((text) => text.length < 5000));
  fc.assert(fc.property(mutated(short), check), { seed: 22, numRuns: 400 });
});

test('random characters', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), check), {
    seed: 23,
    numRuns: 500,
  });
});

describe('large and hostile', () => {
  const repeat = (text: string, n: number) => text.repeat(n);
  /** Texts whose cost would explode if any step were quadratic. */
  const texts: Record<string, () => string> = {
    'a line of a megabyte': () => ` LI r1, 1${repeat(' + 1', 250_000)}\n HALT`,
    'signs without end': () => ` LI r1, ${repeat('- ', 500_000)}1\n HALT`,
    'brackets without end': () => ` LI r1, ${repeat('(', 1_000_000)}`,
    'calls to the limit': () => ` LI r1, ${repeat('abs(', 128)}1${repeat(')', 128)}\n HALT`,
    'NUL bytes': () => repeat('\0', 1_000_000),
    'an open text': () => `.part "${repeat('\\a', 500_000)}`,
    'a long name': () => repeat('a', 1_000_000),
    'a long number': () => ` LI r1, ${repeat('9', 1_000_000)}`,
    'operands without end': () => ` LI ${repeat('1, ', 300_000)}1`,
    'labels without end': () =>
      Array.from({ length: 200_000 }, (_, i) => `l${i}:`).join('\n') + '\n HALT',
    'wrong lines without end': () => repeat('FOO t1, t2\n', 200_000),
    'open brackets on every line': () => repeat('X: .f32 2 = [\n', 100_000),
    'a literal of many lines': () =>
      `.data\nX: .f32 100000 = [\n${repeat('1,\n', 99_999)}1]\n.show X\n.text\n HALT`,
    'conditions that stay open': () => repeat('.if 1\n', 100_000),
    'definitions in reverse': () =>
      Array.from({ length: 20_000 }, (_, i) => `.equ a${i}, a${i + 1}`).join('\n'),
    'a macro that doubles': () => '.macro m a\nm \\a\\a\n.endm\nm xxxxxxxx',
    'a macro that multiplies': () =>
      `.macro m a\n${repeat('\\a', 50_000)}\n.endm\nm ${repeat('x', 50_000)}`,
    'transposes to the limit': () =>
      `.data\nX: .f32 9, 9 = ${repeat('transpose(', 120)}ones()${repeat(')', 120)}`,
  };

  test.each(Object.keys(texts))('%s', { timeout: 20_000 }, (name) => {
    expect(() => assembleText(texts[name]!())).not.toThrow();
  });
});
