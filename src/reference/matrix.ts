/** Float64 matrices, row by row in one array: the only data type of the reference forward pass. */

/** A matrix of `rows` × `cols` numbers; element (i, j) is `data[i * cols + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/**
 * Copies `values` into a matrix of the given shape.
 * @throws RangeError when the number of values is not rows · cols.
 */
export function matrix(rows: number, cols: number, values: ArrayLike<number>): Matrix {
  if (values.length !== rows * cols) {
    throw new RangeError(`${rows}×${cols} matrix from ${values.length} values`);
  }
  return { rows, cols, data: Float64Array.from(values) };
}

/** A matrix of zeros. */
export function zeros(rows: number, cols: number): Matrix {
  return { rows, cols, data: new Float64Array(rows * cols) };
}

/**
 * A matrix from its rows, as one writes it on paper: `fromRows([[1, 2], [3, 4]])`.
 * @throws RangeError when the rows differ in length.
 */
export function fromRows(rows: readonly (readonly number[])[]): Matrix {
  const cols = rows[0]?.length ?? 0;
  const ragged = rows.find((row) => row.length !== cols);
  if (ragged) throw new RangeError(`rows of length ${cols} and ${ragged.length} in one matrix`);
  return matrix(rows.length, cols, rows.flat());
}

/** The rows of a matrix as plain arrays, for reading and printing. */
export function toRows(m: Matrix): number[][] {
  return Array.from({ length: m.rows }, (_, i) => [...row(m, i).data]);
}

/** The shape as text, `3×4`, for messages. */
export function shapeOf(m: Matrix): string {
  return `${m.rows}×${m.cols}`;
}

/**
 * Stops a computation whose operands do not fit, naming both shapes.
 * @throws RangeError such as `matmul: shapes 2×3 and 4×5 do not fit`.
 */
export function requireFit(fits: boolean, operation: string, a: Matrix, b: Matrix): void {
  if (fits) return;
  throw new RangeError(`${operation}: shapes ${shapeOf(a)} and ${shapeOf(b)} do not fit`);
}

/** f applied to every element. */
export function mapElements(m: Matrix, f: (value: number) => number): Matrix {
  return { rows: m.rows, cols: m.cols, data: m.data.map((value) => f(value)) };
}

/**
 * f applied to every pair of elements of two matrices of one shape.
 * @throws RangeError when the shapes differ.
 */
export function zipElements(
  operation: string,
  a: Matrix,
  b: Matrix,
  f: (x: number, y: number) => number,
): Matrix {
  requireFit(a.rows === b.rows && a.cols === b.cols, operation, a, b);
  return { rows: a.rows, cols: a.cols, data: a.data.map((value, i) => f(value, b.data[i])) };
}

/** mᵀ [cols × rows]. */
export function transpose(m: Matrix): Matrix {
  const out = zeros(m.cols, m.rows);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.cols; j++) out.data[j * m.rows + i] = m.data[i * m.cols + j];
  }
  return out;
}

/**
 * Rows `start` to `end` (exclusive) [end − start × cols].
 * @throws RangeError when the range leaves the matrix.
 */
export function sliceRows(m: Matrix, start: number, end: number): Matrix {
  if (start < 0 || end < start || end > m.rows) {
    throw new RangeError(`rows ${start} to ${end} of a ${shapeOf(m)} matrix`);
  }
  return matrix(end - start, m.cols, m.data.subarray(start * m.cols, end * m.cols));
}

/** Row i as a 1 × cols matrix. */
export function row(m: Matrix, i: number): Matrix {
  return sliceRows(m, i, i + 1);
}

/**
 * Columns `start` to `end` (exclusive) [rows × end − start].
 * @throws RangeError when the range leaves the matrix.
 */
export function sliceCols(m: Matrix, start: number, end: number): Matrix {
  if (start < 0 || end < start || end > m.cols) {
    throw new RangeError(`columns ${start} to ${end} of a ${shapeOf(m)} matrix`);
  }
  const out = zeros(m.rows, end - start);
  for (let i = 0; i < m.rows; i++) {
    out.data.set(m.data.subarray(i * m.cols + start, i * m.cols + end), i * out.cols);
  }
  return out;
}

/**
 * Matrices of equal height side by side.
 * @throws RangeError when the heights differ or there is none.
 */
export function joinCols(parts: readonly Matrix[]): Matrix {
  return transpose(joinRows(parts.map(transpose)));
}

/**
 * Matrices of equal width one below the other.
 * @throws RangeError when the widths differ or there is none.
 */
export function joinRows(parts: readonly Matrix[]): Matrix {
  if (parts.length === 0) throw new RangeError('nothing to join');
  for (const part of parts) requireFit(part.cols === parts[0].cols, 'join', parts[0], part);
  const rows = parts.reduce((total, part) => total + part.rows, 0);
  const out = zeros(rows, parts[0].cols);
  let offset = 0;
  for (const part of parts) {
    out.data.set(part.data, offset);
    offset += part.data.length;
  }
  return out;
}
