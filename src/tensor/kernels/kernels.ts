/** The kernels that a machine may choose: the plain loops, which are the definition, or faster ones with their bits. */

import type { Tile } from '../tile.ts';
import { erf, exp, geluErf, geluTanh, log, relu, rsqrt, sigmoid, silu } from './activations.ts';
import { sqrt, tanh, trunc } from './activations.ts';
import { add, div, equal, less, max, min, mul, select, sub } from './elementwise.ts';
import { rope, transpose } from './layout.ts';
import { matmul } from './matmul.ts';
import { normLayer, normRms } from './norm.ts';
import { dequant, firstNotInt8, matmulInt8, quant } from './quantized.ts';
import { rowMax, rowSum } from './rows.ts';
import { softmax } from './softmax.ts';

type Unary = (out: Tile, s: Tile) => void;
type Binary = (out: Tile, a: Tile, b: Tile) => void;

/** The kernels of one operand, and of two that broadcast. */
const UNARY = {
  exp,
  relu,
  sqrt,
  trunc,
  sigmoid,
  tanh,
  rsqrt,
  log,
  erf,
  silu,
  geluErf,
  geluTanh,
  rowSum,
  rowMax,
  transpose,
} as const satisfies Record<string, Unary>;

const BINARY = { add, sub, mul, div, max, min, less, equal } as const satisfies Record<
  string,
  Binary
>;

/** Each is what the plain kernel of its name says. */
export interface Kernels
  extends
    Readonly<Record<keyof typeof UNARY, Unary>>,
    Readonly<Record<keyof typeof BINARY, Binary>> {
  readonly matmul: typeof matmul;
  readonly softmax: typeof softmax;
  readonly normLayer: typeof normLayer;
  readonly normRms: typeof normRms;
  readonly rope: typeof rope;
  readonly select: typeof select;
  readonly firstNotInt8: typeof firstNotInt8;
  readonly matmulInt8: typeof matmulInt8;
  readonly quant: typeof quant;
  readonly dequant: typeof dequant;
}

export const PLAIN_KERNELS: Kernels = {
  ...UNARY,
  ...BINARY,
  matmul,
  softmax,
  normLayer,
  normRms,
  rope,
  select,
  firstNotInt8,
  matmulInt8,
  quant,
  dequant,
};
