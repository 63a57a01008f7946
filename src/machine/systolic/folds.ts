/** Cuts a matrix product into folds: the pieces that a systolic array takes one at a time. */
import type { MatrixWork } from '../../../isa/work.ts';
import type { MatrixUnit } from '../machine.ts';

/** The array itself, without what surrounds it. */
export type SystolicArray = Omit<MatrixUnit, 'count' | 'accumulatorForwarding'>;

/** A product (m × k) · (k × n). */
export type Gemm = Omit<MatrixWork, 'kind'>;

/** One pass over the array. */
export interface Fold {
  /** Which product of the run it belongs to, from 0. */
  readonly gemm: number;
  /** PEs in use, of `array.rows` and of `array.columns`; fewer where the product is ragged. */
  readonly rows: number;
  readonly columns: number;
  /** Vectors streamed through, T of UA-12. */
  readonly vectors: number;
}

/** The edges that lie along the rows, along the columns, and in time, for each dataflow. */
function layOut(dataflow: SystolicArray['dataflow'], { m, k, n }: Gemm) {
  switch (dataflow) {
    case 'weight-stationary':
      return { alongRows: k, alongColumns: n, vectors: m };
    case 'output-stationary':
      return { alongRows: m, alongColumns: n, vectors: k };
    case 'input-stationary':
      return { alongRows: k, alongColumns: m, vectors: n };
  }
  return dataflow satisfies never;
}

/** Lengths of the pieces of `whole`, each `piece` long but for the last. */
function pieces(whole: number, piece: number): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < whole; at += piece) lengths.push(Math.min(piece, whole - at));
  return lengths;
}

/** The folds of product number `gemm` of a run, columns inside rows. Throws on an empty product. */
export function cutIntoFolds(array: SystolicArray, work: Gemm, gemm: number): Fold[] {
  const { alongRows, alongColumns, vectors } = layOut(array.dataflow, work);
  if (alongRows < 1 || alongColumns < 1 || vectors < 1) {
    throw new Error(`invariant: no product of ${work.m} × ${work.k} × ${work.n}`);
  }
  return pieces(alongRows, array.rows).flatMap((rows) =>
    pieces(alongColumns, array.columns).map((columns) => ({ gemm, rows, columns, vectors })),
  );
}
