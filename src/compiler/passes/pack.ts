/** Packing: a matrix cut into tiles or panels, each in one piece, so that memory is read without gaps. */

/** An element of a weight as in × out, however it lies in memory. */
export type Elements = (row: number, column: number) => number;

/** The elements of a weight that is in × out, or out × in when `transposed`. */
export function elementAt(
  values: ArrayLike<number>,
  inner: number,
  out: number,
  transposed: boolean,
): Elements {
  if (transposed) return (i, j) => values[j * inner + i]!;
  return (i, j) => values[i * out + j]!;
}

/** One tile of edge × edge, with zeros where it reaches beyond the matrix. */
export function packTile(
  at: Elements,
  inner: number,
  out: number,
  edge: number,
  row: number,
  column: number,
): Float32Array {
  const tile = new Float32Array(edge * edge);
  for (let i = row * edge; i < Math.min(inner, (row + 1) * edge); i++) {
    for (let j = column * edge; j < Math.min(out, (column + 1) * edge); j++) {
      tile[(i - row * edge) * edge + (j - column * edge)] = at(i, j);
    }
  }
  return tile;
}

/** All tiles: column of tiles by column of tiles, each from the top down. */
export function packTiles(at: Elements, inner: number, out: number, edge: number): Float32Array {
  const [down, across] = [Math.ceil(inner / edge), Math.ceil(out / edge)];
  const packed = new Float32Array(down * across * edge * edge);
  for (let index = 0; index < down * across; index++) {
    const tile = packTile(at, inner, out, edge, index % down, Math.floor(index / down));
    packed.set(tile, index * edge * edge);
  }
  return packed;
}

/** All elements: panel by panel of up to `edge` columns, each row by row. */
export function packPanels(at: Elements, inner: number, out: number, edge: number): Float32Array {
  const packed = new Float32Array(inner * out);
  let filled = 0;
  for (let from = 0; from < out; from += edge) {
    const to = Math.min(out, from + edge);
    for (let i = 0; i < inner; i++) {
      for (let j = from; j < to; j++) packed[filled++] = at(i, j);
    }
  }
  return packed;
}
