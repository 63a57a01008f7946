/** Writes one part of a model into its graph: weights, states and nodes named after the part. */
import type { HostTensor } from '../../tensor/host-tensor.ts';
import type { Attributes, Dim } from '../graph.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import type { Slice } from '../tensor-file.ts';
import type { Weights } from './checkpoint.ts';

/** A weight that is not its tensor as it stands: a piece of it, or computed from it. */
export interface Derived {
  readonly shape: readonly number[];
  readonly slice?: Slice;
  readonly map?: (tensor: HostTensor) => HostTensor;
}

export interface LinearOptions {
  readonly bias?: boolean;
  /** The weight is [in × out], as Conv1D of GPT-2 keeps it, not [out × in] as torch.nn.Linear. */
  readonly conv?: boolean;
}

/** Rows of a state that keys or values go to. */
export interface CacheRows {
  readonly capacity: number;
  readonly start: Dim;
  readonly count: Dim;
}

/** The masks and shapes of an attention; `scale` is 1/√width unless it is given. */
export interface Heads {
  readonly heads: number;
  readonly kvHeads?: number;
  readonly scale?: number;
  readonly causal?: boolean;
  readonly mask?: string;
  readonly relative?: { readonly table: string; readonly centre: number };
}

/**
 * One part, such as `layer 0/attention`: its nodes are named `layer 0/attention/q` and so on. Every
 * method gives the name of the tensor that it made; it throws GraphError as GraphBuilder does, and
 * whatever `Weights.take` throws.
 */
export class Part {
  readonly graph: GraphBuilder;
  readonly path: string;
  private readonly checkpoint: Weights;

  constructor(graph: GraphBuilder, checkpoint: Weights, path: string) {
    this.graph = graph;
    this.checkpoint = checkpoint;
    this.path = path;
  }

  /** Another part of the same graph. */
  at(path: string): Part {
    return new Part(this.graph, this.checkpoint, path);
  }

  /** Whether the checkpoint has a tensor of this key. */
  has(key: string): boolean {
    return this.checkpoint.has(key);
  }

  /** A node with one output, named as the node unless told; `what` '' names it as the part itself. */
  op(
    op: string,
    what: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    output = this.nameOf(what),
  ): string {
    const options = { name: this.nameOf(what), outputs: [output], part: this.path };
    return this.graph.add(op, inputs, attributes, options);
  }

  /** The weight of a key, [shape] in the file; declared once, however often it is asked for. */
  weight(what: string, key: string, shape: readonly number[], derived?: Derived): string {
    const name = this.nameOf(what);
    if (this.graph.has(name)) return name;
    const read = this.checkpoint.take(key, shape);
    const wanted = derived?.shape ?? shape;
    return this.graph.weight({
      name,
      dtype: 'f32',
      shape: wanted,
      read: () => {
        const tensor = read(derived?.slice);
        return { ...(derived?.map?.(tensor) ?? tensor), shape: wanted };
      },
    });
  }

  /** A single number that all elements of x are multiplied with. */
  scaled(what: string, x: string, factor: number): string {
    const number = this.graph.constant(this.nameOf(`${what} factor`), 'f32', [], [factor]);
    return this.op('mul', what, [x, number]);
  }

  /** x [rows × in] · weight + bias: [rows × out]; the keys are `key.weight` and `key.bias`. */
  linear(what: string, x: string, key: string, out: number, options: LinearOptions = {}): string {
    const width = this.widthOf(x);
    const { bias = true, conv = false } = options;
    const shape = conv ? [width, out] : [out, width];
    const operands = [x, this.weight(`${what} weight`, `${key}.weight`, shape)];
    if (bias) operands.push(this.weight(`${what} bias`, `${key}.bias`, [out]));
    return this.op('linear', what, operands, { transposed: !conv });
  }

  layerNorm(what: string, x: string, key: string, eps: number, output?: string): string {
    const width = this.widthOf(x);
    const gain = this.weight(`${what} gain`.trim(), `${key}.weight`, [width]);
    const bias = this.weight(`${what} bias`.trim(), `${key}.bias`, [width]);
    return this.op('layer_norm', what, [x, gain, bias], { eps }, output);
  }

  rmsNorm(what: string, x: string, key: string, eps: number): string {
    const gain = this.weight(`${what} gain`.trim(), `${key}.weight`, [this.widthOf(x)]);
    return this.op('rms_norm', what, [x, gain], { eps });
  }

  /** Appends x to a state, `layer 0/keys` of part `layer 0/attention`; gives all rows so far. */
  append(what: string, x: string, { capacity, start, count }: CacheRows): string {
    const state = this.graph.state(this.stateOf(what), [capacity, this.widthOf(x)]);
    return this.op('append', `${what} so far`, [x], { state, start, count });
  }

  /** The first rows of a state that another graph filled. */
  recall(what: string, width: number, { capacity, count }: CacheRows): string {
    const state = this.graph.state(this.stateOf(what), [capacity, width]);
    return this.op('recall', what, [], { state, count, width });
  }

  attention(q: string, k: string, v: string, options: Heads): string {
    const { heads, kvHeads = heads, mask = '', relative, causal = false } = options;
    const scale = options.scale ?? 1 / Math.sqrt(this.widthOf(q) / heads);
    const inputs = [q, k, v, mask, relative?.table ?? ''];
    while (inputs.at(-1) === '') inputs.pop();
    const centre = relative?.centre ?? 0;
    return this.op('attention', 'heads', inputs, {
      heads,
      kv_heads: kvHeads,
      scale,
      causal,
      centre,
    });
  }

  /** f(x · gate) ∘ (x · up), [rows × out] (Shazeer, 2020); the keys are those of gate and up. */
  gated(
    x: string,
    [gateKey, upKey]: readonly [string, string],
    activation: string,
    out: number,
    options: LinearOptions,
  ): string {
    const open = this.op(activation, 'open', [this.linear('gate', x, gateKey, out, options)]);
    return this.op('mul', 'gated', [open, this.linear('up', x, upKey, out, options)]);
  }

  /** Σ of two tensors of one shape: the way round a sublayer (He et al., 2016). */
  residual(x: string, change: string): string {
    return this.op('add', 'residual', [x, change]);
  }

  /** The length of x's rows. */
  widthOf(x: string): number {
    return this.graph.shapeOf(x).at(-1) as number;
  }

  private nameOf(what: string): string {
    return what === '' ? this.path : `${this.path}/${what}`;
  }

  /** States belong to the layer, the first element of the path. */
  private stateOf(what: string): string {
    return `${this.path.split('/')[0]!}/${what}`;
  }
}
