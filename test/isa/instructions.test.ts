/** What every instruction computes: a small example each, run through the assembler and the VM. */
import { describe, expect, it } from 'vitest';
import { INSTRUCTIONS } from '../../isa/index.ts';
import { printFloat32 } from '../../src/asm/print-number.ts';
import { ulpDistance } from '../../src/tensor/compare.ts';
import type { VmOptions } from '../../src/vm/vm.ts';
import { Vm } from '../../src/vm/vm.ts';
import { symbolValues } from '../../src/run/outputs.ts';
import { findSymbol } from '../../src/program/program.ts';
import { assembleText } from '../support/run.ts';

type Rows = readonly (readonly number[])[];

interface Case {
  /** The line under test; `there` is a label behind it. */
  readonly line: string;
  /** What t0, t1, … hold before it. */
  readonly tiles?: readonly Rows[];
  /** What r1, r2, … hold before it. */
  readonly scalars?: readonly number[];
  readonly options?: VmOptions;
  /** The tile it writes. */
  readonly tile?: readonly [register: number, rows: Rows];
  /** The scalar it writes. */
  readonly scalar?: readonly [register: number, value: number];
  /** What a symbol of SYMBOLS holds behind it. */
  readonly memory?: readonly [symbol: string, values: readonly number[]];
  readonly tokens?: readonly number[];
  /** Whether control goes to `there` in place of the next line. */
  readonly jumps?: boolean;
}

const A: Rows = [
  [1, 2],
  [3, 4],
];
const B: Rows = [
  [10, 20],
  [30, 40],
];
const X: Rows = [[-2, -0.5, 0, 1, 3]];
const { exp, tanh, sqrt, PI } = Math;
/** The float32 with the bits of an int32. */
const asFloat = (integer: number) => new Float32Array(Int32Array.of(integer).buffer)[0];
const sigmoid = (x: number) => 1 / (1 + exp(-x));
const map = (f: (x: number) => number): Rows => [X[0]!.map(f)];
/** erf(x) at the five points that GELU.ERF needs, from Abramowitz and Stegun, table 7.1, and beyond. */
const ERF: Readonly<Record<number, number>> = {
  [-2]: -0.9544997361036416,
  [-0.5]: -0.3829249225480262,
  0: 0,
  1: 0.6826894921370859,
  3: 0.9973002039367398,
};

