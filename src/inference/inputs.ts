/** Values for the inputs of a graph: read from files, and made what the graph declares. */
import { basename, dirname, extname } from 'node:path';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { ElementType, Graph } from '../model/graph.ts';
import { GraphError, showType, staticShape } from '../model/graph.ts';
import { readTensorProto } from '../model/onnx/tensor-proto.ts';
import { openFolder } from '../model/sandbox.ts';
import { FileError } from '../model/tensor-file.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { parseJsonTensor } from './inputs-json.ts';

/** An input as it is declared; its shape may be open until values are there. */
export interface DeclaredInput {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: Graph['inputs'][number]['shape'] | undefined;
  /** How many dimensions it has, where that is known; those that are missing in front are 1. */
  readonly rank?: number | undefined;
}

/** Values are small beside weights. */
const MAX_BYTES = 2 ** 30;

/**
 * The tensors in these files (.npy, .json or .pb), by the name of the input that each is for.
 * @throws FileError for a file that cannot be read, GraphError for an input that there is not, and
 * for values that are not of its type or shape.
 */
export function readInputs(
  declared: readonly DeclaredInput[],
  files: ReadonlyMap<string, string> | undefined,
): Map<string, HostTensor> {
  const inputs = new Map<string, HostTensor>();
  for (const [name, path] of files ?? []) {
    const input = declared.find((one) => one.name === name);
    if (!input) throw unknownInput(name, declared);
    inputs.set(name, fitInput(input, readTensorFile(path)));
  }
  return inputs;
}

function unknownInput(name: string, declared: readonly DeclaredInput[]): GraphError {
  const names = declared.map((input) => input.name);
  const hint = didYouMean(name, names) ?? `the inputs are ${names.join(', ')}`;
  return new GraphError(`the model has no input ${name}`, hint);
}

function readTensorFile(path: string): HostTensor {
  const folder = openFolder(dirname(path));
  const file = basename(path);
  switch (extname(path).toLowerCase()) {
    case '.npy':
      return folder.readTensor(file);
    case '.json':
      return inFile(path, () => parseJsonTensor(folder.readText(file)));
    case '.pb':
      return inFile(path, () => readTensorProto(folder.readBytes(file, MAX_BYTES), folder));
    default: {
      const hint = 'values are read from .npy, .json (lists in lists) and .pb (an ONNX tensor)';
      throw new FileError('unsupported', `${path}: is no file with values`, hint);
    }
  }
}

/** The action; its FileError says which file it was. */
function inFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FileError) || error.message.startsWith(`${path}:`)) throw error;
    throw new FileError(error.code, `${path}: ${error.message}`, error.hint);
  }
}

/** The tensor in the type and shape that its input has; throws GraphError when it is another. */
export function fitInput(
  { name, dtype, shape, rank = 0 }: DeclaredInput,
  tensor: HostTensor,
): HostTensor {
  const typed = retyped(name, dtype, tensor);
  const ones = Array.from({ length: Math.max(0, rank - tensor.shape.length) }, () => 1);
  if (shape === undefined) return { ...typed, shape: [...ones, ...tensor.shape] };
  const wanted = staticShape({ dtype, shape }, `the input ${name}`);
  const withoutOnes = (dims: readonly number[]) => dims.filter((dim) => dim !== 1).join();
  if (withoutOnes(wanted) === withoutOnes(tensor.shape)) return { ...typed, shape: wanted };
  const found = showType({ dtype: tensor.dtype, shape: tensor.shape });
  throw new GraphError(`the input ${name} is ${showType({ dtype, shape })}, not ${found}`);
}

/** Numbers in another type, where none of them changes; bools are float32 on the machine. */
function retyped(name: string, dtype: ElementType, tensor: HostTensor): HostTensor {
  const { shape, data } = tensor;
  const changed =
    dtype === 'i32'
      ? ({ dtype: 'i32', shape, data: Int32Array.from(data) } as const)
      : ({ dtype: 'f32', shape, data: Float32Array.from(data) } as const);
  const at = data.findIndex((value, i) => !Object.is(value + 0, changed.data[i]! + 0));
  if (at < 0) return changed;
  const hint = dtype === 'i32' ? 'it takes integers' : 'float32 holds integers up to 16,777,216';
  throw new GraphError(`the input ${name} cannot take the value ${data[at]}`, hint);
}

/** A graph, and what is known of its inputs. */
export interface InputValues {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, HostTensor>;
  /** For inputs that nobody gave. */
  readonly examples: ReadonlyMap<string, () => HostTensor>;
}

/**
 * A value for every input: what was given, or the example of the source.
 * @throws GraphError that lists the inputs for which there is neither.
 */
export function completeInputs({
  name,
  graph,
  inputs,
  examples,
}: InputValues): Map<string, HostTensor> {
  const isKnown = (input: string) => inputs.has(input) || examples.has(input);
  const missing = graph.inputs.filter((input) => !isKnown(input.name));
  if (missing.length > 0) {
    const list = missing.map((input) => `${input.name} (${showType(input)})`).join(', ');
    const hint = missing.map((input) => `--input ${input.name}=FILE`).join(' ');
    throw new GraphError(`${name} needs values for ${list}`, `${hint}, each .npy, .json or .pb`);
  }
  return new Map(
    graph.inputs.map((input) => {
      const value = inputs.get(input.name) ?? examples.get(input.name)!();
      return [input.name, fitInput(input, value)] as const;
    }),
  );
}
