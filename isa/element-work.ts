/** The work of elementwise instructions. */
import type { Shape } from '../src/tensor/tile.ts';
import { elementsOf } from './shapes.ts';
import type { ElementWork } from './work.ts';
import { passes } from './work.ts';

type Pass = `${'vec' | 'sfu'}:${string}`;

/** Passes over every element of a tile, in the order given. */
export function elementWork(shape: Shape, ...names: readonly Pass[]): ElementWork {
  return { kind: 'elements', operations: passes(elementsOf(shape), ...names) };
}

/** One pass over every element of the broadcast shape of two tiles. */
export function broadcastWork(a: Shape, b: Shape, name: Pass): ElementWork {
  const rows = Math.max(a.rows, b.rows);
  const cols = Math.max(a.cols, b.cols);
  return { kind: 'elements', operations: passes(rows * cols, name) };
}
