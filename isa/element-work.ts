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

/** Passes over every element of the broadcast shape of some tiles, in the order given. */
export function broadcastWork(
  tiles: readonly Shape[],
  ...names: readonly [Pass, ...Pass[]]
): ElementWork {
  const rows = Math.max(...tiles.map((tile) => tile.rows));
  const cols = Math.max(...tiles.map((tile) => tile.cols));
  return { kind: 'elements', operations: passes(rows * cols, ...names) };
}
