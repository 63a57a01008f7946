/** Operators of our graphs on constants: what the machine would compute, computed while converting. */
import type { Attributes, ElementType } from '../graph.ts';
import { elementCount } from '../../tensor/host-tensor.ts';
import type { Values } from './data-types.ts';
import { BINARY, castElement, UNARY } from './fold-elements.ts';
import { axisFrom, need } from './value.ts';
import { broadcastStrides, rowMajor, stridedOffsets } from './strides.ts';

export interface Known {
  readonly shape: readonly number[];
  readonly values: Values;
}

export interface FoldedType {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

/** Writes the elements of the result; `out` rounds to float32 when the result is one. */
type Fold = (
  out: Values,
  inputs: readonly Known[],
  attributes: Attributes,
  type: FoldedType,
) => void;

const binary =
  (apply: (a: number, b: number) => number): Fold =>
  (out, [a, b], _, { dtype, shape }) => {
    const left = stridedOffsets(shape, broadcastStrides(a.shape, shape));
    const right = stridedOffsets(shape, broadcastStrides(b.shape, shape));
    for (let i = 0; i < out.length; i++) {
      const result = apply(a.values[left[i]], b.values[right[i]]);
      out[i] = dtype === 'i32' ? wholeQuotient(result) : result;
    }
  };

/** Integers divide towards zero; nothing else gives a fraction of integers. */
function wholeQuotient(value: number): number {
  need(Number.isFinite(value), 'an integer is divided by 0');
  return Math.trunc(value);
}

const view =
  (strides: (x: Known, attributes: Attributes, shape: readonly number[]) => View): Fold =>
  (out, [x], attributes, { shape }) => {
    const { steps, start } = strides(x, attributes, shape);
    const offsets = stridedOffsets(shape, steps, start);
    for (let i = 0; i < out.length; i++) out[i] = x.values[offsets[i]];
  };

interface View {
  readonly steps: readonly number[];
  readonly start: number;
}

const reduce =
  (
    begin: number,
    step: (sum: number, x: number) => number,
    end: (sum: number, count: number) => number = (sum) => sum,
  ): Fold =>
  (out, [x], { axes }, { dtype }) => {
    const reduced = new Set((axes as readonly number[]).map((a) => axisFrom(a, x.shape.length)));
    const all = x.shape.map((_, axis) => axis);
    const order = [...all.filter((a) => !reduced.has(a)), ...all.filter((a) => reduced.has(a))];
    const strides = rowMajor(x.shape);
    const offsets = stridedOffsets(
      order.map((axis) => x.shape[axis]),
      order.map((axis) => strides[axis]),
    );
    const count = elementCount([...reduced].map((axis) => x.shape[axis]));
    for (let i = 0; i < out.length; i++) {
      let sum = begin;
      for (let j = 0; j < count; j++) sum = step(sum, x.values[offsets[i * count + j]]);
      const result = end(sum, count);
      out[i] = dtype === 'i32' ? Math.trunc(result) : result;
    }
  };

const FOLDS: Readonly<Record<string, Fold>> = {
  ...Object.fromEntries(Object.entries(BINARY).map(([op, apply]) => [op, binary(apply)])),
  ...Object.fromEntries(
    Object.entries(UNARY).map(([op, apply]): [string, Fold] => [
      op,
      (out, [x]) => {
        for (let i = 0; i < out.length; i++) out[i] = apply(x.values[i]);
      },
    ]),
  ),
  reshape: (out, [x]) => {
    out.set(x.values);
  },
  expand: view((x, _, shape) => ({ steps: broadcastStrides(x.shape, shape), start: 0 })),
  transpose: view((x, { perm }) => {
    const strides = rowMajor(x.shape);
    return { steps: (perm as readonly number[]).map((axis) => strides[axis]), start: 0 };
  }),
  slice: view((x, attributes) => {
    const { starts, steps } = attributes as Record<string, readonly number[]>;
    const strides = rowMajor(x.shape);
    return {
      steps: strides.map((stride, axis) => stride * steps[axis]),
      start: strides.reduce((sum, stride, axis) => sum + stride * starts[axis], 0),
    };
  }),
  reduce_sum: reduce(0, (sum, x) => sum + x),
  reduce_mean: reduce(
    0,
    (sum, x) => sum + x,
    (sum, count) => sum / count,
  ),
  reduce_max: reduce(-Infinity, (sum, x) => Math.max(sum, x)),
  where: (out, [condition, a, b], _, { shape }) => {
    const offsets = [condition, a, b].map((x) =>
      stridedOffsets(shape, broadcastStrides(x.shape, shape)),
    );
    for (let i = 0; i < out.length; i++) {
      const holds = condition.values[offsets[0][i]] !== 0;
      out[i] = holds ? a.values[offsets[1][i]] : b.values[offsets[2][i]];
    }
  },
  cast: (out, [x], { to }) => {
    for (let i = 0; i < out.length; i++) out[i] = castElement(String(to), x.values[i]);
  },
  concat: (out, inputs, { axis }) => {
    const at = axisFrom(Number(axis), inputs[0].shape.length);
    const widths = inputs.map(({ shape }) => elementCount(shape.slice(at)));
    const rows = elementCount(inputs[0].shape.slice(0, at));
    let filled = 0;
    for (let row = 0; row < rows; row++) {
      inputs.forEach(({ values }, i) => {
        out.set(values.subarray(row * widths[i], (row + 1) * widths[i]), filled);
        filled += widths[i];
      });
    }
  },
  gather: (out, [x, indices], { axis }) => {
    const at = axisFrom(Number(axis), x.shape.length);
    const length = x.shape[at];
    const width = elementCount(x.shape.slice(at + 1));
    const rows = elementCount(x.shape.slice(0, at));
    let filled = 0;
    for (let row = 0; row < rows; row++) {
      for (const index of indices.values) {
        need(index >= 0 && index < length, `index ${index} of ${length} elements`);
        const start = (row * length + index) * width;
        out.set(x.values.subarray(start, start + width), filled);
        filled += width;
      }
    }
  },
  linear: (out, [x, w], { transposed }) => {
    const inner = x.shape[1];
    const columns = w.shape[transposed === true ? 0 : 1];
    const [down, across] = transposed === true ? [1, inner] : [columns, 1];
    for (let i = 0; i < out.length; i++) {
      const row = Math.floor(i / columns) * inner;
      const column = (i % columns) * across;
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += x.values[row + k] * w.values[column + k * down];
      out[i] = sum;
    }
  },
};

/** The values of an operator on known operands; undefined when it is none of those that are folded. */
export function fold(
  op: string,
  inputs: readonly Known[],
  attributes: Attributes,
  type: FoldedType,
): Values | undefined {
  const apply = FOLDS[op];
  if (!apply) return undefined;
  const count = elementCount(type.shape);
  const out = type.dtype === 'i32' ? new Float64Array(count) : new Float32Array(count);
  if (count > 0) apply(out, inputs, attributes, type);
  return out;
}

/** Whether `fold` knows this operator. */
export function canFold(op: string, operands: number): boolean {
  return op in FOLDS && !(op === 'linear' && operands > 2);
}

/** Whether an element of the result costs but a few steps, so that weights may be folded too. */
export function isCheap(op: string): boolean {
  return op !== 'linear';
}
