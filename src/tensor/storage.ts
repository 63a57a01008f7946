/** Where a machine keeps its memory and its tiles: one buffer, so that fast kernels reach all of it by address. */

import { fastKernels, scratchBytes } from './fast.ts';
import type { Kernels } from './kernels/kernels.ts';
import { PLAIN_KERNELS } from './kernels/kernels.ts';
import type { PlacedTile } from './tile.ts';
import type { WasmKernels } from './wasm/module.ts';
import { createSpace } from './wasm/module.ts';

/** Copies rows of `rowBytes` bytes, a multiple of 4, between places of one buffer; places and steps in bytes. */
export type CopyRows = (
  to: number,
  toStep: number,
  from: number,
  fromStep: number,
  rows: number,
  rowBytes: number,
) => void;

export interface Storage {
  /** Begins with the memory that was asked for. */
  readonly buffer: ArrayBuffer;
  /** Tiles without a shape yet, each with room for edge × edge. */
  readonly tiles: readonly PlacedTile[];
  /** For these tiles only. */
  readonly kernels: Kernels;
  readonly copyRows: CopyRows;
}

export interface StorageSize {
  readonly memoryBytes: number;
  readonly tiles: number;
  readonly edge: number;
}

const FLOAT_BYTES = 4;

/** Places begin at multiples of a cache line, and a vector that reaches beyond a tile stays in its line. */
const PADDING_BYTES = 64;

const padded = (bytes: number) => Math.ceil(bytes / PADDING_BYTES) * PADDING_BYTES;

/**
 * Zeroed storage. The kernels are fast where the host can, unless they shall be plain; the bits are the same.
 *
 * Layout: memory, tiles, scratch space of the kernels; each padded.
 */
export function createStorage(size: StorageSize, usePlainKernels = false): Storage {
  const tileBytes = padded(size.edge * size.edge * FLOAT_BYTES);
  const firstTile = padded(size.memoryBytes);
  const scratch = firstTile + size.tiles * tileBytes;
  const bytes = scratch + padded(scratchBytes(size.edge));
  const space = usePlainKernels ? undefined : createSpace(bytes);
  const buffer = space?.buffer ?? new ArrayBuffer(bytes);
  const tiles = Array.from({ length: size.tiles }, (_, i) => {
    const address = firstTile + i * tileBytes;
    const data = new Float32Array(buffer, address, size.edge * size.edge);
    return { rows: 0, cols: 0, data, address };
  });
  return { buffer, tiles, ...kernelsOf(space?.kernels, scratch, buffer) };
}

function kernelsOf(
  wasm: WasmKernels | undefined,
  scratch: number,
  buffer: ArrayBuffer,
): Pick<Storage, 'kernels' | 'copyRows'> {
  return wasm
    ? { kernels: fastKernels(wasm, scratch), copyRows: wasm.copyRows }
    : { kernels: PLAIN_KERNELS, copyRows: plainCopyRows(buffer) };
}

/** Words, not floats: what is copied may be an int32 accumulator. */
function plainCopyRows(buffer: ArrayBuffer): CopyRows {
  const words = new Int32Array(buffer);
  return (to, toStep, from, fromStep, rows, rowBytes) => {
    for (let i = 0; i < rows; i++) {
      const source = (from + i * fromStep) / FLOAT_BYTES;
      const target = (to + i * toStep) / FLOAT_BYTES;
      for (let j = 0; j < rowBytes / FLOAT_BYTES; j++) words[target + j] = words[source + j];
    }
  };
}
