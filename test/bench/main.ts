/**
 * `npm run bench [GROUP…] [-- --short] [--json FILE]`: how fast the parts are on this machine, beside other ways to do
 * the same. The short form compares ratios with their limits, and ends with 1 when one is outside.
 */
import { parseArgs } from 'node:util';
import { bookRows } from './books.ts';
import { CLOCK } from './clock.ts';
import { decodeRows } from './decode.ts';
import { engineRows } from './engines.ts';
import { kernelRows, transferRows } from './kernels.ts';
import { machineRows } from './machine.ts';
import { nativeRows, runtimeRows } from './native.ts';
import { productRows } from './products.ts';
import type { Note, Result, Row } from './rows.ts';
import { LONG, isWithinLimit, judgeRow, measureRow } from './rows.ts';
import { runRows } from './runs.ts';
import { startRows } from './start.ts';
import { sweepRows } from './sweep.ts';
import { HEADER, complain, legend, showResult, writeJson } from './table.ts';
import { textRows } from './text.ts';
import { walkRows } from './walk.ts';

/** Rows are made one at a time, when they are measured; in the short form those without a limit need not be. */
type Rows = (isShort: boolean) => Iterable<Row | Note> | AsyncIterable<Row | Note>;

const GROUPS: Readonly<Record<string, Rows>> = {
  products: productRows,
  kernels: kernelRows,
  transfers: transferRows,
  native: nativeRows,
  runtime: runtimeRows,
  machine: machineRows,
  engines: engineRows,
  books: bookRows,
  decode: decodeRows,
  walk: walkRows,
  sweep: sweepRows,
  runs: runRows,
  text: textRows,
  start: startRows,
};
const NAMES = Object.keys(GROUPS);

/** No row of these has a limit. */
const NOT_SHORT = ['runtime', 'runs', 'start'];

/** Measures the rows of a group; in the short form those that have a limit, and once more those outside it. */
async function measureGroup(name: string, isShort: boolean): Promise<Result[]> {
  const results: Result[] = [];
  for await (const row of GROUPS[name]!(isShort)) {
    if (typeof row === 'string') {
      console.log(row);
      continue;
    }
    if (isShort && row.limit === undefined) continue;
    const result = await (isShort ? judgeRow(name, row) : measureRow(name, row, LONG));
    console.log(showResult(result));
    results.push(result);
  }
  return results;
}

function chosenGroups(names: readonly string[], isShort: boolean): readonly string[] {
  for (const name of names) {
    if (NAMES.includes(name)) continue;
    console.error(`no group is called ${name}; there are ${NAMES.join(', ')}`);
    process.exit(2);
  }
  const chosen = names.length > 0 ? names : NAMES;
  return isShort ? chosen.filter((name) => !NOT_SHORT.includes(name)) : chosen;
}

async function main(): Promise<void> {
  const options = { short: { type: 'boolean', default: false }, json: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const results: Result[] = [];
  console.log(legend(CLOCK.name, values.short));
  for (const name of chosenGroups(positionals, values.short)) {
    console.log(`\n${name}\n${HEADER}`);
    results.push(...(await measureGroup(name, values.short)));
  }
  if (values.json !== undefined) writeJson(values.json, CLOCK.name, results);
  const outside = values.short ? results.filter((result) => !isWithinLimit(result)) : [];
  for (const result of outside) console.error(complain(result));
  if (outside.length > 0) process.exitCode = 1;
}

await main();
