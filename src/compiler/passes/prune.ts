/** Pruning: whole tiles of weights with the smallest norm are dropped, and so is their work. */
import type { Graph, Weight } from '../../model/graph.ts';
import type { Elements } from './pack.ts';
import { elementAt, packTile } from './pack.ts';
import type { LinearWeight, Rewritten } from './rewrite-linear.ts';
import { once, rewriteLinears } from './rewrite-linear.ts';

/** A weight of which only some tiles are left: in × out, cut into tiles of edge × edge. */
interface Pruned {
  /** kept × edge × edge: column of tiles by column of tiles, each down the inner dimension. */
  readonly tiles: Float32Array;
  /** Where the tiles of each column begin, and behind the last one their number. */
  readonly starts: Int32Array;
  /** For each tile its place along the inner dimension, in tiles. */
  readonly which: Int32Array;
}

/** How many of the tiles of an in × out weight stay: at least one for each column of tiles. */
export function tilesKept(inner: number, out: number, edge: number, fraction: number): number {
  const columns = Math.ceil(out / edge);
  const all = Math.ceil(inner / edge) * columns;
  return Math.max(columns, all - Math.floor(all * fraction));
}

/**
 * Of every weight of a linear map the same share of tiles is dropped, those of the smallest sum of
 * squares (magnitude pruning: Han et al., 2015; by blocks: Narang et al., 2017).
 */
export function prune(graph: Graph, edge: number, fraction: number): Graph {
  return rewriteLinears(graph, (linear) => pruneWeight(linear, edge, fraction));
}

function pruneWeight(
  { weight, bias, transposed }: LinearWeight,
  edge: number,
  fraction: number,
): Rewritten {
  const [rows, cols] = weight.shape as [number, number];
  const [inner, out] = transposed ? [cols, rows] : [rows, cols];
  const kept = tilesKept(inner, out, edge, fraction);
  const columns = Math.ceil(out / edge);
  const parts = once(() => {
    const at = elementAt(weight.read().data, inner, out, transposed);
    return pruneValues(at, inner, out, edge, kept);
  });
  const part = (
    word: string,
    dtype: Weight['dtype'],
    shape: readonly number[],
    data: () => Float32Array | Int32Array,
  ): Weight => ({
    name: `${weight.name} ${word}`,
    dtype,
    shape,
    read: () => ({ dtype: dtype === 'i32' ? 'i32' : 'f32', shape, data: data() }),
    rowNames: [],
    colNames: [],
  });
  const weights = [
    part('tiles', 'f32', [kept * edge, edge], () => parts().tiles),
    part('starts', 'i32', [columns + 1], () => parts().starts),
    part('which', 'i32', [kept], () => parts().which),
  ];
  const [tiles, starts, which] = weights.map(({ name }) => name);
  return {
    weights,
    inputs: [tiles!, bias, starts!, which!],
    attributes: { weights: 'pruned', out },
  };
}

function pruneValues(at: Elements, inner: number, out: number, edge: number, kept: number): Pruned {
  const [down, across] = [Math.ceil(inner / edge), Math.ceil(out / edge)];
  const tiles = Array.from({ length: down * across }, (_, index) => {
    const [row, column] = [index % down, Math.floor(index / down)];
    const values = packTile(at, inner, out, edge, row, column);
    return { index, row, column, values, norm: values.reduce((sum, x) => sum + x * x, 0) };
  });
  const byNorm = tiles.toSorted((a, b) => b.norm - a.norm || a.index - b.index);
  const best = new Map(byNorm.toReversed().map((tile) => [tile.column, tile]));
  const chosen = new Set(best.values());
  for (const tile of byNorm) if (chosen.size < kept) chosen.add(tile);
  const left = tiles.filter((tile) => chosen.has(tile));
  const packed = new Float32Array(kept * edge * edge);
  left.forEach(({ values }, i) => packed.set(values, i * edge * edge));
  const starts = Int32Array.from(
    { length: across + 1 },
    (_, column) => left.filter((tile) => tile.column < column).length,
  );
  return { tiles: packed, starts, which: Int32Array.from(left, ({ row }) => row) };
}
