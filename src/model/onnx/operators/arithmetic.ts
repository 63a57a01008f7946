/** ONNX operators on single elements: arithmetic, comparison, logic, types. Source: onnx.ai/onnx/operators. */
import { dataType, typeOfCode } from '../data-types.ts';
import type { Lowering, NodeContext } from '../node.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { knownValues, need, showValue } from '../value.ts';
import {
  absolute,
  castTo,
  compare,
  negative,
  not,
  sameKind,
  select,
  truncated,
  wrapped,
} from './elements.ts';

const arithmetic =
  (op: string): Lowering =>
  (node) => {
    const [a, b] = [node.input(0), node.input(1)];
    sameKind(a, b);
    return wrapped(node.tensors, node.tensors.op(op, [a, b]));
  };

/** The operands one after another: Sum, Max and Min have any number of them. */
const variadic =
  (op: string): Lowering =>
  (node) =>
    node.inputs().reduce((a, b) => {
      sameKind(a, b);
      return wrapped(node.tensors, node.tensors.op(op, [a, b]));
    });

const mean: Lowering = (node) => {
  const sum = node.inputs().reduce((a, b) => node.tensors.op('add', [a, b]));
  return node.tensors.op('mul', [sum, node.scalar(1 / node.inputs().length, sum)]);
};

/** Either comparison: of NaN neither holds, so this is not the opposite of the other direction. */
const orEqual = (tensors: Tensors, a: Value, b: Value): Value =>
  tensors.op('max', [compare(tensors, 'less', a, b), compare(tensors, 'equal', a, b)]);

const comparison =
  (apply: (tensors: Tensors, a: Value, b: Value) => Value): Lowering =>
  (node) =>
    apply(node.tensors, node.input(0), node.input(1));

const logic =
  (apply: (tensors: Tensors, a: Value, b: Value) => Value): Lowering =>
  (node) => {
    const [a, b] = [node.input(0), node.input(1)];
    const isBool = a.type.dtype === 'bool' && b.type.dtype === 'bool';
    need(isBool, `${showValue(a)} meets ${showValue(b)}`, 'both must be bool');
    return apply(node.tensors, a, b);
  };

/** The type is that of the base; powers of integers go through float32. */
const power: Lowering = (node) => {
  const { tensors } = node;
  const [base, exponent] = [node.input(0), node.input(1)];
  const known = knownValues(exponent);
  if (known?.length === 1 && known[0] === 2 && exponent.shape.length <= base.shape.length) {
    return wrapped(tensors, tensors.op('mul', [base, base]));
  }
  const float = dataType('float32');
  const result = tensors.op('pow', [tensors.cast(base, float), tensors.cast(exponent, float)]);
  return castTo(tensors, result, base.type);
};

/** With fmod the sign is that of a; without, of integers only, that of b. */
const modulo: Lowering = (node) => {
  const { tensors } = node;
  const [a, b] = [node.input(0), node.input(1)];
  sameKind(a, b);
  const hasSignOfA = node.flag('fmod');
  if (a.type.dtype === 'i32') {
    const rest = tensors.op('rem', [a, b]);
    return hasSignOfA ? rest : tensors.op('rem', [tensors.op('add', [rest, b]), b]);
  }
  need(hasSignOfA, 'floats need the attribute fmod');
  const whole = truncated(tensors, tensors.op('div', [a, b]));
  const product = tensors.op('mul', [whole, b]);
  return tensors.op('sub', [a, product]);
};

const clip: Lowering = (node) => {
  const { tensors } = node;
  const x = node.input(0);
  const [low, high] = node.opset < 11 ? clipAttributes(node) : [node.optional(1), node.optional(2)];
  const raised = low ? tensors.op('max', [x, low]) : x;
  return high ? tensors.op('min', [raised, high]) : raised;
};

/** Before opset 11 the bounds were attributes. */
function clipAttributes(node: NodeContext): readonly Value[] {
  const bounds = [node.number('min', -Infinity), node.number('max', Infinity)];
  return bounds.map((bound) => node.scalar(bound, node.input(0)));
}

/** One less than truncated where that is above x. */
function floor(tensors: Tensors, x: Value): Value {
  const whole = truncated(tensors, x);
  const isAbove = tensors.cast(tensors.op('less', [x, whole]), x.type);
  return tensors.op('sub', [whole, isAbove]);
}

const cast: Lowering = (node) => {
  // Both say what floats of 8 bits do, which are not read.
  node.integer('saturate', 1);
  node.text('round_mode', 'up');
  return castTo(node.tensors, node.input(0), typeOfCode(node.integer('to', 0), 'Cast'));
};

const castLike: Lowering = (node) => {
  node.integer('saturate', 1);
  node.text('round_mode', 'up');
  return castTo(node.tensors, node.input(0), node.input(1).type);
};

export const ARITHMETIC: Readonly<Record<string, Lowering>> = {
  Add: arithmetic('add'),
  Sub: arithmetic('sub'),
  Mul: arithmetic('mul'),
  Div: arithmetic('div'),
  Pow: power,
  Mod: modulo,
  Sum: variadic('add'),
  Max: variadic('max'),
  Min: variadic('min'),
  Mean: mean,
  Neg: (node) => negative(node.tensors, node.input(0)),
  Abs: (node) => absolute(node.tensors, node.input(0)),
  Floor: (node) => floor(node.tensors, node.input(0)),
  Ceil: (node) =>
    negative(node.tensors, floor(node.tensors, negative(node.tensors, node.input(0)))),
  Clip: clip,
  Cast: cast,
  CastLike: castLike,
  Equal: comparison((tensors, a, b) => compare(tensors, 'equal', a, b)),
  Less: comparison((tensors, a, b) => compare(tensors, 'less', a, b)),
  Greater: comparison((tensors, a, b) => compare(tensors, 'less', b, a)),
  LessOrEqual: comparison(orEqual),
  GreaterOrEqual: comparison((tensors, a, b) => orEqual(tensors, b, a)),
  Not: (node) => not(node.tensors, node.input(0)),
  And: logic((tensors, a, b) => tensors.op('min', [a, b])),
  Or: logic((tensors, a, b) => tensors.op('max', [a, b])),
  Xor: logic((tensors, a, b) => not(tensors, tensors.op('equal', [a, b]))),
  Where: (node) => select(node.tensors, node.input(0), node.input(1), node.input(2)),
};
