/** Shape rules: what shape each instruction gives, and which operand it names when none fits. */
import { describe, expect, it } from 'vitest';
import { findInstruction } from '../../isa/index.ts';
import { OperandError } from '../../isa/instruction.ts';
import type { PartialShape } from '../../isa/operand.ts';
import { broadcastShape, mayEqual, showPartialShape } from '../../isa/shapes.ts';

const of = (rows?: number, cols?: number): PartialShape => ({ rows, cols });

type Known = Readonly<Record<string, PartialShape | number | boolean | undefined>>;

function shapeOf(mnemonic: string, known: Known): PartialShape | undefined {
  return findInstruction(mnemonic)!.shape(known);
}

function errorOf(mnemonic: string, known: Known): OperandError {
  try {
    shapeOf(mnemonic, known);
  } catch (error) {
    if (error instanceof OperandError) return error;
    throw error;
  }
  throw new Error(`${mnemonic} accepts ${JSON.stringify(known)}`);
}

const FITS: readonly [mnemonic: string, known: Known, shape: PartialShape | undefined][] = [
  ['MATMUL', { ta: of(2, 3), tb: of(3, 4), T: false }, of(2, 4)],
  ['MATMUL', { ta: of(2, 3), tb: of(4, 3), T: true }, of(2, 4)],
  ['MATMUL', { ta: of(2, undefined), tb: of(3, undefined), T: false }, of(2, undefined)],
  ['MATMUL', { td: of(2, 4), ta: of(2, 3), tb: of(3, 4), T: false }, of(2, 4)],
  ['ADD', { ta: of(2, 3), tb: of(1, 3) }, of(2, 3)],
  ['DIV', { ta: of(1, 1), tb: of(4, 5) }, of(4, 5)],
  ['SOFTMAX', { ts: of(2, undefined) }, of(2, undefined)],
  ['NORM.LAYER', { ts: of(4, 8), tg: of(1, 8), tb: of(undefined, 8) }, of(4, 8)],
  ['ROWSUM', { ts: of(4, 8) }, of(4, 1)],
  ['ROWMAX', { ts: of(undefined, 8) }, of(undefined, 1)],
  ['TRANSPOSE', { ts: of(4, undefined) }, of(undefined, 4)],
  ['FILL', { rows: 2, cols: undefined }, of(2, undefined)],
  ['LOAD', { rows: 2, cols: 3 }, of(2, 3)],
  ['ROPE', { ts: of(4, 8), tc: of(4, 4), tn: of(4, 4) }, of(4, 8)],
  ['ROPE', { ts: of(4, undefined), tc: of(1, 4), tn: of(1, 4) }, of(4, undefined)],
  ['STORE', { ts: of(2, 3) }, undefined],
  ['ARGMAX', { ts: of(7, 1) }, undefined],
];

const CLASHES: readonly [mnemonic: string, known: Known, operand: string, message: string][] = [
  [
    'MATMUL',
    { ta: of(2, 3), tb: of(4, 3), T: false },
    'tb',
    '2×3 · 4×3: the inner dimensions differ',
  ],
  [
    'MATMUL',
    { ta: of(2, 3), tb: of(3, 4), T: true },
    'tb',
    '2×3 · 3×4ᵀ: the inner dimensions differ',
  ],
  [
    'MATMUL',
    { td: of(2, 2), ta: of(2, 3), tb: of(3, 4), T: false },
    'td',
    'the product is 2×4, but td holds 2×2',
  ],
  ['ADD', { ta: of(2, 3), tb: of(3, 2) }, 'tb', 'shapes 2×3 and 3×2 do not broadcast'],
  ['ADD', { ta: of(2, 3), tb: of(undefined, 2) }, 'tb', 'shapes 2×3 and ?×2 do not broadcast'],
  ['NORM.RMS', { ts: of(2, 8), tg: of(2, 8) }, 'tg', 'tg is 2×8, but must be 1×8'],
  ['NORM.LAYER', { ts: of(2, 8), tg: of(1, 8), tb: of(1, 4) }, 'tb', 'tb is 1×4, but must be 1×8'],
  ['FILL', { rows: 0, cols: 2 }, 'rows', 'rows=0 is outside 1 to Infinity'],
  ['LOAD', { rows: 2, cols: -1 }, 'cols', 'cols=-1 is outside 1 to Infinity'],
  ['ARGMAX', { ts: of(2, 2) }, 'ts', 'ts is 2×2'],
  ['ECALL.SAMPLE', { ts: of(2, 2) }, 'ts', 'ts is 2×2'],
  ['ROPE', { ts: of(2, 3), tc: of(2, 1), tn: of(2, 1) }, 'ts', 'ts has 3 columns'],
  ['ROPE', { ts: of(2, 4), tc: of(3, 2), tn: of(2, 2) }, 'tc', 'tc is 3×2, but ts is 2×4'],
  ['ROPE', { ts: of(2, 4), tc: of(2, 2), tn: of(2, 4) }, 'tn', 'tn is 2×4, but ts is 2×4'],
  // Found by a random program: the kernel reads both tables with the same step.
  ['ROPE', { ts: of(2, 4), tc: of(2, 2), tn: of(1, 2) }, 'tn', 'tn is 1×2, but tc is 2×2'],
];

describe('shape rules', () => {
  for (const [mnemonic, known, shape] of FITS) {
    it(`${mnemonic} ${JSON.stringify(known)}`, () => {
      expect(shapeOf(mnemonic, known)).toEqual(shape);
    });
  }

  for (const [mnemonic, known, operand, message] of CLASHES) {
    it(`${mnemonic}: ${message}`, () => {
      const error = errorOf(mnemonic, known);
      expect(error.operand).toBe(operand);
      expect(error.message).toBe(message);
      expect(error.hint).not.toBe('');
    });
  }

  it('shows what is not known as a question mark', () => {
    expect(showPartialShape(of(2, 3))).toBe('2×3');
    expect(showPartialShape(of())).toBe('?×?');
  });

  it('takes an unknown dimension for any other', () => {
    expect(mayEqual(undefined, 3)).toBe(true);
    expect(mayEqual(2, 3)).toBe(false);
    expect(broadcastShape(of(undefined, 1), of(4, undefined))).toEqual(of(4, undefined));
  });
});
