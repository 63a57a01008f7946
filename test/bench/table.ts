/** The results of a benchmark as a table that grows line by line, and as JSON. */
import { writeFileSync } from 'node:fs';
import type { Result, Spread } from './rows.ts';

const WIDTHS = [36, 25, 9, 18] as const;

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd();

export const HEADER = line(['', 'compared with', 'ratio', '(low to high)', 'figure']);

/** `MATMUL 16×16×16   the plain loop   48.2 ×   (35.3 to 48.4)   32.6 G flop/s`. */
export function showResult({ name, against, ratio, figure, floor }: Result): string {
  const least = floor === undefined ? '' : `  (floor ${floor})`;
  const [median, range] = ratio ? [`${number(ratio.median)} ×`, showRange(ratio)] : ['', ''];
  return line([name, against ?? '', median, range, figure + least]);
}

function showRange({ low, high }: Spread): string {
  return `(${number(low)} to ${number(high)})`;
}

const number = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** Version 1: `{ version, results }`, times in nanoseconds. */
export function writeJson(file: string, results: readonly Result[]): void {
  writeFileSync(file, `${JSON.stringify({ version: 1, results }, undefined, 2)}\n`);
}
