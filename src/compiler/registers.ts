/** Which scalar registers a compiled program keeps for what. */
import type { Variable } from './kernel/affine.ts';
import type { Count, Dim } from '../model/graph.ts';
import type { Size } from './kernel/affine.ts';

const kept = (name: string, register: number): Variable => Object.freeze({ name, register });

/** Kernels use r1 up to this one for themselves. */
export const LAST_KERNEL_REGISTER = 22;

/** The layer in a loop over layers, from 0. */
export const LAYER = kept('layer', 26);

/** What the passes of a language model are told. */
export const COUNT_REGISTERS: Readonly<Record<Count, Variable>> = {
  source: kept('source', 27),
  rows: kept('rows', 28),
  position: kept('position', 29),
  context: kept('context', 30),
};

/** Where subroutines return to. */
export const LINK = 'r31';

/** A dimension as kernels compute with it. */
export function sizeOf(dim: Dim): Size {
  return typeof dim === 'number' ? dim : COUNT_REGISTERS[dim];
}
