/** The inputs of encoders such as BERT: as long as the text, with masks and kinds where none are given. */
import type { Graph } from '../model/graph.ts';
import { GraphError } from '../model/graph.ts';
import type { TextTokenizer } from '../model/huggingface/tokenizer.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import { readInputs } from './inputs.ts';

const TOKENS = 'input_ids';

/** What inputs are when only the tokens are known, as transformers has it. */
const DEFAULTS: Readonly<Record<string, number>> = { token_type_ids: 0, attention_mask: 1 };

export interface EncoderRequest {
  readonly inputs?: ReadonlyMap<string, string> | undefined;
  readonly text?: string | undefined;
}

/**
 * The inputs that were given, each as a list of whatever length; empty when there are none.
 * @throws FileError and GraphError as `readInputs` does, and for inputs of several lengths.
 */
export function encoderInputs(
  graph: Graph,
  tokenizer: TextTokenizer,
  { inputs: files, text }: EncoderRequest,
): Map<string, HostTensor> {
  const declared = graph.inputs.map(({ name, dtype }) => ({ name, dtype, shape: undefined }));
  const given = readInputs(declared, files);
  if (text !== undefined) {
    if (given.has(TOKENS)) throw new GraphError(`both a text and ${TOKENS} are given`);
    given.set(TOKENS, list(Int32Array.from(tokenizer.encode(text))));
  }
  for (const [name, tensor] of given) given.set(name, list(tensor.data as Int32Array));
  return given;
}

/** Values for the inputs that may be left out. */
export function encoderDefaults({ inputs }: Graph): Map<string, () => HostTensor> {
  return new Map(
    inputs.flatMap(({ name, shape }): [string, () => HostTensor][] => {
      const value = DEFAULTS[name];
      if (value === undefined) return [];
      return [[name, () => list(new Int32Array(shape[0] as number).fill(value))]];
    }),
  );
}

const list = (data: Int32Array): HostTensor => ({ dtype: 'i32', shape: [data.length], data });

/** How long the encoder must be; undefined when nothing says so, or when it is as long already. */
export function encoderLength(
  { inputs }: Graph,
  given: ReadonlyMap<string, HostTensor>,
): number | undefined {
  const sizes = new Set([...given.values()].map(({ shape }) => elementCount(shape)));
  if (sizes.size > 1) {
    const found = [...given].map(([name, { data }]) => `${name} ${data.length}`).join(', ');
    throw new GraphError(`the inputs differ in length: ${found}`, 'each has one number per token');
  }
  const [size] = sizes;
  return size === undefined || size === inputs[0]?.shape[0] ? undefined : size;
}
