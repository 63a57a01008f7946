/** What several ONNX operators do with elements, for every type: casts, comparisons, choices, signs. */
import type { DataType } from '../data-types.ts';
import { dataType } from '../data-types.ts';
import type { Tensors } from '../tensors.ts';
import type { Value } from '../value.ts';
import { need, showValue } from '../value.ts';

/** Narrow integers wrap around: ((x − least) mod size) + least, the remainder made positive. */
export function wrapped(tensors: Tensors, x: Value): Value {
  const { range } = x.type;
  if (!range) return x;
  const { size, least } = range;
  const modulus = tensors.scalar(size, x.type);
  const moved = least === 0 ? x : tensors.op('sub', [x, tensors.scalar(least, x.type)]);
  const once = tensors.op('rem', [moved, modulus]);
  const positive = tensors.op('rem', [tensors.op('add', [once, modulus]), modulus]);
  return least === 0 ? positive : tensors.op('add', [positive, tensors.scalar(least, x.type)]);
}

/** x as another type, as ONNX casts: integers wrap, floats lose their fraction. */
export function castTo(tensors: Tensors, x: Value, to: DataType): Value {
  const cast = tensors.cast(x, to);
  return x.type.dtype === 'bool' || holds(to, x.type) ? cast : wrapped(tensors, cast);
}

/** Whether every value of a narrow type is one of another. */
function holds({ range: outer }: DataType, { range: inner }: DataType): boolean {
  if (!outer || !inner) return false;
  const [end, innerEnd] = [outer.least + outer.size, inner.least + inner.size];
  return outer.least <= inner.least && innerEnd <= end;
}

/** Throws unless both are floats, both integers or both bools. */
export function sameKind(a: Value, b: Value): void {
  need(a.type.dtype === b.type.dtype, `${showValue(a)} meets ${showValue(b)}`);
}

/** What compares takes floats; the difference of integers has the same sign as a float. */
export function compare(tensors: Tensors, op: 'less' | 'equal', a: Value, b: Value): Value {
  sameKind(a, b);
  if (a.type.dtype !== 'i32') return tensors.op(op, [a, b]);
  const difference = tensors.cast(tensors.op('sub', [a, b]), dataType('float32'));
  return tensors.op(op, [difference, tensors.scalar(0)]);
}

export function not(tensors: Tensors, x: Value): Value {
  need(x.type.dtype === 'bool', `${showValue(x)} is no truth value`);
  return tensors.op('equal', [x, tensors.scalar(0, x.type)]);
}

/** Of integers c a + (1 − c) b, which is exact for those beyond what a float holds. */
export function select(tensors: Tensors, condition: Value, a: Value, b: Value): Value {
  sameKind(a, b);
  if (a.type.dtype !== 'i32') return tensors.op('where', [condition, a, b]);
  const chosen = tensors.cast(condition, a.type);
  const others = tensors.op('sub', [tensors.scalar(1, a.type), chosen]);
  return tensors.op('add', [tensors.op('mul', [chosen, a]), tensors.op('mul', [others, b])]);
}

export function negative(tensors: Tensors, x: Value): Value {
  if (x.type.dtype === 'f32') return tensors.op('neg', [x]);
  return wrapped(tensors, tensors.op('sub', [tensors.scalar(0, x.type), x]));
}

export function absolute(tensors: Tensors, x: Value): Value {
  return tensors.op('max', [x, negative(tensors, x)]);
}

/** Floats from here on have no fraction. */
const WHOLE_FLOATS = 2 ** 23;

/** x without its fraction; floats that have none need not fit an integer. */
export function truncated(tensors: Tensors, x: Value): Value {
  const limit = tensors.scalar(WHOLE_FLOATS, x.type);
  const isSmall = tensors.op('less', [absolute(tensors, x), limit]);
  const small = tensors.op('where', [isSmall, x, tensors.scalar(0, x.type)]);
  const whole = tensors.cast(tensors.cast(small, dataType('int32')), x.type);
  return tensors.op('where', [isSmall, whole, x]);
}
