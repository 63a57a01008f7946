/** A tile: the small float32 matrix that a tile register holds. */

/**
 * A dense row-major float32 matrix, `rows` × `cols`, element (i, j) at `data[i * cols + j]`.
 *
 * `data` may be longer than `rows * cols` (a register file allocates the largest tile once); what
 * lies behind the shape is unspecified.
 */
export interface Tile {
  rows: number;
  cols: number;
  data: Float32Array;
}

/** A tile in the storage of a machine. */
export interface PlacedTile extends Tile {
  /** Byte address of `data`: kept, for asking a view costs more than a small sum. */
  address: number;
}

/** The shape of a tile. */
export interface Shape {
  readonly rows: number;
  readonly cols: number;
}

/** A zeroed tile of the given shape. */
export function makeTile(rows: number, cols: number): Tile {
  return { rows, cols, data: new Float32Array(rows * cols) };
}

/** A tile holding the given rows, each of the same length. */
export function tileOf(rows: readonly (readonly number[])[]): Tile {
  const cols = rows[0]?.length ?? 0;
  return { rows: rows.length, cols, data: Float32Array.from(rows.flat()) };
}

/** Tiles live as long as a machine, and a view costs more than loading a small tile: each is made once. */
const bitViews = new WeakMap<Float32Array, Int32Array>();

/** The same storage as bit patterns: what an int32 accumulator is made of (MATMUL.I8). */
export function bitsOf({ data }: Tile): Int32Array {
  let bits = bitViews.get(data);
  if (!bits) {
    bits = new Int32Array(data.buffer, data.byteOffset, data.length);
    bitViews.set(data, bits);
  }
  return bits;
}

/** The shape as people write it: `2×3`. */
export function showShape(shape: Shape): string {
  return `${shape.rows}×${shape.cols}`;
}
