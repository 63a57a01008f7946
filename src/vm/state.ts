/** What instructions change, shared by the two ways of executing them. */
import type { Results } from '../../isa/instruction.ts';
import type { PlacedTile } from '../tensor/tile.ts';
import type { Memory } from './memory.ts';

export interface State {
  /** Code address of the next instruction, or HALTED. */
  pc: number;
  /** Executed so far. */
  instructions: number;
  readonly memory: Memory;
  /** Without rows before they are written. */
  readonly tiles: readonly PlacedTile[];
  /** The registers first, NaN before they are written; see Decoded. */
  readonly scalars: Float64Array;
  /** `out` is where a tile is computed, before it changes places with the register it is for. */
  readonly results: Results & { readonly out: PlacedTile };
}

/** At 2^53 a sum may already have been rounded; below, every integer is exact. */
export const MAX_EXACT = 2 ** 53 - 1;

/** The result was computed apart from the registers, so a source may also be the destination. */
export function exchange(a: PlacedTile, b: PlacedTile): void {
  const { data, address } = a;
  a.address = b.address;
  b.address = address;
  a.data = b.data;
  a.rows = b.rows;
  a.cols = b.cols;
  b.data = data;
}
