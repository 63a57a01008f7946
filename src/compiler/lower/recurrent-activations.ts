/** The activation functions of recurrent layers, as instructions on tiles. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { add } from '../../../isa/instructions/add.ts';
import { div } from '../../../isa/instructions/div.ts';
import { exp } from '../../../isa/instructions/exp.ts';
import { less } from '../../../isa/instructions/less.ts';
import { log } from '../../../isa/instructions/log.ts';
import { max } from '../../../isa/instructions/max.ts';
import { min } from '../../../isa/instructions/min.ts';
import { mul } from '../../../isa/instructions/mul.ts';
import { relu } from '../../../isa/instructions/relu.ts';
import { select } from '../../../isa/instructions/select.ts';
import { sigmoid } from '../../../isa/instructions/sigmoid.ts';
import { sub } from '../../../isa/instructions/sub.ts';
import { tanh } from '../../../isa/instructions/tanh.ts';
import { GraphError } from '../../model/graph.ts';
import type { KernelBuilder } from '../kernel/builder.ts';
import type { TileValue } from '../kernel/kernel.ts';

/** Arithmetic on tiles of one shape; a number stands for a tile of it. */
export class TileArithmetic {
  private readonly builder: KernelBuilder;
  private readonly constants = new Map<number, TileValue>();

  constructor(builder: KernelBuilder) {
    this.builder = builder;
  }

  unary(definition: InstructionDefinition, ts: TileValue, note = ''): TileValue {
    return this.builder.compute(definition, ts.rows, ts.cols, { ts }, note);
  }

  /** One operand at least is a tile of the full shape; a row or a column broadcasts to it. */
  binary(
    definition: InstructionDefinition,
    a: TileValue | number,
    b: TileValue | number,
    note = '',
  ): TileValue {
    const shape = [a, b].reduce((x, y) => (isSmaller(x, y) ? y : x)) as TileValue;
    const operands = { ta: this.tile(a), tb: this.tile(b) };
    return this.builder.compute(definition, shape.rows, shape.cols, operands, note);
  }

  choose(condition: TileValue, a: TileValue | number, b: TileValue | number): TileValue {
    const operands = { tc: condition, ta: this.tile(a), tb: this.tile(b) };
    return this.builder.compute(select, condition.rows, condition.cols, operands);
  }

  private tile(value: TileValue | number): TileValue {
    if (typeof value !== 'number') return value;
    const known = this.constants.get(value) ?? this.builder.fill(value, 1, 1);
    this.constants.set(value, known);
    return known;
  }
}

/** Whether the second operand alone can have the shape of the result. */
const isSmaller = (x: TileValue | number, y: TileValue | number): boolean =>
  typeof x === 'number' || (x.rows === 1 && typeof y !== 'number');

export type Activation = (tiles: TileArithmetic, x: TileValue) => TileValue;

/** ONNX's operators of these names, with their default parameters; `affine` and `scaled_tanh` have factors of 1. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  tanh: (tiles, x) => tiles.unary(tanh, x),
  sigmoid: (tiles, x) => tiles.unary(sigmoid, x),
  relu: (tiles, x) => tiles.unary(relu, x),
  affine: (_, x) => x,
  scaled_tanh: (tiles, x) => tiles.unary(tanh, x),
  leaky_relu: (tiles, x) => tiles.binary(max, x, tiles.binary(mul, x, 0.01)),
  thresholded_relu: (tiles, x) => tiles.choose(tiles.binary(less, x, 1), 0, x),
  hard_sigmoid: (tiles, x) => limited(tiles, tiles.binary(add, tiles.binary(mul, x, 0.2), 0.5), 0, 1), // prettier-ignore
  elu(tiles, x) {
    const below = tiles.binary(sub, tiles.unary(exp, tiles.binary(min, x, 0)), 1);
    return tiles.choose(tiles.binary(less, x, 0), below, x);
  },
  softsign: (tiles, x) => tiles.binary(div, x, tiles.binary(add, size(tiles, x), 1)),
  // log(1 + eˣ), written so that eˣ cannot overflow
  softplus(tiles, x) {
    const small = tiles.unary(exp, tiles.binary(mul, size(tiles, x), -1));
    return tiles.binary(add, tiles.unary(relu, x), tiles.unary(log, tiles.binary(add, small, 1)));
  },
};

/** |x|. */
const size = (tiles: TileArithmetic, x: TileValue): TileValue =>
  tiles.binary(max, x, tiles.binary(mul, x, -1));

const limited = (tiles: TileArithmetic, x: TileValue, low: number, high: number): TileValue =>
  tiles.binary(min, tiles.binary(max, x, low), high);

/** The activation of this name; GraphError when there is none. */
export function activationNamed(name: string, node: string): Activation {
  const activation = ACTIVATIONS[name];
  if (activation) return activation;
  const known = Object.keys(ACTIVATIONS).join(', ');
  throw new GraphError(`node ${node}: there is no activation ${name}`, `there are ${known}`);
}

/** The activation behind a cut to ±clip, which is none where clip is 0. */
export function clipped(activation: Activation, clip: number): Activation {
  if (clip === 0) return activation;
  return (tiles, x) => activation(tiles, limited(tiles, x, -clip, clip));
}
