/** The files of a compiled program: its text in the canonical layout, and its weights beside it. */
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { formatSource } from '../asm/format.ts';
import type { TensorToWrite } from '../model/safetensors-write.ts';
import { safetensorsChunks } from '../model/safetensors-write.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Build } from './build.ts';

/** How every text that was compiled begins: such a file may be replaced by another. */
export const COMPILED_MARK = '; compiled by lasm';

/** Stands first in the header of the weights' file, for the same reason. */
const METADATA = { writer: 'lasm compile' };
const METADATA_START = `{"__metadata__":${JSON.stringify(METADATA)}`;

export interface ProgramFiles {
  readonly text: string;
  readonly tensors: readonly TensorToWrite[];
}

/**
 * What is written of a build. Inputs whose values are known become data of the program, so that it
 * runs as it is; `note` follows the mark in the first line.
 */
export function programFiles(
  build: Build,
  note: string,
  inputs: ReadonlyMap<string, HostTensor> = new Map(),
): ProgramFiles {
  const weights = [...build.weights].map(([name, weight]) => ({ name, ...weight }));
  const values = [...inputs].map(([name, tensor]) => {
    const { dtype, shape } = tensor;
    return { name, format: dtype, shape, read: () => tensor };
  });
  let { text } = build;
  for (const { name } of values.toReversed()) text = withValues(text, name, weightsFileOf(build));
  const tensors = [...values, ...weights];
  return { text: formatSource(`${COMPILED_MARK}${note}\n${text}`), tensors };
}

const weightsFileOf = ({ program }: Build): string => weightsPath(program.name);

/** `model.safetensors` for `model.lasm`. */
export function weightsPath(path: string): string {
  return path.replace(/(\.lasm)?$/, '.safetensors');
}

/** Moves the definition of a symbol from memory that is empty to the data, with values from the file. */
function withValues(text: string, symbol: string, file: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`${symbol}: `));
  if (at < 0) throw new Error(`invariant: no line defines ${symbol}`);
  const [definition] = lines.splice(at, 1);
  const initialised = `${definition} = file(${JSON.stringify(file)}, ${JSON.stringify(symbol)})`;
  const data = lines.indexOf('.data');
  if (data >= 0) lines.splice(data + 1, 0, initialised);
  else lines.splice(firstSection(lines), 0, '.data', initialised);
  return lines.join('\n');
}

function firstSection(lines: readonly string[]): number {
  return lines.findIndex((line) => ['.bss', '.arena', '.text'].includes(line));
}

/** Whether there is no such file, or one of weights that `lasm compile` has written. */
export function isReplaceable(path: string): boolean {
  if (!existsSync(path)) return true;
  const start = Buffer.alloc(8 + METADATA_START.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, start) === 0 || start.toString('latin1', 8) === METADATA_START;
  } finally {
    closeSync(file);
  }
}

/**
 * Writes tensors to a `.safetensors` file, one in memory at a time; the file is there as a whole or
 * not at all. Returns its bytes. Throws what the operating system throws, and what the reads throw.
 */
export function writeWeights(path: string, tensors: readonly TensorToWrite[]): number {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  let bytes = 0;
  const file = openSync(temporary, 'wx');
  try {
    try {
      for (const chunk of safetensorsChunks(tensors, METADATA)) bytes += writeAll(file, chunk);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return bytes;
}

function writeAll(file: number, chunk: Uint8Array): number {
  let done = 0;
  while (done < chunk.length) done += writeSync(file, chunk, done);
  return done;
}
