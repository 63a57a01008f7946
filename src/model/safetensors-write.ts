/** Writes `.safetensors` files, tensor by tensor. Source: huggingface.co/docs/safetensors. */
import type { ElementFormat, StoredArray } from '../tensor/formats.ts';
import { FORMATS, widened } from '../tensor/formats.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';

/** A tensor to be written; its values are asked for when it is its turn. */
export interface TensorToWrite {
  readonly name: string;
  /** How the file keeps the elements; the narrow formats hold what a tensor has only if it fits exactly. */
  readonly format: ElementFormat;
  readonly shape: readonly number[];
  readonly read: () => HostTensor;
}

/** What the file calls each format. */
const TYPES: Readonly<Record<ElementFormat, string>> = {
  f32: 'F32',
  i32: 'I32',
  f16: 'F16',
  bf16: 'BF16',
  i8: 'I8',
};

/** The format's own limit is 100 MB; data begin at a multiple of eight bytes. */
const ALIGNMENT = 8;

/**
 * The bytes of the file, piece by piece: the header, then each tensor in the order given, one in
 * memory at a time. `metadata` stands first in the header, so that it tells whose file it is.
 */
export function* safetensorsChunks(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Generator<Uint8Array> {
  yield headerOf(tensors, metadata);
  for (const { name, format, shape, read } of tensors) {
    const { data } = read();
    if (data.length !== elementCount(shape)) {
      throw new Error(`invariant: ${name} has ${data.length} values for ${shape.join(' × ')}`);
    }
    const stored = storedAs(format, data);
    const found = widened(format, stored);
    if (found.some((value, i) => !Object.is(value, data[i]))) {
      throw new Error(`invariant: a value of ${name} is no ${format}`);
    }
    yield littleEndian(new Uint8Array(stored.buffer), FORMATS[format].bytes);
  }
}

function storedAs(format: ElementFormat, data: HostTensor['data']): StoredArray {
  const { allocate, encode } = FORMATS[format];
  const stored = allocate(data.length);
  for (let i = 0; i < data.length; i++) stored[i] = encode(data[i]!);
  return stored;
}

/** Eight bytes of length, then JSON, padded with spaces. */
function headerOf(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries = new Map<string, unknown>([['__metadata__', metadata]]);
  let end = 0;
  for (const { name, format, shape } of tensors) {
    const start = end;
    end += elementCount(shape) * FORMATS[format].bytes;
    entries.set(name, { dtype: TYPES[format], shape, data_offsets: [start, end] });
  }
  const members = [...entries].map(([name, e]) => `${JSON.stringify(name)}:${JSON.stringify(e)}`);
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(ALIGNMENT + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, ALIGNMENT);
  return header;
}

const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The elements with their lowest byte first, whatever the host has. */
function littleEndian(bytes: Uint8Array, size: number): Uint8Array {
  if (HOST_IS_LITTLE) return bytes;
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}
