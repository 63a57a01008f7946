/** Folders of models in memory, and what the tests of their importer assert with. */
import type { Graph, LanguageModel } from '../../../src/model/graph.ts';
import type { ModelFolder } from '../../../src/model/huggingface/folder.ts';
import type { HuggingFaceModel } from '../../../src/model/huggingface/open.ts';
import type { TextTokenizer } from '../../../src/model/huggingface/tokenizer.ts';
import { openSafetensors } from '../../../src/model/safetensors.ts';
import type { RefTensor } from '../../../src/reference/graph.ts';
import { evaluateGraph } from '../../../src/reference/graph.ts';
import type { Fixture } from './fixtures.ts';
import { memoryFile, safetensorsBytes, sizeOf } from '../support.ts';

/** Values of a tensor by their place in it; small, and different everywhere. */
export type Fill = (name: string, at: number) => number;

/** Shapes of tensors by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Numbers in ±½, made of the name and the place: the same in every run. */
export const scattered: Fill = (name, at) => {
  let hash = 2166136261;
  for (const character of `${name}#${at}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 16777619);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 8) / 2 ** 24 - 0.5;
};

/** A `.safetensors` file of float32, or of bfloat16: the upper halves of the same numbers. */
export function weightsFile(
  shapes: Shapes,
  fill: Fill = scattered,
  dtype: 'F32' | 'BF16' = 'F32',
): Uint8Array {
  const step = dtype === 'F32' ? 4 : 2;
  const header: Record<string, object> = {};
  const values: number[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    const begin = step * values.length;
    const size = sizeOf(shape);
    for (let at = 0; at < size; at++) values.push(fill(name, at));
    header[name] = { dtype, shape, data_offsets: [begin, begin + step * size] };
  }
  const words = new Uint16Array(Float32Array.from(values).buffer);
  const data = dtype === 'F32' ? words : words.filter((_, i) => i % 2 === 1);
  return safetensorsBytes(header, new Uint8Array(data.buffer));
}

/** What a folder in memory holds: objects are JSON, bytes are tensor files, text is itself. */
export type Files = Readonly<Record<string, object | Uint8Array | string>>;

export function memoryFolder(files: Files, name = 'tiny'): ModelFolder {
  return {
    name,
    readText: (path) => {
      const file = files[path];
      if (file === undefined || typeof file === 'string') return file;
      return JSON.stringify(file);
    },
    openTensors: (path) => {
      const file = files[path];
      return file instanceof Uint8Array ? openSafetensors(memoryFile(file)) : undefined;
    },
  };
}

/** A folder of a fixture, with other keys in its config.json and other files beside it. */
export function folderOf(
  { config, shapes }: Fixture,
  changes: Readonly<Record<string, unknown>> = {},
  files: Files = {},
): ModelFolder {
  return memoryFolder({
    'config.json': { ...config, ...changes },
    'model.safetensors': weightsFile(shapes),
    ...files,
  });
}

export function languageOf(opened: HuggingFaceModel): {
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
} {
  if (opened.kind === 'language') return opened;
  throw new Error(`${opened.summary.name} does not generate text`);
}

export function encoderOf(opened: HuggingFaceModel): { readonly graph: Graph } {
  if (opened.kind === 'encoder') return opened;
  throw new Error(`${opened.summary.name} generates text`);
}

/** The outputs of an encoder-only graph, in order. */
export function runEncoder(
  graph: Graph,
  ids: readonly number[],
  kinds: readonly number[],
  mask: readonly number[],
): RefTensor[] {
  const row = (values: readonly number[]): RefTensor => ({
    shape: [values.length],
    data: Float64Array.from(values),
  });
  const inputs = { input_ids: row(ids), token_type_ids: row(kinds), attention_mask: row(mask) };
  return [...evaluateGraph(graph, new Map(Object.entries(inputs))).values()];
}

export function rowOf({ shape, data }: RefTensor, row: number): Float64Array {
  return data.subarray(row * shape[1]!, (row + 1) * shape[1]!);
}

/** The column of the largest element of each row from `start` on. */
export function likeliestRows(logits: RefTensor, start: number): number[] {
  return Array.from({ length: logits.shape[0]! - start }, (_, i) => {
    const row = rowOf(logits, start + i);
    return row.indexOf(Math.max(...row));
  });
}

/** The largest |a − b|; Infinity when there are not as many of one as of the other. */
export function maxDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) return Infinity;
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}
