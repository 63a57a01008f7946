/** A systolic array of registers that multiplies for real, one clock edge at a time. */

export type Matrix = readonly (readonly number[])[];

/** A matrix of whole numbers without zeros; `seed` decides which. */
export function matrix(rows: number, columns: number, seed: number): Matrix {
  const value = (i: number) => ((((i + seed) * 37 + 11) % 97) + 1) * (i % 2 === 0 ? 1 : -1);
  return Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => value(r * columns + c)),
  );
}

export const transpose = (a: Matrix): Matrix => a[0]!.map((_, c) => a.map((row) => row[c]!));

export function multiply(a: Matrix, b: Matrix): Matrix {
  const columns = transpose(b);
  return a.map((row) =>
    columns.map((column) => row.reduce((sum, x, i) => sum + x * column[i]!, 0)),
  );
}

export interface Outcome {
  readonly products: readonly Matrix[];
  /** Ticks until the last result is in a register. */
  readonly ticks: number;
}

/** An element on its way to the right; the first of a fold takes the new operand into use. */
interface Moving {
  readonly value: number;
  readonly fold: number;
  readonly vector: number;
}

/** A stationary element on its way down to row `to`. */
interface Falling {
  readonly value: number;
  readonly to: number;
}

interface Pe {
  moving: Moving | undefined;
  falling: Falling | undefined;
  sum: number;
  active: number;
  spare: number;
}

/** One clock edge of one PE; `left`, `up` and `above` are what its neighbours held before it. */
function clockPe(
  pe: Pe,
  row: number,
  left: Moving | undefined,
  above: Pe | undefined,
  fed?: Falling,
) {
  const falling = above ? above.falling : fed;
  if (left) {
    if (left.vector === 0) pe.active = pe.spare;
    pe.sum = (above?.sum ?? 0) + left.value * pe.active;
  }
  pe.moving = left;
  pe.falling = falling && falling.to > row ? falling : undefined;
  if (falling?.to === row) pe.spare = falling.value;
}

/**
 * Streams `vectors[f]` (T × rows) through `tiles[f]` (rows × columns) that stay in the array; a fold
 * starts `interval` ticks after the one before, and its tile begins to fall when that one starts.
 */
export function runStationary(
  tiles: readonly Matrix[],
  vectors: readonly Matrix[],
  interval: number,
): Outcome {
  const rows = tiles[0]!.length;
  const columns = tiles[0]![0]!.length;
  const blank = { moving: undefined, falling: undefined, sum: 0, active: 0, spare: 0 };
  const pes = Array.from({ length: rows }, () =>
    Array.from({ length: columns }, (): Pe => ({ ...blank })),
  );
  const products = vectors.map((v) => v.map((): number[] => []));
  let missing = products.length * vectors[0]!.length * columns;
  const startOf = (f: number) => rows + f * interval;
  const loadOf = (f: number) => (f === 0 ? 0 : startOf(f - 1));

  const entering = (row: number, tick: number): Moving | undefined => {
    for (let fold = 0; fold < tiles.length; fold++) {
      const vector = tick - row - startOf(fold);
      const value = vectors[fold]![vector]?.[row];
      if (value !== undefined) return { value, fold, vector };
    }
    return undefined;
  };
  const fed = (column: number, tick: number): Falling | undefined => {
    for (let fold = 0; fold < tiles.length; fold++) {
      const to = rows - 1 - (tick - column - loadOf(fold));
      const value = tiles[fold]![to]?.[column];
      if (value !== undefined) return { value, to };
    }
    return undefined;
  };

  let ticks = 0;
  for (; missing > 0; ticks++) {
    // From the far corner back, so that every PE sees what its neighbours held before this tick.
    for (let r = rows - 1; r >= 0; r--) {
      for (let c = columns - 1; c >= 0; c--) {
        const left = c === 0 ? entering(r, ticks) : pes[r]![c - 1]!.moving;
        clockPe(pes[r]![c]!, r, left, pes[r - 1]?.[c], fed(c, ticks));
      }
    }
    pes[rows - 1]!.forEach(({ moving, sum }, c) => {
      if (!moving) return;
      products[moving.fold]![moving.vector]![c] = sum;
      missing--;
    });
  }
  return { products, ticks };
}

/** Sums stay; a (rows × K) enters from the left, b (K × columns) from above, then sums shift down. */
export function runOutputStationary(a: Matrix, b: Matrix): Outcome {
  const inner = b.length;
  const blank = { right: 0, down: 0, sum: 0, steps: 0 };
  const pes = a.map(() => b[0]!.map(() => ({ ...blank })));
  const last = pes.at(-1)!.at(-1)!;
  let ticks = 0;
  for (; last.steps < inner; ticks++) {
    for (let r = pes.length - 1; r >= 0; r--) {
      for (let c = pes[0]!.length - 1; c >= 0; c--) {
        const pe = pes[r]![c]!;
        pe.right = c === 0 ? (a[r]![ticks - r] ?? 0) : pes[r]![c - 1]!.right;
        pe.down = r === 0 ? (b[ticks - c]?.[c] ?? 0) : pes[r - 1]![c]!.down;
        pe.sum += pe.right * pe.down;
        if (ticks >= r + c) pe.steps++;
      }
    }
  }
  const product: number[][] = [];
  for (let row = 0; row < pes.length; row++, ticks++) {
    product.unshift(pes.at(-1)!.map(({ sum }) => sum));
    for (let r = pes.length - 1; r > 0; r--)
      pes[r]!.forEach((pe, c) => (pe.sum = pes[r - 1]![c]!.sum));
  }
  return { products: [product], ticks };
}
