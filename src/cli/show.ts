/** Prints matrices for people: with row and column names, and no more digits than they need. */
import type { DataSymbol } from '../program/program.ts';
import { matrixShape } from '../program/program.ts';
import { symbolValues } from '../run/outputs.ts';
import type { Vm } from '../vm/vm.ts';

const MAX_ROWS = 32;
const MAX_COLS = 16;
const SIGNIFICANT_DIGITS = 4;

/** A symbol's content as a table; large ones are cut, and say so. */
export function showSymbol(vm: Vm, symbol: DataSymbol, title: string): string {
  const values = symbolValues(vm, symbol);
  const { rows, cols } = matrixShape(symbol.shape);
  const [shownRows, shownCols] = [Math.min(rows, MAX_ROWS), Math.min(cols, MAX_COLS)];
  const digits = decimals(values);
  const table = Array.from({ length: shownRows }, (_, i) => [
    symbol.rowNames[i] ?? '',
    ...Array.from({ length: shownCols }, (_, j) => cell(values[i * cols + j]!, digits)),
  ]);
  const hasColNames = symbol.colNames.length > 0;
  if (hasColNames) table.unshift(['', ...symbol.colNames.slice(0, shownCols)]);
  const cut = rows > shownRows || cols > shownCols ? `, first ${shownRows} × ${shownCols}` : '';
  const heading = `${title} (${symbol.name}, ${symbol.shape.join(' × ')} ${symbol.dtype}${cut})`;
  return [heading, ...alignColumns(table).map((line) => `  ${line}`)].join('\n');
}

/** Decimals that give the largest value its significant digits. */
function decimals(values: Float32Array | Int32Array): number {
  if (values instanceof Int32Array) return 0;
  let largest = 0;
  for (const value of values) {
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  }
  let before = 1;
  for (let power = 10; power <= largest && before < SIGNIFICANT_DIGITS; power *= 10) before++;
  return SIGNIFICANT_DIGITS - before;
}

/** An exact zero is shown as such: in attention it is what the mask hides. */
function cell(value: number, digits: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const small = Math.abs(value) < 0.5 * 0.1 ** digits;
  const huge = Math.abs(value) >= 1e9;
  return small || huge ? value.toExponential(1) : value.toFixed(digits);
}

function alignColumns(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, j) => Math.max(...table.map((row) => [...row[j]!].length)));
  return table.map((row) =>
    row
      .map((text, j) => ' '.repeat(widths[j]! - [...text].length) + text)
      .join('  ')
      .trimEnd(),
  );
}
