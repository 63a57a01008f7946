/** The kernels that a machine may choose: the plain loops, which are the definition, or faster ones with their bits. */

import type { Tile } from '../tile.ts';
import { exp, relu, sqrt } from './activations.ts';
import { add, div, max, min, mul, sub } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { normLayer, normRms } from './norm.ts';
import { rowMax, rowSum } from './rows.ts';
import { softmax } from './softmax.ts';

type Unary = (out: Tile, s: Tile) => void;
type Binary = (out: Tile, a: Tile, b: Tile) => void;

/** Each is what the plain kernel of its name says. */
export interface Kernels {
  readonly matmul: typeof matmul;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly max: Binary;
  readonly min: Binary;
  readonly exp: Unary;
  readonly relu: Unary;
  readonly sqrt: Unary;
  readonly rowSum: Unary;
  readonly rowMax: Unary;
  readonly softmax: typeof softmax;
  readonly normLayer: typeof normLayer;
  readonly normRms: typeof normRms;
}

export const PLAIN_KERNELS: Kernels = {
  matmul,
  add,
  sub,
  mul,
  div,
  max,
  min,
  exp,
  relu,
  sqrt,
  rowSum,
  rowMax,
  softmax,
  normLayer,
  normRms,
};
