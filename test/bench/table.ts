/** The results of a benchmark as a table that grows line by line, and as JSON. */
import { writeFileSync } from 'node:fs';
import type { Result, Spread } from './rows.ts';

const WIDTHS = [38, 28, 16, 18, 16] as const;

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join(' ')
    .trimEnd();

/** What stands above the whole table. */
export function legend(clock: string, isShort: boolean): string {
  const how = isShort ? 'Short form: only rows with a limit, and few rounds. ' : '';
  return [
    `${how}Both sides take turns; the ratio is the median of the rounds, with the lowest and the highest.`,
    `${capital(clock)}, but where a group says otherwise.`,
    '× as fast: more is better. × as long, beside a part of the same work: less is better.',
  ].join('\n');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const HEADER = line(['', 'compared with', 'ratio', '(low to high)', 'figure', 'limit']);

/** `MATMUL 16×16×16   the plain loop   48.2 × as fast   (35.3 to 48.4)   32.6 G flop/s   at least 8`. */
export function showResult({ name, against, isPart, ratio, figure, limit }: Result): string {
  const [median, range] = ratio ? [showRatio(ratio.median, isPart), showRange(ratio)] : ['', ''];
  const bound = limit === undefined ? '' : `${isPart ? 'at most' : 'at least'} ${limit}`;
  return line([name, against ?? '', median, range, figure, bound]);
}

/** What is said of a result outside its limit, behind the table. */
export function complain({ group, name, against, isPart, ratio, limit }: Result): string {
  const wanted = `${isPart ? 'at most' : 'at least'} ${limit!}`;
  return `${group}: ${name} is ${showRatio(ratio!.median, isPart)} as ${against!}; it should be ${wanted}`;
}

function showRatio(ratio: number, isPart: boolean): string {
  return `${number(ratio)} × as ${isPart ? 'long' : 'fast'}`;
}

function showRange({ low, high }: Spread): string {
  return `(${number(low)} to ${number(high)})`;
}

const number = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** Version 2: `{ version, clock, results }`, times in nanoseconds. */
export function writeJson(file: string, clock: string, results: readonly Result[]): void {
  writeFileSync(file, `${JSON.stringify({ version: 2, clock, results }, undefined, 2)}\n`);
}
