/** Narrow weights: those of linear maps as 16-bit floats, which are widened as they are loaded. */
import type { Graph, HalfFormat, Weight } from '../../model/graph.ts';
import { GraphError } from '../../model/graph.ts';
import { FORMATS } from '../../tensor/formats.ts';
import { elementAt, packPanels } from './pack.ts';
import type { LinearWeight, Rewritten } from './rewrite-linear.ts';
import { rewriteLinears } from './rewrite-linear.ts';

/**
 * Each weight is rounded once, to nearest with ties to even; products and everything else stay
 * float32. So a program computes what it would with a float32 weight of the same rounded values. A
 * row of a tile is but half of what it is in float32, and may be less than memory gives at a time:
 * therefore tiles are in one piece.
 */
export function narrow(graph: Graph, edge: number, format: HalfFormat): Graph {
  return rewriteLinears(graph, (linear) => narrowWeight(linear, edge, format));
}

function narrowWeight(
  { weight, bias, transposed }: LinearWeight,
  edge: number,
  format: HalfFormat,
): Rewritten {
  const [rows, cols] = weight.shape as [number, number];
  const [inner, out] = transposed ? [cols, rows] : [rows, cols];
  const shape = [inner, out];
  const name = `${weight.name} ${format}`;
  const read: Weight['read'] = () => {
    const at = elementAt(rounded(weight, format), inner, out, transposed);
    return { dtype: 'f32', shape, data: packPanels(at, inner, out, edge) };
  };
  return {
    weights: [{ name, dtype: 'f32', format, shape, read, rowNames: [], colNames: [] }],
    inputs: [name, bias],
    attributes: { weights: format },
  };
}

/** The values that memory will hold. Throws GraphError for one that only ∞ would stand for. */
function rounded({ name, read }: Weight, format: HalfFormat): Float32Array {
  const { encode, decode } = FORMATS[format];
  const { data: values } = read();
  const data = Float32Array.from(values, (value) => decode(encode(value)));
  const at = data.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(values[i]));
  if (at < 0) return data;
  const hint = format === 'f16' ? 'bf16 has the range of float32' : undefined;
  throw new GraphError(`weight ${name} has ${values[at]}, which is too large for ${format}`, hint);
}
