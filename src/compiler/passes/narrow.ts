/** Narrow weights: those of linear maps as 16-bit floats, which are widened as they are loaded. */
import type { Graph, HalfFormat, Weight } from '../../model/graph.ts';
import { GraphError } from '../../model/graph.ts';
import { FORMATS } from '../../tensor/formats.ts';
import type { HostTensor } from '../../tensor/host-tensor.ts';
import { rewriteLinears } from './rewrite-linear.ts';

/**
 * Each weight is rounded once, to nearest with ties to even; products and everything else stay
 * float32. So a program computes what it would with a float32 weight of the same rounded values.
 */
export function narrow(graph: Graph, format: HalfFormat): Graph {
  return rewriteLinears(graph, ({ weight, bias }) => {
    const name = `${weight.name} ${format}`;
    return {
      weights: [{ ...weight, name, format, read: () => rounded(weight, format) }],
      inputs: [name, bias],
      attributes: { weights: format },
    };
  });
}

/** The values that memory will hold. Throws GraphError for one that only ∞ would stand for. */
function rounded({ name, shape, read }: Weight, format: HalfFormat): HostTensor {
  const { encode, decode } = FORMATS[format];
  const { data: values } = read();
  const data = Float32Array.from(values, (value) => decode(encode(value)));
  const at = data.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(values[i]));
  if (at < 0) return { dtype: 'f32', shape, data };
  const hint = format === 'f16' ? 'bf16 has the range of float32' : undefined;
  throw new GraphError(`weight ${name} has ${values[at]}, which is too large for ${format}`, hint);
}
