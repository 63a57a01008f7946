/** MATMUL in SIMD: vectors run over columns, blocks over rows; each element is still one sum in ascending k. */

import type { Declare, Local } from './assembler.ts';
import { advance, declareAll, defineFunction, doWhile, get, integers, set } from './assembler.ts';
import { sequence, when, whileTrue } from './assembler.ts';
import type { Code } from './encoder.ts';
import type { Access } from './loops.ts';
import { FLOAT_BYTES, LANES, PAIR, SINGLE, VECTOR_BYTES, WHOLE } from './loops.ts';
import { float, i32, int, v128 } from './operations.ts';

/** What the blocks of one product share. */
interface Product {
  /** Byte addresses of the first element of the block's rows and columns. */
  readonly outRow: Local;
  readonly aRow: Local;
  readonly b: Local;
  /** Bytes from the start of a row to the start of the next. */
  readonly outStride: Local;
  readonly aStride: Local;
  readonly bStride: Local;
  /** Bytes from a place of the result to the same place of the accumulator; `hasAccumulator` is 0 without one. */
  readonly toAccumulator: Local;
  readonly hasAccumulator: Local;
  /** Working variables. */
  readonly aAt: Local;
  readonly bAt: Local;
  readonly aEnd: Local;
  readonly splats: readonly Local[];
  readonly column: readonly Local[];
  readonly sums: readonly Local[];
}

/** The loads and stores of vectors of which only `width` lanes count. */
function accessOf(width: number): Access {
  return width === 1 ? SINGLE : width === 2 ? PAIR : WHOLE;
}

/**
 * The micro-kernel: `rows` × `width` elements of the result, all k. Eight sums (2 × 16 or 1 × 32) fill the
 * adders' latency and leave room for the operands in sixteen registers.
 */
function block(p: Product, rows: number, width: number): Code {
  const { load, store } = accessOf(width);
  const vectors = Math.ceil(width / LANES);
  const each = (write: (row: number, vector: number, sum: Local) => Code): Code =>
    Array.from({ length: rows * vectors }, (_, i) =>
      write(Math.floor(i / vectors), i % vectors, p.sums[i]),
    ).flat();
  const rowOf = (base: Code, stride: Local, row: number) =>
    row === 0 ? base : i32.add(base, get(stride));
  const accumulator = i32.add(get(p.outRow), get(p.toAccumulator));
  const start = when(
    get(p.hasAccumulator),
    each((row, v, sum) => set(sum, load(rowOf(accumulator, p.outStride, row), v * VECTOR_BYTES))),
    each((_, __, sum) => set(sum, v128.splat(float(0)))),
  );
  const step = sequence(
    ...Array.from({ length: rows }, (_, row) =>
      set(p.splats[row], v128.loadSplat(rowOf(get(p.aAt), p.aStride, row))),
    ),
    ...Array.from({ length: vectors }, (_, v) =>
      sequence(
        set(p.column[0], load(get(p.bAt), v * VECTOR_BYTES)),
        ...Array.from({ length: rows }, (__, row) => {
          const sum = p.sums[row * vectors + v];
          return set(sum, v128.add(get(sum), v128.mul(get(p.splats[row]), get(p.column[0]))));
        }),
      ),
    ),
    advance(p.bAt, get(p.bStride)),
    advance(p.aAt, int(FLOAT_BYTES)),
  );
  return sequence(
    set(p.aAt, get(p.aRow)),
    set(p.aEnd, i32.add(get(p.aRow), get(p.aStride))),
    set(p.bAt, get(p.b)),
    start,
    doWhile(step, i32.below(get(p.aAt), get(p.aEnd))),
    each((row, v, sum) =>
      store(rowOf(get(p.outRow), p.outStride, row), get(sum), v * VECTOR_BYTES),
    ),
  );
}

/** One block of columns: two rows at a time, then the last one of an odd number. */
function columns(p: Product, declare: Declare, place: Places, width: number): Code {
  const rows = declare('i32');
  const next = (count: number) =>
    sequence(
      ...Array.from({ length: count }, () =>
        sequence(advance(p.outRow, get(p.outStride)), advance(p.aRow, get(p.aStride))),
      ),
    );
  const pairs = sequence(block(p, 2, width), next(2), set(rows, i32.sub(get(rows), int(2))));
  return sequence(
    set(p.outRow, get(place.out)),
    set(p.aRow, get(place.a)),
    set(rows, get(place.rows)),
    whileTrue(i32.atLeast(get(rows), int(2)), pairs),
    when(get(rows), block(p, 1, width)),
    nextColumns(p, place, width),
  );
}

/** Where the block of columns begins, and how many rows and columns are left. */
interface Places {
  readonly out: Local;
  readonly a: Local;
  readonly rows: Local;
  readonly columns: Local;
}

function nextColumns(p: Product, place: Places, width: number): Code {
  return sequence(
    advance(place.out, int(width * FLOAT_BYTES)),
    advance(p.b, int(width * FLOAT_BYTES)),
    set(place.columns, i32.sub(get(place.columns), int(width))),
  );
}

/**
 * `matmul(out, a, b, accumulator, m, k, n, outStride, bStride)`: out (m×n) ← a (m×k) · b (k×n), plus the
 * accumulator (m×n) unless its address is 0. Addresses and strides in bytes; rows of `a` are dense, rows of
 * the accumulator as far apart as those of `out`, and it may be `out` itself.
 */
export const matmulFunction = defineFunction(
  'matmul',
  integers('out', 'a', 'b', 'accumulator', 'm', 'k', 'n', 'outStride', 'bStride'),
  ({ out, a, b, accumulator, m, k, n, outStride, bStride }, declare) => {
    const place: Places = { out, a, rows: m, columns: n };
    const product: Product = {
      outRow: declare('i32'),
      aRow: declare('i32'),
      b,
      outStride,
      aStride: declare('i32'),
      bStride,
      toAccumulator: declare('i32'),
      hasAccumulator: accumulator,
      aAt: declare('i32'),
      bAt: declare('i32'),
      aEnd: declare('i32'),
      splats: declareAll(declare, 'v128', 2),
      column: [declare('v128')],
      sums: declareAll(declare, 'v128', 8),
    };
    const isLeft = (width: number) => i32.atLeast(get(n), int(width));
    const wideRow = sequence(
      set(product.outRow, get(out)),
      set(product.aRow, get(a)),
      block(product, 1, 32),
      nextColumns(product, place, 32),
    );
    const narrow = (width: number) => columns(product, declare, place, width);
    return sequence(
      set(product.aStride, i32.mul(get(k), int(FLOAT_BYTES))),
      set(product.toAccumulator, i32.sub(get(accumulator), get(out))),
      when(i32.equal(get(m), int(1)), whileTrue(isLeft(32), wideRow)),
      whileTrue(isLeft(16), narrow(16)),
      whileTrue(isLeft(4), narrow(4)),
      when(isLeft(2), narrow(2)),
      when(isLeft(1), narrow(1)),
    );
  },
);
