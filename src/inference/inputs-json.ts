/** A tensor written as JSON: a number, or lists in lists. */
import { FileError } from '../model/tensor-file.ts';
import { parseStrictJson } from '../model/strict-json.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';

/** As many dimensions as NumPy has. */
const MAX_DEPTH = 64;

/**
 * `[[1, 2], [3, 4]]` as a tensor of 2 × 2; int32 when every number is such an integer.
 * @throws FileError for anything but numbers and lists, and for lists of several lengths.
 */
export function parseJsonTensor(text: string): HostTensor {
  const json = parse(text);
  const shape = shapeOf(json);
  const values: number[] = [];
  collect(json, shape, values);
  const dtype = values.every((value) => (value | 0) === value) ? 'i32' : 'f32';
  const data = dtype === 'i32' ? Int32Array.from(values) : Float32Array.from(values);
  if (values.length !== elementCount(shape)) throw malformed('the lists differ in length');
  return { dtype, shape, data };
}

function parse(text: string): unknown {
  try {
    return parseStrictJson(text, MAX_DEPTH);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw malformed(error.message.replace('the header', 'the file'));
  }
}

/** The lengths of the first list, of the first in that, and so on. */
function shapeOf(json: unknown): number[] {
  return Array.isArray(json) ? [json.length, ...(json.length > 0 ? shapeOf(json[0]) : [])] : [];
}

function collect(json: unknown, [length, ...rest]: readonly number[], into: number[]): void {
  if (length === undefined) {
    const value = typeof json === 'boolean' ? Number(json) : json;
    if (typeof value !== 'number') throw malformed(`${describeJson(json)} is not a number`);
    into.push(value);
    return;
  }
  if (!Array.isArray(json) || json.length !== length) {
    throw malformed(`the lists differ in length: one has ${length}, another is ${describeJson(json)}`); // prettier-ignore
  }
  for (const item of json) collect(item, rest, into);
}

function describeJson(json: unknown): string {
  if (Array.isArray(json)) return `a list of ${json.length}`;
  if (typeof json === 'object' && json !== null) return 'an object';
  return JSON.stringify(json).slice(0, 40);
}

function malformed(message: string): FileError {
  return new FileError('malformed', message, 'write numbers in lists: [[1, 2], [3, 4]]');
}
