/** Makes the tensors that graph JSON describes: from seeds, from lists, from files. */
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import { fillNormal, fillUniform, uniform01 } from '../tensor/random.ts';
import type { Recipe, Source } from './graph-json-tensor.ts';
import { GraphError, showType } from './graph.ts';
import type { Folder } from './sandbox.ts';

/**
 * The tensor of this recipe, which has a source: float32 for f32 and bool, else int32. Throws
 * FileError for what the folder does not give, GraphError when a file holds another shape or type.
 */
export function makeTensor(name: string, recipe: Recipe, source: Source, folder: Folder) {
  if (source.kind === 'file') return readFile(name, recipe, source, folder);
  const shape = recipe.shape as readonly number[];
  const count = elementCount(shape);
  const isWhole = recipe.dtype === 'i32';
  const data = isWhole ? new Int32Array(count) : new Float32Array(count);
  fillFrom(data, recipe, source);
  return { dtype: isWhole ? 'i32' : 'f32', shape, data } as HostTensor;
}

type Generated = Exclude<Source, { kind: 'file' }>;

function fillFrom(data: Float32Array | Int32Array, { dtype }: Recipe, source: Generated): void {
  switch (source.kind) {
    case 'values':
      data.set(source.values);
      return;
    case 'fill':
      data.fill(source.value);
      return;
    case 'normal':
      fillNormal(data as Float32Array, ...source.range, source.seed);
      return;
    case 'uniform':
      if (dtype === 'f32') fillUniform(data as Float32Array, ...source.range, source.seed);
      else fillWhole(data, ...source.range, source.seed);
      return;
  }
  return source satisfies never;
}

/** Whole numbers from `low` up to, but not, `high`. */
function fillWhole(data: Float32Array | Int32Array, low: number, high: number, seed: number) {
  for (let i = 0; i < data.length; i++) {
    data[i] = low + Math.floor((high - low) * uniform01(seed, i));
  }
}

function readFile(
  name: string,
  { dtype, shape }: Recipe,
  { file, tensor }: Extract<Source, { kind: 'file' }>,
  folder: Folder,
): HostTensor {
  const found = folder.readTensor(file, tensor);
  const kept = dtype === 'f32' ? 'f32' : 'i32';
  if (found.dtype !== kept || found.shape.join() !== shape.join()) {
    const said = showType({ dtype, shape });
    throw new GraphError(`${file}: ${name} is ${said}, but the file has ${showType(found)}`);
  }
  if (dtype !== 'bool') return found;
  return { dtype: 'f32', shape: found.shape, data: Float32Array.from(found.data, Math.sign) };
}
