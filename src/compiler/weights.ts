/** Weights as a program wants them: those of all layers one behind the other. */
import type { Weight } from '../model/graph.ts';
import type { ElementFormat } from '../tensor/formats.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Buffer } from './passes/plan.ts';

/** A weight as the program wants it: that of every layer, where there are layers. */
export interface WeightTensor {
  /** How the program's memory keeps it. */
  readonly format: ElementFormat;
  readonly dtype: HostTensor['dtype'];
  readonly shape: readonly number[];
  readonly read: () => HostTensor;
}

/** The weights among the symbols of a program. */
export function weightsOf(symbols: ReadonlyMap<string, Buffer>): ReadonlyMap<string, WeightTensor> {
  const weights = new Map<string, WeightTensor>();
  for (const [symbol, { role, weights: parts, shape, dtype }] of symbols) {
    if (role !== 'weight') continue;
    const type = dtype === 'i32' ? 'i32' : 'f32';
    const read = () => stackTensors(type, shape, parts);
    weights.set(symbol, { format: parts[0]?.format ?? type, dtype: type, shape, read });
  }
  return weights;
}

/** The weights of all layers, one behind the other. */
function stackTensors(
  dtype: HostTensor['dtype'],
  shape: readonly number[],
  parts: readonly Weight[],
): HostTensor {
  const [only] = parts;
  if (parts.length === 1 && only!.shape.length === shape.length) return only!.read();
  const count = shape.reduce((n, dim) => n * dim, 1);
  const data = dtype === 'f32' ? new Float32Array(count) : new Int32Array(count);
  parts.forEach((part, i) => data.set(part.read().data, (i * count) / parts.length));
  return { dtype, shape, data };
}
