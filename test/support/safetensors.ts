/** Reads the float32 tensors of a trusted safetensors file into reference matrices. */
import { readFileSync } from 'node:fs';
import type { Matrix } from '../../src/reference/matrix.ts';
import { matrix } from '../../src/reference/matrix.ts';
import type { WeightLookup } from '../../src/reference/weights.ts';

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}

/**
 * The tensors by name, those of one dimension as 1 × n; a name that is missing throws.
 * Layout: 8 bytes of header length, the JSON header, the data.
 */
export function readSafetensors(path: string): WeightLookup {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Entry>;
  return (name) => {
    if (!(name in header)) throw new Error(`${path} has no tensor ${name}`);
    const { dtype, shape, data_offsets: offsets } = header[name];
    if (dtype !== 'F32') throw new Error(`${name} is ${dtype}, not F32`);
    return float32Matrix(file.subarray(start + offsets[0], start + offsets[1]), shape);
  };
}

/** Little-endian float32 bytes as a matrix: the last dimension across, the others down. */
export function float32Matrix(bytes: Buffer, shape: readonly number[]): Matrix {
  const values = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  const cols = shape.at(-1) ?? 1;
  return matrix(values.length / cols, cols, values);
}
