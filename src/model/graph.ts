/** A model as a graph of operators on tensors: what every source becomes, and what is compiled. */
import type { HostTensor } from '../tensor/host-tensor.ts';

/** `bool` is 1 or 0, kept as float32 by the machine. */
export type ElementType = 'f32' | 'i32' | 'bool';

/** How memory may keep float32 values in half of their bytes, rounded. */
export type HalfFormat = 'f16' | 'bf16';

/**
 * The length of a dimension: a number, or the name of a count that only a run knows. Such counts
 * exist in models that generate text; see COUNTS.
 */
export type Dim = number | Count;

/**
 * - `rows`: tokens that this pass works on, at least 1
 * - `position`: tokens that came before them, the same as their first position, from 0
 * - `context`: position + rows, the tokens that the last row may look at
 * - `source`: tokens of the encoder's text
 */
export const COUNTS = ['rows', 'position', 'context', 'source'] as const;
export type Count = (typeof COUNTS)[number];

export interface TensorType {
  readonly dtype: ElementType;
  /** Row-major; `[]` is one number. A count may stand as the first of two dimensions only. */
  readonly shape: readonly Dim[];
}

export interface GraphInput extends TensorType {
  readonly name: string;
}

/** A constant; its values are read when they are needed, not before. */
export interface Weight {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** How memory keeps the elements, where that is not as `dtype` says: int8 of an `i32`, a half of an `f32`. */
  readonly format?: 'i8' | HalfFormat;
  /** The values in the shape above; throws FileError when a file is not what it was. */
  readonly read: () => HostTensor;
  /** Names of rows and columns for printing; empty where there are none. */
  readonly rowNames: readonly string[];
  readonly colNames: readonly string[];
}

/** A tensor that outlives a pass: a KV cache. Its rows are filled from the top. */
export interface State {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

export type Attribute = number | boolean | string | readonly number[] | readonly string[];
export type Attributes = Readonly<Record<string, Attribute>>;

/** One use of an operator (operators/index.ts says what each means). */
export interface GraphNode {
  /** Unique in its graph. */
  readonly name: string;
  readonly op: string;
  /** Names of tensors; '' where an optional one is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Complete: defaults are filled in. */
  readonly attributes: Attributes;
  /** The part of the model, `layer 0/attention`, or ''. */
  readonly part: string;
}

export interface Graph {
  readonly name: string;
  /** The largest value of each count that occurs. */
  readonly limits: Readonly<Partial<Record<Count, number>>>;
  readonly inputs: readonly GraphInput[];
  readonly weights: readonly Weight[];
  readonly states: readonly State[];
  /** In an order in which they can be computed. */
  readonly nodes: readonly GraphNode[];
  /** Names of tensors. */
  readonly outputs: readonly string[];
  /** The type of every tensor: inputs, weights, states and what nodes compute. */
  readonly types: ReadonlyMap<string, TensorType>;
}

/** How text is made with a model: which token begins, which ends, and how many there may be. */
export interface Generation {
  /** The tokens before and behind those of the prompt, such as a begin-of-text token. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Encoder-decoder models: the token that the decoder begins with. */
  readonly decoderStart: number | undefined;
  /** Tokens that end the text. */
  readonly end: readonly number[];
  readonly vocabulary: number;
  /** Positions that the model has, for prompt and text together (decoder only, of a pair). */
  readonly context: number;
  /** As the model's own generation_config.json asks for it. */
  readonly defaults: {
    readonly maxNewTokens: number | undefined;
    readonly temperature: number | undefined;
    readonly topK: number | undefined;
    readonly topP: number | undefined;
  };
}

/**
 * A model that generates: `decode` computes the logits [1, vocabulary] behind its `tokens`
 * (i32 [rows]); `encode`, of encoder-decoder models, fills the states that `decode` reads from its
 * own `tokens` (i32 [source]). Weights and states of the same name are the same.
 */
export interface LanguageModel {
  readonly name: string;
  readonly encode: Graph | undefined;
  readonly decode: Graph;
  readonly generation: Generation;
}

/** A graph that cannot be: the message names the node or tensor, the hint what would work. */
export class GraphError extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'GraphError';
    this.hint = hint;
  }
}

/** `4×16 f32`, `rows×64 f32`, or `one f32`. */
export function showType({ dtype, shape }: TensorType): string {
  return `${shape.length === 0 ? 'one' : shape.join('×')} ${dtype}`;
}

/** The dimensions as numbers; throws GraphError when one is a count. */
export function staticShape(type: TensorType, what: string): readonly number[] {
  const count = type.shape.find((dim) => typeof dim === 'string');
  if (count === undefined) return type.shape as readonly number[];
  throw new GraphError(`${what} is ${showType(type)}`, 'its dimensions must be known');
}
