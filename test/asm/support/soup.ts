/** Random texts that look like programs, from likely to hopeless. */
import fc from 'fast-check';
import { INSTRUCTIONS } from '../../../isa/index.ts';

const WORDS = [
  ...INSTRUCTIONS.map((definition) => definition.mnemonic),
  ...[
    '.data',
    '.bss',
    '.text',
    '.tile',
    '.param',
    '.equ',
    '.f32',
    '.i32',
    '.f16',
    '.i8',
    '.names',
    '.show',
  ],
  ...[
    '.part',
    '.expect',
    '.include',
    '.rept',
    '.endr',
    '.macro',
    '.endm',
    '.if',
    '.else',
    '.endif',
  ],
  ...['X', 'Y', 'loop', 'X:', 'Y:', 'loop:', 'm', 'i', 'cycles', 'tokens', 'rows', 'seed', 'inf'],
  ...['t0', 't31', 't32', 'r0', 'r5', 'T1', '\\i', '\\@', '\\()', '.T', '.ACC', 'file', 'normal'],
  ...['0', '1', '16', '3.5', '1e9', '0x1f', '12ab', '9007199254740993', '"a"', '"', '"x.lasm"'],
  ...['+', '-', '*', '/', '//', '%', '==', '~=', '<=', '=', ',', ',', ',', ':', '(', ')', '[', ']'],
  ...['; note', ';; doc', '@', '\0', '\u00e9', '\ud83d\ude00', '\\', '\t', '\r'],
];

/** One line of words that need not belong together. */
const soupLine = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(' ', ' ', ' ', '', '\t')), {
    maxLength: 12,
  })
  .map((words) => words.map(([word, gap]) => word + gap).join(''));

/** Lines that are right, for mistakes to stand between. */
const goodLine = fc.constantFrom(
  '      LOAD t0, [X + r1 - 4], rows=2, cols=3 ; comment',
  'loop:  MATMUL.T.ACC t0,t1 , t2',
  'X: .f32 2, 3 = [[1, 2, 3],',
  '   [4, 5, -6]] ; rest',
  'Y:   .i32 4 = range(0, 1)',
  '.expect X ~= ones(), tolerance=1e-6',
  '.expect cycles(classic5-fwd) <= 3 * 4',
  '.param N=3',
  '.equ M , N-1',
  '.rept 3, i',
  '      LI r\\i, \\i * 4',
  '.endr',
  '.macro m a, b = 3',
  '      I\\a\\()ADD r1, r2, \\b',
  '.endm',
  '      m x, 4',
  '.if N >= 2',
  '.endif',
  '.data',
  '.text',
  '  ; indented comment',
  '',
);

export const soup = fc
  .array(fc.oneof(soupLine, goodLine), { maxLength: 30 })
  .map((lines) => lines.join('\n'));

/** A text with some characters replaced, removed or doubled. */
export function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    length: fc.integer({ min: 0, max: 8 }),
    insert: fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 3 })),
  });
  return fc.tuple(text, fc.array(change, { minLength: 1, maxLength: 6 })).map(([start, changes]) =>
    changes.reduce((result, { at, length, insert }) => {
      const offset = Math.floor(at * result.length);
      return result.slice(0, offset) + insert + result.slice(offset + length);
    }, start),
  );
}
