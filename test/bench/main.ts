/**
 * `npm run bench [GROUP…] [-- --short] [--json FILE]`: how fast the parts are on this machine, and how many times
 * faster than others. The short form compares ratios with their floors, and ends with 1 when one is below.
 */
import { parseArgs } from 'node:util';
import { benchAssembler } from './assembler.ts';
import { benchBooks } from './books.ts';
import { benchDecode } from './decode.ts';
import { engineRows } from './engines.ts';
import { kernelRows, transferRows } from './kernels.ts';
import type { Note } from './native.ts';
import { nativeRows, runtimeRow } from './native.ts';
import { productRows } from './products.ts';
import type { Result, Row } from './rows.ts';
import { LONG, isAboveFloor, judgeRow, measureRow } from './rows.ts';
import { HEADER, showResult, writeJson } from './table.ts';
import { benchStart } from './start.ts';
import { benchVm } from './vm.ts';
import { assemblerRows, runRows } from './whole.ts';

/** Rows are made one at a time, when they are measured. */
type Rows = Iterable<Row | Note> | AsyncIterable<Row | Note>;

async function* runtimeRows(): AsyncGenerator<Row | Note> {
  yield await runtimeRow();
}

const GROUPS: Readonly<Record<string, () => Rows>> = {
  products: productRows,
  kernels: kernelRows,
  transfers: transferRows,
  native: nativeRows,
  runtime: runtimeRows,
  engines: engineRows,
  runs: runRows,
  assembler: assemblerRows,
};

/** Groups that print lines of their own; they have no floors. */
const PRINTING: Readonly<Record<string, () => void>> = {
  machine: benchVm,
  books: benchBooks,
  decode: benchDecode,
  text: benchAssembler,
  start: benchStart,
};

const NAMES = [...Object.keys(GROUPS), ...Object.keys(PRINTING)];

/** Measures the rows of a group; in the short form those that have a floor, and once more those below it. */
async function measureGroup(name: string, rows: Rows, isShort: boolean): Promise<Result[]> {
  const results: Result[] = [];
  for await (const row of rows) {
    if (typeof row === 'string') {
      console.log(row);
      continue;
    }
    if (isShort && row.floor === undefined) continue;
    const result = await (isShort ? judgeRow(name, row) : measureRow(name, row, LONG));
    console.log(showResult(result));
    results.push(result);
  }
  return results;
}

function chosenGroups(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (NAMES.includes(name)) continue;
    console.error(`no group is called ${name}; there are ${NAMES.join(', ')}`);
    process.exit(2);
  }
  return names.length > 0 ? names : NAMES;
}

async function main(): Promise<void> {
  const options = { short: { type: 'boolean', default: false }, json: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const results: Result[] = [];
  for (const name of chosenGroups(positionals)) {
    const rows = GROUPS[name];
    if (values.short && !rows) continue;
    console.log(`\n${name}\n${HEADER}`);
    if (rows) results.push(...(await measureGroup(name, rows(), values.short)));
    else PRINTING[name]!();
  }
  if (values.json !== undefined) writeJson(values.json, results);
  const slow = values.short ? results.filter((result) => !isAboveFloor(result)) : [];
  for (const { group, name, ratio, floor } of slow) {
    console.error(`${group}: ${name} has a ratio of ${ratio!.median.toFixed(2)}, below its floor of ${floor!}`); // prettier-ignore
  }
  if (slow.length > 0) process.exitCode = 1;
}

await main();
