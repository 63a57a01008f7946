/** Quantisation: weights of linear maps as int8, with one scale for each output. */
import type { Graph } from '../../model/graph.ts';
import { elementAt, packTiles } from './pack.ts';
import type { LinearWeight, Rewritten } from './rewrite-linear.ts';
import { once, rewriteLinears } from './rewrite-linear.ts';

/** The largest integer; −128 is not used, so that the range is symmetric. */
const LIMIT = 127;

/**
 * w ≈ q · scale with q = round(w / scale) and scale = max |w| / 127 over the weights of one output
 * (symmetric per-channel quantisation: Krishnamoorthi, 2018, section 3). x is rounded in the same
 * way, row by row, by the program.
 */
export function quantize(graph: Graph, edge: number): Graph {
  return rewriteLinears(graph, (linear) => quantizeWeight(linear, edge));
}

function quantizeWeight({ weight, bias, transposed }: LinearWeight, edge: number): Rewritten {
  const [rows, cols] = weight.shape as [number, number];
  const [inner, out] = transposed ? [cols, rows] : [rows, cols];
  const shape = [Math.ceil(inner / edge) * Math.ceil(out / edge) * edge, edge];
  const parts = once(() => {
    const at = elementAt(weight.read().data, inner, out, transposed);
    const scales = scalesOf(at, inner, out);
    const integers = (i: number, j: number) => integerOf(at(i, j), scales[j]!);
    return { scales, integers: Int32Array.from(packTiles(integers, inner, out, edge)) };
  });
  const integers = `${weight.name} int8`;
  const scale = `${weight.name} scale`;
  const unnamed = { rowNames: [], colNames: [] };
  return {
    weights: [
      {
        name: integers,
        dtype: 'i32',
        format: 'i8',
        shape,
        read: () => ({ dtype: 'i32', shape, data: parts().integers }),
        ...unnamed,
      },
      {
        name: scale,
        dtype: 'f32',
        shape: [out],
        read: () => ({ dtype: 'f32', shape: [out], data: parts().scales }),
        ...unnamed,
      },
    ],
    inputs: [integers, bias, scale],
    attributes: { weights: 'int8' },
  };
}

/** One 127th of the largest magnitude of each output. */
function scalesOf(at: (i: number, j: number) => number, inner: number, out: number): Float32Array {
  return Float32Array.from({ length: out }, (_, j) => {
    let largest = 0;
    for (let i = 0; i < inner; i++) largest = Math.max(largest, Math.abs(at(i, j)));
    return largest / LIMIT;
  });
}

function integerOf(value: number, scale: number): number {
  if (scale === 0) return 0;
  return Math.max(-LIMIT, Math.min(LIMIT, Math.round(value / scale)));
}
