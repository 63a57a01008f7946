/** Where a machine keeps its memory and its tiles: one buffer, so that fast kernels reach all of it by address. */

import { fastKernels, scratchBytes } from './fast.ts';
import type { Kernels } from './kernels/kernels.ts';
import { PLAIN_KERNELS } from './kernels/kernels.ts';
import type { PlacedTile } from './tile.ts';
import type { Transfers } from './transfers.ts';
import { fastTransfers, plainTransfers } from './transfers.ts';
import { createSpace } from './wasm/module.ts';

export interface Storage {
  /** Begins with the memory that was asked for. */
  readonly buffer: ArrayBuffer;
  /** Tiles without a shape yet, each with room for edge × edge. */
  readonly tiles: readonly PlacedTile[];
  /** For these tiles only. */
  readonly kernels: Kernels;
  readonly transfers: Transfers;
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
  return space
    ? {
        buffer,
        tiles,
        kernels: fastKernels(space.kernels, scratch),
        transfers: fastTransfers(space.kernels),
      }
    : { buffer, tiles, kernels: PLAIN_KERNELS, transfers: plainTransfers(buffer) };
}
