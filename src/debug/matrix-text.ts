/** Matrices for people: as numbers with no more digits than they need, and as maps of characters. */

export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  /** Row by row; may be longer. */
  readonly values: ArrayLike<number>;
  readonly isInteger: boolean;
  /** Empty where there are none. */
  readonly rowNames: readonly string[];
  readonly colNames: readonly string[];
}

const MAX_ROWS = 32;
const MAX_COLS = 16;
const SIGNIFICANT_DIGITS = 4;

/** From here on a number is written with an exponent. */
const HUGE = 1e9;

/** The ten levels of a heat map, the least first. */
export const LEVELS = ' .:-=+*#%@';

/** What a heat map shows for NaN and infinities. */
export const NOT_FINITE = '?';

const MAX_MAP_ROWS = 64;
const MAX_MAP_COLS = 96;

/** `first 32 × 16`, or '' when all is shown. */
function cutText(rows: number, cols: number, maxRows: number, maxCols: number): string {
  if (rows <= maxRows && cols <= maxCols) return '';
  return `first ${Math.min(rows, maxRows)} × ${Math.min(cols, maxCols)}`;
}

/** The numbers in aligned columns, indented; large matrices are cut, and the first line says so. */
export function numberLines(matrix: Matrix): string[] {
  const { rows, cols, values, rowNames, colNames, isInteger } = matrix;
  const [shownRows, shownCols] = [Math.min(rows, MAX_ROWS), Math.min(cols, MAX_COLS)];
  const digits = isInteger ? 0 : decimals(matrix);
  const cells = Array.from({ length: shownRows }, (_, i) => [
    ...(rowNames.length > 0 ? [rowNames[i] ?? ''] : []),
    ...Array.from({ length: shownCols }, (_, j) => numberText(values[i * cols + j]!, digits)),
  ]);
  if (colNames.length > 0) {
    const corner = rowNames.length > 0 ? [''] : [];
    const titles = Array.from({ length: shownCols }, (_, j) => colNames[j] ?? '');
    cells.unshift([...corner, ...titles]);
  }
  const cut = cutText(rows, cols, MAX_ROWS, MAX_COLS);
  return [...(cut === '' ? [] : [`  ${cut}:`]), ...alignColumns(cells)];
}

/** Decimals that give the largest value its significant digits. */
function decimals({ rows, cols, values }: Matrix): number {
  let largest = 0;
  for (let i = 0; i < rows * cols; i++) {
    const size = Math.abs(values[i]!);
    if (size < Infinity) largest = Math.max(largest, size);
  }
  let before = 1;
  for (let power = 10; power <= largest && before < SIGNIFICANT_DIGITS; power *= 10) before++;
  return SIGNIFICANT_DIGITS - before;
}

function numberText(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const isSmall = value !== 0 && Math.abs(value) < 0.5 * 0.1 ** digits;
  return isSmall || Math.abs(value) >= HUGE ? value.toExponential(1) : value.toFixed(digits);
}

function alignColumns(cells: readonly (readonly string[])[]): string[] {
  const length = (text: string) => [...text].length;
  const widths = cells[0]!.map((_, j) => Math.max(...cells.map((row) => length(row[j]!))));
  return cells.map((row) => {
    const padded = row.map((text, j) => ' '.repeat(widths[j]! - length(text)) + text);
    return `  ${padded.join('  ')}`;
  });
}

/**
 * One character for each value, from the least to the largest in ten equal levels:
 * ```
 *   min -1.000 ' .:-=+*#%@' max 1.000
 *   |@: |
 *   | =+|
 * ```
 */
export function heatLines(matrix: Matrix): string[] {
  const { rows, cols, values, rowNames } = matrix;
  const { min, max } = rangeOf(matrix);
  const digits = matrix.isInteger ? 0 : decimals(matrix);
  const names = Array.from({ length: Math.min(rows, MAX_MAP_ROWS) }, (_, i) => rowNames[i] ?? '');
  const width = Math.max(...names.map((name) => [...name].length));
  const lines = names.map((name, i) => {
    const shown = Array.from({ length: Math.min(cols, MAX_MAP_COLS) }, (_, j) =>
      levelOf(values[i * cols + j]!, min, max),
    );
    return `  ${' '.repeat(width - [...name].length)}${name}|${shown.join('')}|`;
  });
  const cut = cutText(rows, cols, MAX_MAP_ROWS, MAX_MAP_COLS);
  const ends = `min ${numberText(min, digits)} '${LEVELS}' max ${numberText(max, digits)}`;
  const scale = min > max ? 'no value is finite' : ends;
  const hasOthers = lines.some((line) => line.includes(NOT_FINITE));
  const note = hasOthers ? `; ${NOT_FINITE} is nan or infinite` : '';
  return [`  ${scale}${note}${cut === '' ? '' : `; ${cut}`}`, ...lines];
}

/** The least and the largest finite value; min > max when there is none. */
function rangeOf({ rows, cols, values }: Matrix): { min: number; max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < rows * cols; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  return { min, max };
}

function levelOf(value: number, min: number, max: number): string {
  if (!Number.isFinite(value)) return NOT_FINITE;
  const share = max > min ? (value - min) / (max - min) : 0;
  return LEVELS[Math.min(LEVELS.length - 1, Math.floor(share * LEVELS.length))]!;
}
