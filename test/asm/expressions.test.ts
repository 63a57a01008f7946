/** Constant expressions against direct evaluation of the same tree. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { constantOf, programOf } from './support/assemble.ts';

/** An expression as text, and its value, which the text must have. */
interface Sample {
  readonly text: string;
  readonly value: number;
  /** Binding strength of the outermost operator. */
  readonly strength: number;
}

const ATOM = 4;

const leaf = fc.oneof(
  fc
    .integer({ min: 0, max: 1000 })
    .map((n): Sample => ({ text: `${n}`, value: n, strength: ATOM })),
  fc
    .integer({ min: 0, max: 255 })
    .map((n) => ({ text: `0x${n.toString(16)}`, value: n, strength: ATOM })),
  fc
    .integer({ min: 0, max: 15 })
    .map((n) => ({ text: `0b${n.toString(2)}`, value: n, strength: ATOM })),
  fc.constantFrom(0.5, 1.25, 1e-3, 2.5e2).map((n) => ({ text: `${n}`, value: n, strength: ATOM })),
);

const wrapped = (s: Sample, least: number) => (s.strength < least ? `(${s.text})` : s.text);

const BINARY: Readonly<Record<string, readonly [number, (a: number, b: number) => number]>> = {
  '+': [2, (a, b) => a + b],
  '-': [2, (a, b) => a - b],
  '*': [3, (a, b) => a * b],
  '/': [3, (a, b) => a / b],
  '//': [3, (a, b) => Math.floor(a / b)],
  '%': [3, (a, b) => a - b * Math.floor(a / b)],
  '<': [1, (a, b) => Number(a < b)],
  '>=': [1, (a, b) => Number(a >= b)],
  '==': [1, (a, b) => Number(a === b)],
};

const { expression } = fc.letrec<{ expression: Sample }>((tie) => {
  const binary = fc
    .tuple(fc.constantFrom(...Object.keys(BINARY)), tie('expression'), tie('expression'))
    .map(([operator, a, b]): Sample => {
      const [strength, apply] = BINARY[operator]!;
      const text = `${wrapped(a, strength)} ${operator} ${wrapped(b, strength + 1)}`;
      return { text, value: apply(a.value, b.value), strength };
    });
  const negation = tie('expression').map((a): Sample => {
    return { text: `-${wrapped(a, ATOM)}`, value: -a.value, strength: ATOM };
  });
  const call = fc.tuple(tie('expression'), tie('expression')).map(([a, b]): Sample => {
    return {
      text: `max(${a.text}, abs(${b.text}))`,
      value: Math.max(a.value, Math.abs(b.value)),
      strength: ATOM,
    };
  });
  return { expression: fc.oneof({ maxDepth: 6 }, leaf, binary, negation, call) };
});

/** Values that the language calls mistakes are left to the tests of mistakes. */
const exact = expression.filter(({ value }) => Math.abs(value) < 2 ** 40);

test('an expression has the value of its tree', () => {
  fc.assert(
    fc.property(exact, ({ text, value }) => {
      let actual: number;
      try {
        actual = constantOf(text);
      } catch (error) {
        // A part of the expression may divide by zero though the whole has a value.
        expect(String(error)).toMatch(/division-by-zero|overflow/);
        return;
      }
      // `%` is exact here, and a − b·⌊a/b⌋ is rounded twice.
      if (text.includes('%')) expect(actual).toBeCloseTo(value, 3);
      else expect(actual).toBe(value);
    }),
    { seed: 11, numRuns: 1000 },
  );
});

describe('values', () => {
  test.each([
    ['1_000', 1000],
    ['0xff_ff', 65535],
    ['.5', 0.5],
    ['1e-5', 1e-5],
    ['7 // 2', 3],
    ['-7 // 2', -4],
    ['-7 % 3', 2],
    ['7 % -3', -2],
    ['7 / 2', 3.5],
    ['2 - 3 - 4', -5],
    ['100 / 10 / 5', 2],
    ['- -3', 3],
    ['--3', 3],
    ['-(3)', -3],
    ['sqrt(16)', 4],
    ['rsqrt(64)', 0.125],
    ['floor(-1.5)', -2],
    ['ceil(-1.5)', -1],
    ['min(3, 1, 2)', 1],
    ['ceildiv(7, 2)', 4],
    ['ceildiv(-7, 2)', -3],
    ['9007199254740992', 2 ** 53],
    ['9007199254740992 - 1', 2 ** 53 - 1],
    ['1e300 * 10', 1e301],
    ['inf', Infinity],
    ['1 + 1 == 2', 1],
  ])('%s = %d', (text, value) => {
    expect(constantOf(text)).toBe(value);
  });

  test('names may be defined later, and symbols have shapes, sizes and addresses', () => {
    const text = `.param A = B * 2
.equ B, rows(X) * 100 + cols(X) * 10 + bytes(X)
.bss
W: .f32 1
X: .f32 2, 3, 4
.text
.show W
 LI r1, X
 HALT`;
    const { params, code } = programOf(text);
    expect(params[0]!.value).toBe(2 * (600 + 40 + 96));
    expect(code[0]!.operands[1]).toEqual({ kind: 'constant', value: 4096 + 64 });
  });
});
