/** Tiles for benchmarks: with random numbers, in the storage of a machine, and a check that two agree. */
import { standardNormal } from '../../src/tensor/random.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import type { PlacedTile, Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';

export function random(rows: number, cols: number, seed: number): Tile {
  const tile = makeTile(rows, cols);
  for (let i = 0; i < rows * cols; i++) tile.data[i] = standardNormal(seed, i);
  return tile;
}

/** The storage of a machine with a result and operands of the given content. */
export function placed(edge: number, contents: readonly Tile[], plain = false) {
  const size = { memoryBytes: 2 * edge * edge * 4, tiles: contents.length + 1, edge };
  const { kernels, transfers, tiles } = createStorage(size, plain);
  const [out, ...operands] = tiles as [PlacedTile, ...PlacedTile[]];
  contents.forEach(({ rows, cols, data }, i) => {
    operands[i]!.rows = rows;
    operands[i]!.cols = cols;
    operands[i]!.data.set(data);
  });
  return { kernels, transfers, out, operands };
}

/** Throws unless all bits are equal, all NaN being one. */
export function requireSame(x: Tile, y: Tile): void {
  const count = x.rows * x.cols;
  const bits = ({ data }: Tile) =>
    Buffer.from(data.slice(0, count).map((value) => (Number.isNaN(value) ? NaN : value)).buffer);
  if (!bits(x).equals(bits(y))) throw new Error('invariant: kernels differ');
}
