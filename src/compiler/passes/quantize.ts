/** Quantisation: weights of linear maps as int8, with one scale for each output. */
import type { Graph } from '../../model/graph.ts';
import type { LinearWeight, Rewritten } from './rewrite-linear.ts';
import { once, rewriteLinears } from './rewrite-linear.ts';

/** The largest integer; −128 is not used, so that the range is symmetric. */
const LIMIT = 127;

/**
 * w ≈ q · scale with q = round(w / scale) and scale = max |w| / 127 over the weights of one output
 * (symmetric per-channel quantisation: Krishnamoorthi, 2018, section 3). x is rounded in the same
 * way, row by row, by the program.
 */
export function quantize(graph: Graph): Graph {
  return rewriteLinears(graph, quantizeWeight);
}

function quantizeWeight({ weight, bias, transposed }: LinearWeight): Rewritten {
  const [rows, cols] = weight.shape as [number, number];
  const outputs = transposed ? rows : cols;
  const parts = once(() => {
    const { data } = weight.read();
    const outputOf = (i: number) => (transposed ? Math.floor(i / cols) : i % cols);
    return quantizeValues(data as Float32Array, outputs, outputOf);
  });
  const integers = `${weight.name} int8`;
  const scale = `${weight.name} scale`;
  const named = { rowNames: [], colNames: [] };
  return {
    weights: [
      {
        name: integers,
        dtype: 'i32',
        format: 'i8',
        shape: weight.shape,
        read: () => ({ dtype: 'i32', shape: weight.shape, data: parts().integers }),
        ...named,
      },
      {
        name: scale,
        dtype: 'f32',
        shape: [outputs],
        read: () => ({ dtype: 'f32', shape: [outputs], data: parts().scales }),
        ...named,
      },
    ],
    inputs: [integers, bias, scale],
    attributes: { weights: 'int8' },
  };
}

function quantizeValues(
  values: Float32Array,
  outputs: number,
  outputOf: (index: number) => number,
): { readonly integers: Int32Array; readonly scales: Float32Array } {
  const scales = new Float32Array(outputs);
  values.forEach((value, i) => {
    const output = outputOf(i);
    scales[output] = Math.max(scales[output]!, Math.abs(value));
  });
  scales.forEach((largest, output) => (scales[output] = largest / LIMIT));
  const integers = Int32Array.from(values, (value, i) => {
    const scale = scales[outputOf(i)]!;
    if (scale === 0) return 0;
    return Math.max(-LIMIT, Math.min(LIMIT, Math.round(value / scale)));
  });
  return { integers, scales };
}