const CASES: Readonly<Record<string, readonly Case[]>> = {
  LOAD: [
    {
      line: 'LOAD t9, [M]',
      tile: [
        9,
        [
          [0, 1, 2],
          [3, 4, 5],
        ],
      ],
    },
    {
      line: 'LOAD t9, [M + 4], rows=2, cols=2',
      tile: [
        9,
        [
          [1, 2],
          [4, 5],
        ],
      ],
    },
    {
      line: 'LOAD t9, [M + r1 + r2], rows=r3, cols=1, stride=-12',
      scalars: [8, 12, 2],
      tile: [9, [[5], [2]]],
    },
  ],
  STORE: [
    {
      line: 'STORE [M], t0',
      tiles: [[[7, 8]]],
      memory: ['M', [7, 8, 2, 3, 4, 5]],
    },
    {
      line: 'STORE [M + 4], t0',
      tiles: [A],
      memory: ['M', [0, 1, 2, 3, 3, 4]],
    },
  ],
  MATMUL: [
    {
      line: 'MATMUL t9, t0, t1',
      tiles: [A, B],
      tile: [
        9,
        [
          [70, 100],
          [150, 220],
        ],
      ],
    },
    {
      line: 'MATMUL.T t9, t0, t1',
      tiles: [A, B],
      tile: [
        9,
        [
          [50, 110],
          [110, 250],
        ],
      ],
    },
    {
      line: 'MATMUL.ACC t2, t0, t1',
      tiles: [
        A,
        B,
        [
          [1, 1],
          [1, 1],
        ],
      ],
      tile: [
        2,
        [
          [71, 101],
          [151, 221],
        ],
      ],
    },
    {
      line: 'MATMUL t9, t0, t1',
      tiles: [[[1, 2, 3]], [[1], [10], [100]]],
      tile: [9, [[321]]],
    },
  ],
  ADD: [
    {
      line: 'ADD t9, t0, t1',
      tiles: [A, B],
      tile: [
        9,
        [
          [11, 22],
          [33, 44],
        ],
      ],
    },
    {
      line: 'ADD t9, t0, t1',
      tiles: [A, [[10, 20]]],
      tile: [
        9,
        [
          [11, 22],
          [13, 24],
        ],
      ],
    },
    {
      line: 'ADD t9, t0, t1',
      tiles: [[[5]], A],
      tile: [
        9,
        [
          [6, 7],
          [8, 9],
        ],
      ],
    },
    {
      line: 'ADD t9, t0, t1',
      tiles: [[[1], [2]], [[10, 20]]],
      tile: [
        9,
        [
          [11, 21],
          [12, 22],
        ],
      ],
    },
  ],
  SOFTMAX: [
    {
      line: 'SOFTMAX t9, t0',
      tiles: [[[0, 0, 0, 0]]],
      tile: [9, [[0.25, 0.25, 0.25, 0.25]]],
    },
    {
      line: 'SOFTMAX t9, t0, scale=0.5',
      tiles: [[[0, 2]]],
      tile: [9, [[1 / (1 + exp(1)), exp(1) / (1 + exp(1))]]],
    },
    {
      line: 'SOFTMAX t9, t0, causal=-1',
      tiles: [
        [
          [1, 9],
          [1, 9],
        ],
      ],
      tile: [
        9,
        [
          [0, 0],
          [1, 0],
        ],
      ],
    },
    {
      line: 'SOFTMAX t9, t0, causal=r1',
      tiles: [
        [
          [3, 3, 9],
          [3, 3, 3],
        ],
      ],
      scalars: [1],
      tile: [
        9,
        [
          [0.5, 0.5, 0],
          [1 / 3, 1 / 3, 1 / 3],
        ],
      ],
    },
  ],
  'NORM.LAYER': [
    {
      line: 'NORM.LAYER t9, t0, t1, t2, eps=0',
      tiles: [[[1, 3]], [[10, 10]], [[0.5, 0.25]]],
      tile: [9, [[-9.5, 10.25]]],
    },
  ],
  'NORM.RMS': [
    {
      line: 'NORM.RMS t9, t0, t1, eps=7',
      tiles: [[[3, 3]], [[1, 2]]],
      tile: [9, [[0.75, 1.5]]],
    },
  ],
  SUB: [
    {
      line: 'SUB t9, t0, t1',
      tiles: [A, B],
      tile: [
        9,
        [
          [-9, -18],
          [-27, -36],
        ],
      ],
    },
  ],
  MUL: [
    {
      line: 'MUL t9, t0, t1',
      tiles: [A, [[2], [3]]],
      tile: [
        9,
        [
          [2, 4],
          [9, 12],
        ],
      ],
    },
  ],
  DIV: [
    {
      line: 'DIV t9, t0, t1',
      tiles: [B, A],
      tile: [
        9,
        [
          [10, 10],
          [10, 10],
        ],
      ],
    },
    {
      line: 'DIV t9, t0, t1',
      tiles: [[[1, -1, 0]], [[0]]],
      tile: [9, [[Infinity, -Infinity, NaN]]],
    },
  ],
  MAX: [
    {
      line: 'MAX t9, t0, t1',
      tiles: [[[1, 5, NaN]], [[4, 2, 0]]],
      tile: [9, [[4, 5, NaN]]],
    },
  ],
  MIN: [
    {
      line: 'MIN t9, t0, t1',
      tiles: [[[1, 5, NaN]], [[4, 2, 0]]],
      tile: [9, [[1, 2, NaN]]],
    },
  ],
  LESS: [
    {
      line: 'LESS t9, t0, t1',
      tiles: [A, [[2]]],
      tile: [
        9,
        [
          [1, 0],
          [0, 0],
        ],
      ],
    },
    {
      line: 'LESS t9, t0, t1',
      tiles: [[[NaN, 1, -Infinity]], [[0, NaN, Infinity]]],
      tile: [9, [[0, 0, 1]]],
    },
  ],
  EQUAL: [
    {
      line: 'EQUAL t9, t0, t1',
      tiles: [[[0, 1, NaN, Infinity]], [[-0, 2, NaN, Infinity]]],
      tile: [9, [[1, 0, 0, 1]]],
    },
  ],
  SELECT: [
    // A row of conditions, a column and a matrix.
    {
      line: 'SELECT t9, t0, t1, t2',
      tiles: [[[1, 0]], [[7], [8]], B],
      tile: [
        9,
        [
          [7, 20],
          [8, 40],
        ],
      ],
    },
    {
      line: 'SELECT t9, t0, t1, t2',
      tiles: [[[NaN, -0, -3]], [[1, NaN, 3]], [[NaN, 5, 6]]],
      tile: [9, [[1, 5, 3]]],
    },
  ],
  EXP: [{ line: 'EXP t9, t0', tiles: [X], tile: [9, map(exp)] }],
  LOG: [
    {
      line: 'LOG t9, t0',
      tiles: [[[1, 0, -1, 10, Infinity]]],
      tile: [9, [[0, -Infinity, NaN, Math.LN10, Infinity]]],
    },
  ],
  POW: [
    {
      line: 'POW t9, t0, t1',
      tiles: [[[3, 2, -3, 0.25, 10]], [[4, -2, 3, 0.5, 38]]],
      tile: [9, [[81, 0.25, -27, 0.5, 1e38]]],
    },
    {
      line: 'POW t9, t0, t1',
      tiles: [[[-8], [0]], [[0, 1]]],
      tile: [
        9,
        [
          [1, -8],
          [1, 0],
        ],
      ],
    },
    {
      line: 'POW t9, t0, t1',
      tiles: [[[-2, 1, -1]], [[0.5, NaN, Infinity]]],
      tile: [9, [[NaN, 1, 1]]],
    },
  ],
  SQRT: [
    {
      line: 'SQRT t9, t0',
      tiles: [[[4, 2, 0, -1, Infinity]]],
      tile: [9, [[2, sqrt(2), 0, NaN, Infinity]]],
    },
  ],
  RELU: [{ line: 'RELU t9, t0', tiles: [X], tile: [9, map((x) => Math.max(x, 0))] }],
  'GELU.ERF': [
    {
      line: 'GELU.ERF t9, t0',
      tiles: [X],
      tile: [9, map((x) => (x * (1 + ERF[x]!)) / 2)],
    },
  ],
  'GELU.TANH': [
    {
      line: 'GELU.TANH t9, t0',
      tiles: [X],
      tile: [9, map((x) => (x * (1 + tanh(sqrt(2 / PI) * (x + 0.044715 * x ** 3)))) / 2)],
    },
  ],
  SILU: [{ line: 'SILU t9, t0', tiles: [X], tile: [9, map((x) => x * sigmoid(x))] }],
  SIGMOID: [{ line: 'SIGMOID t9, t0', tiles: [X], tile: [9, map(sigmoid)] }],
  TANH: [{ line: 'TANH t9, t0', tiles: [X], tile: [9, map(tanh)] }],
  // The table in GELU.ERF holds erf(x / √2).
  ERF: [
    {
      line: 'ERF t9, t0',
      tiles: [[[sqrt(0.5), -sqrt(0.5), 9]]],
      tile: [9, [[ERF[1]!, -ERF[1]!, 1]]],
    },
  ],
  RSQRT: [
    {
      line: 'RSQRT t9, t0',
      tiles: [[[4, 0.25, 1, Infinity, 0]]],
      tile: [9, [[0.5, 2, 1, 0, Infinity]]],
    },
  ],
  TRUNC: [
    {
      line: 'TRUNC t9, t0',
      tiles: [[[1.5, -1.5, 0.9, 2 ** 25, NaN]]],
      tile: [9, [[1, -1, 0, 2 ** 25, NaN]]],
    },
  ],
  ROWMAX: [
    {
      line: 'ROWMAX t9, t0',
      tiles: [
        [
          [1, 7, 3],
          [-5, -2, -9],
        ],
      ],
      tile: [9, [[7], [-2]]],
    },
  ],
  ROWSUM: [
    {
      line: 'ROWSUM t9, t0',
      tiles: [
        [
          [1, 7, 3],
          [-5, -2, -9],
        ],
      ],
      tile: [9, [[11], [-16]]],
    },
  ],
  TRANSPOSE: [
    {
      line: 'TRANSPOSE t9, t0',
      tiles: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      tile: [
        9,
        [
          [1, 4],
          [2, 5],
          [3, 6],
        ],
      ],
    },
  ],
  COPY: [{ line: 'COPY t9, t0', tiles: [A], tile: [9, A] }],
  FILL: [
    {
      line: 'FILL t9, 0.1, rows=1, cols=3',
      tile: [9, [[0.1, 0.1, 0.1].map(Math.fround)]],
    },
    {
      line: 'FILL t9, -inf, rows=r1, cols=r2',
      scalars: [2, 1],
      tile: [9, [[-Infinity], [-Infinity]]],
    },
  ],
  MASK: [
    {
      line: 'MASK t9, t0, causal=0',
      tiles: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
      tile: [
        9,
        [
          [1, -Infinity, -Infinity],
          [4, 5, -Infinity],
        ],
      ],
    },
  ],
  ROPE: [
    // A quarter turn takes (x, y) to (−y, x).
    {
      line: 'ROPE t9, t0, t1, t2',
      tiles: [[[1, 2, 3, 4]], [[0, 1]], [[1, 0]]],
      tile: [9, [[-3, 2, 1, 4]]],
    },
    {
      line: 'ROPE.PAIR t9, t0, t1, t2',
      tiles: [
        [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
        [[0, 1]],
        [[1, 0]],
      ],
      tile: [
        9,
        [
          [-2, 1, 3, 4],
          [-6, 5, 7, 8],
        ],
      ],
    },
  ],
  LI: [{ line: 'LI r9, -64', scalar: [9, -64] }],
  IADD: [{ line: 'IADD r9, r1, r2', scalars: [7, -9], scalar: [9, -2] }],
  ISUB: [{ line: 'ISUB r9, r1, 4', scalars: [1], scalar: [9, -3] }],
  IMUL: [
    { line: 'IMUL r9, r1, r2', scalars: [94906265, -94906265], scalar: [9, -9007199136250225] },
  ],
  IDIV: [
    { line: 'IDIV r9, r1, 2', scalars: [7], scalar: [9, 3] },
    { line: 'IDIV r9, r1, 2', scalars: [-7], scalar: [9, -4] },
    { line: 'IDIV r9, r1, r2', scalars: [7, -2], scalar: [9, -4] },
  ],
  IREM: [
    { line: 'IREM r9, r1, 4', scalars: [7], scalar: [9, 3] },
    { line: 'IREM r9, r1, 4', scalars: [-7], scalar: [9, 1] },
    { line: 'IREM r9, r1, r2', scalars: [7, -4], scalar: [9, -1] },
    { line: 'IREM r9, r1, 4', scalars: [-8], scalar: [9, 0] },
  ],
  IMIN: [{ line: 'IMIN r9, r1, -3', scalars: [2], scalar: [9, -3] }],
  IMAX: [{ line: 'IMAX r9, r1, -3', scalars: [2], scalar: [9, 2] }],
  ILOAD: [{ line: 'ILOAD r9, [N + r1]', scalars: [12], scalar: [9, -40] }],
  ISTORE: [
    {
      line: 'ISTORE [N + 4], r1',
      scalars: [-(2 ** 31)],
      memory: ['N', [10, -(2 ** 31), 30, -40]],
    },
  ],
  BEQ: [
    { line: 'BEQ r1, 5, there', scalars: [5], jumps: true },
    { line: 'BEQ r1, r2, there', scalars: [5, 4], jumps: false },
  ],
  BNE: [
    { line: 'BNE r1, 5, there', scalars: [5], jumps: false },
    { line: 'BNE r1, r2, there', scalars: [5, 4], jumps: true },
  ],
  BLT: [
    { line: 'BLT r1, 5, there', scalars: [4], jumps: true },
    { line: 'BLT r1, r2, there', scalars: [5, 5], jumps: false },
  ],
  BGE: [
    { line: 'BGE r1, 5, there', scalars: [4], jumps: false },
    { line: 'BGE r1, r2, there', scalars: [5, 5], jumps: true },
  ],
  JAL: [{ line: 'JAL r9, there', scalars: [0], scalar: [9, 2], jumps: true }],
  // LI, LI, JR, LI, HALT: address 5 is `there`.
  JR: [{ line: 'JR r1', scalars: [5, 0], jumps: true }],
  HALT: [{ line: 'HALT' }],
  ARGMAX: [
    { line: 'ARGMAX r9, t0', tiles: [[[1, 7, 7, -3]]], scalar: [9, 1] },
    { line: 'ARGMAX r9, t0', tiles: [[[1], [2], [NaN]]], scalar: [9, 2] },
  ],
  'ECALL.EMIT': [{ line: 'ECALL.EMIT r1', scalars: [42], tokens: [42] }],
  'ECALL.PROMPT': [
    {
      line: 'ECALL.PROMPT r9, r1',
      scalars: [1],
      options: { promptTokens: [8, 9] },
      scalar: [9, 9],
    },
    {
      line: 'ECALL.PROMPT r9, r1',
      scalars: [2],
      options: { promptTokens: [8, 9] },
      scalar: [9, -1],
    },
    {
      line: 'ECALL.PROMPT r9, r1',
      scalars: [-1],
      options: { promptTokens: [8, 9] },
      scalar: [9, -1],
    },
  ],
  'ECALL.SAMPLE': [
    {
      line: 'ECALL.SAMPLE r9, t0, r1',
      tiles: [[[0, 0, 3, 0]]],
      scalars: [5],
      scalar: [9, 2],
    },
  ],
  'LOAD.F16': [
    {
      line: 'LOAD.F16 t9, [H]',
      tile: [
        9,
        [
          [1, -0.5],
          [65504, 2 ** -24],
        ],
      ],
    },
  ],
  'LOAD.BF16': [{ line: 'LOAD.BF16 t9, [G + 2], rows=1, cols=2', tile: [9, [[-2, 2 ** 127]]] }],
  'LOAD.I8': [
    { line: 'LOAD.I8 t9, [Q]', tile: [9, [[-128, 127, 5]]] },
    {
      line: 'LOAD.I8 t9, [Q + r1], rows=2, cols=1, stride=-1',
      scalars: [1],
      tile: [9, [[127], [-128]]],
    },
  ],
  'LOAD.I32': [
    { line: 'LOAD.I32 t9, [N]', tile: [9, [[10, -20, 30, -40]]] },
    { line: 'LOAD.I32 t9, [L]', tile: [9, [[2 ** 24, 2 ** 24 + 4]]] },
  ],
  'STORE.F16': [
    {
      line: 'STORE.F16 [H], t0',
      tiles: [
        [
          [1 + 2 ** -11, 1 + 3 * 2 ** -11],
          [65520, -(2 ** -26)],
        ],
      ],
      memory: ['H', [1, 1 + 2 ** -9, Infinity, -0]],
    },
  ],
  'STORE.BF16': [
    {
      line: 'STORE.BF16 [G], t0',
      tiles: [[[1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38]]],
      memory: ['G', [1, 1 + 2 ** -6, Infinity]],
    },
  ],
  'STORE.I8': [
    { line: 'STORE.I8 [Q], t0', tiles: [[[2.5, -200, NaN]]], memory: ['Q', [2, -128, 0]] },
    { line: 'STORE.I8 [Q + 1], t0', tiles: [[[3.5, 127.5]]], memory: ['Q', [-128, 4, 127]] },
  ],
  'STORE.I32': [
    {
      line: 'STORE.I32 [N], t0',
      tiles: [[[2.9, -2.9, 3e9, NaN]]],
      memory: ['N', [2, -2, 2 ** 31 - 1, 0]],
    },
  ],
  QUANT: [
    {
      line: 'QUANT t9, t0, t1',
      tiles: [
        [
          [1, 5, 200],
          [-0.5, NaN, -200],
        ],
        [[0.5], [1]],
      ],
      tile: [
        9,
        [
          [0, 2, 100],
          [0, 0, -127],
        ],
      ],
    },
  ],
  // What it leaves is seen with DEQUANT's eyes; the bits are those of int32.
  'MATMUL.I8': [
    {
      line: 'MATMUL.I8 t9, t0, t1',
      tiles: [A, B],
      tile: [
        9,
        [
          [asFloat(70), asFloat(100)],
          [asFloat(150), asFloat(220)],
        ],
      ],
    },
    {
      line: 'MATMUL.I8.T t9, t0, t1',
      tiles: [[[-128, 127]], [[-128, -128]]],
      tile: [9, [[asFloat(128)]]],
    },
    // The accumulator starts as int32 0 and 1.
    {
      line: 'MATMUL.I8.ACC t2, t0, t1',
      tiles: [[[3]], [[5, 7]], [[0, 2 ** -149]]],
      tile: [2, [[asFloat(15), asFloat(22)]]],
    },
  ],
  // 2^-149 is the float32 of the bits 1, and 1.0 that of 0x3f800000.
  DEQUANT: [
    {
      line: 'DEQUANT t9, t0, t1, t2',
      tiles: [
        [
          [2 ** -149, 1],
          [0, -0],
        ],
        [[0.5], [2]],
        [[4, 1]],
      ],
      tile: [
        9,
        [
          [2, 0x3f800000 / 2],
          [0, -(2 ** 32)],
        ],
      ],
    },
  ],
};

/** Functions are good to 1 ULP (docs/numerics.md); what has one operation is exact. */
const STEPS: Readonly<Record<string, number>> = {
  EXP: 1,
  SIGMOID: 1,
  TANH: 1,
  ERF: 1,
  LOG: 1,
  SILU: 1,
  'GELU.ERF': 1,
  'GELU.TANH': 1,
  // exp, a sum of two and a quotient.
  SOFTMAX: 3,
};

const SYMBOLS = [
  'M: .f32 2, 3 = range(0, 1)',
  'N: .i32 4 = [10, -20, 30, -40]',
  'L: .i32 2 = [0x1000001, 0x1000003]',
  'H: .f16 2, 2 = [1, -0.5, 65504, 1 / 0x1000000]',
  `G: .bf16 3 = [1, -2, ${2 ** 127}]`,
  'Q: .i8 3 = [-128, 127, 5]',
];

function textOf({ line, tiles = [], scalars = [] }: Case): string {
  return [
    '.data',
    ...SYMBOLS,
    ...tiles.map((rows, t) => {
      const values = rows.flat().map(printFloat32).join(', ');
      return `I${t}: .f32 ${rows.length}, ${rows[0]!.length} = [${values}]`;
    }),
    '.text',
    ...tiles.map((_, t) => `LOAD t${t}, [I${t}]`),
    ...scalars.map((value, r) => `LI r${r + 1}, ${value}`),
    line,
    'LI r10, 1',
    'HALT',
    'there: LI r10, 2',
    'HALT',
    ...SYMBOLS.map((line) => `.show ${line[0]!}`),
  ].join('\n');
}

function check(mnemonic: string, example: Case): void {
  const program = assembleText(textOf(example));
  const vm = new Vm(program, example.options);
  while (vm.next());
  expect(vm.trap).toBeUndefined();
  if (example.tile) {
    const [register, rows] = example.tile;
    const { rows: height, cols: width, data } = vm.tile(register)!;
    expect([height, width]).toEqual([rows.length, rows[0]!.length]);
    rows.flat().forEach((value, i) => {
      expect(ulpDistance(data[i]!, value)).toBeLessThanOrEqual(STEPS[mnemonic] ?? 0);
    });
  }
  if (example.scalar) expect(vm.scalar(example.scalar[0])).toBe(example.scalar[1]);
  if (example.memory) {
    const symbol = findSymbol(program, example.memory[0])!;
    expect([...symbolValues(vm, symbol)]).toEqual(example.memory[1]);
  }
  if (example.tokens) expect(vm.emittedTokens).toEqual(example.tokens);
  if (example.jumps !== undefined) expect(vm.scalar(10)).toBe(example.jumps ? 2 : 1);
  if (mnemonic === 'HALT') expect(vm.scalar(10)).toBeUndefined();
}

describe('what each instruction computes', () => {
  it('has a case for every instruction of the table, and for no other', () => {
    expect(Object.keys(CASES)).toEqual(INSTRUCTIONS.map(({ mnemonic }) => mnemonic));
  });

  for (const [mnemonic, cases] of Object.entries(CASES)) {
    it(mnemonic, () => {
      expect(cases.length).toBeGreaterThan(0);
      for (const example of cases) check(mnemonic, example);
    });
  }
});
