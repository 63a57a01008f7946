/** Runs ONNX models of tests through the reference evaluator. */
import type { TypeName } from '../../src/model/onnx/data-types.ts';
import { dataType } from '../../src/model/onnx/data-types.ts';
import { importOnnx } from '../../src/model/onnx/import.ts';
import type { RefTensor } from '../../src/reference/graph.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import { elementCount } from '../../src/tensor/host-tensor.ts';
import type { AttributeSource, NodeSource, TensorSource } from './onnx-writer.ts';
import { onnxModel } from './onnx-writer.ts';

/** A tensor for a test: float32 unless said otherwise. */
export function tensor(
  shape: readonly number[],
  values: readonly number[],
  type: TypeName = 'float32',
): TensorSource {
  if (values.length !== elementCount(shape)) throw new Error(`${values.length} values`);
  return { type, shape, values };
}

export interface RunOptions {
  readonly opset?: number;
  /** Whether operands are constants of the model rather than inputs of its graph: all, or which. */
  readonly constant?: boolean | readonly number[];
  /** How many outputs the node has. */
  readonly outputs?: number;
}

/** The outputs of one node on these operands, `undefined` where one is absent. */
export function runNode(
  op: string,
  operands: readonly (TensorSource | undefined)[],
  attributes: Readonly<Record<string, AttributeSource>> = {},
  { opset = 24, constant = false, outputs = 1 }: RunOptions = {},
): readonly RefTensor[] {
  const named = operands.map((operand, i) => operand && { ...operand, name: `x${i}` });
  const isConstant = (i: number) =>
    typeof constant === 'boolean' ? constant : constant.includes(i);
  const given = (which: boolean) =>
    named.filter((operand, i) => operand !== undefined && isConstant(i) === which).map((x) => x!);
  const results = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const inputs = named.map((operand) => operand?.name ?? '');
  const node: NodeSource = { op, inputs, outputs: results, attributes };
  const bytes = onnxModel({
    nodes: [node],
    outputs: results,
    opset,
    initializers: given(true),
    inputs: given(false),
  });
  const found = runModel(
    bytes,
    new Map(given(false).map((source) => [source.name, hostOf(source)])),
  );
  return results.map((name) => found.get(name)!);
}

/** The outputs of a model; every input is given. */
export function runModel(
  bytes: Uint8Array,
  inputs: ReadonlyMap<string, HostTensor>,
): Map<string, RefTensor> {
  const { graph } = importOnnx(bytes, { inputs });
  return evaluateGraph(graph, referenceInputs(inputs));
}

/** Host tensors as the reference takes them. */
export function referenceInputs(inputs: ReadonlyMap<string, HostTensor>): Map<string, RefTensor> {
  return new Map(
    [...inputs].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}

function hostOf({ type, shape, values }: TensorSource): HostTensor {
  return dataType(type).dtype === 'i32'
    ? { dtype: 'i32', shape, data: Int32Array.from(values) }
    : { dtype: 'f32', shape, data: Float32Array.from(values) };
}

/** Where each index of a shape is, in row-major order. */
export function* indices(shape: readonly number[]): Generator<number[]> {
  const count = elementCount(shape);
  for (let i = 0; i < count; i++) {
    let rest = i;
    const index = shape.map(() => 0);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    yield index;
  }
}

/** The element at an index, which may be one of a shape that this one broadcasts to. */
export function at({ shape, values }: TensorSource, index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  let offset = 0;
  shape.forEach((size, axis) => {
    offset = offset * size + (size === 1 ? 0 : own[axis]);
  });
  return values[offset];
}
