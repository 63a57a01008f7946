/** The timing model against cycle counts of five sources that do not share code with it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Convention } from '../../src/machine/systolic/convention.ts';
import { SOURCES } from '../../src/machine/systolic/convention.ts';
import { simulate } from '../../src/machine/systolic/simulate.ts';

const DATAFLOWS = {
  ws: 'weight-stationary',
  os: 'output-stationary',
  is: 'input-stationary',
} as const;

/** A measurement: tool, dataflow, R, C, M, K, N, repetitions, cycles. */
type Row = readonly [
  keyof typeof SOURCES,
  keyof typeof DATAFLOWS,
  rows: number,
  columns: number,
  m: number,
  k: number,
  n: number,
  count: number,
  cycles: number,
];

function cyclesOf(row: Row, convention: Convention = SOURCES[row[0]].convention): number {
  const [tool, dataflow, rows, columns, m, k, n, count] = row;
  const { weights } = SOURCES[tool];
  // One byte a weight, a whole tile a cycle: memory does not bind in these measurements.
  const ports = { weightElementBytes: 1, weightBytesPerCycle: rows * columns };
  const array = { rows, columns, dataflow: DATAFLOWS[dataflow], weights, ...ports };
  const gemms = Array.from({ length: count }, () => ({ m, k, n }));
  return simulate(array, gemms, convention).reportedCycles;
}

/** Measured; the comment says how the number comes about. */
const BY_HAND: readonly Row[] = [
  ['textbook-verilog', 'ws', 8, 16, 5, 8, 16, 1, 35], // load 8, stream 5, wave 22
  ['textbook-verilog', 'ws', 16, 8, 5, 16, 8, 1, 43], // load 16, stream 5, wave 22
  ['textbook-verilog', 'os', 4, 4, 4, 16, 4, 1, 26], // stream 16, wave 6, drain 4
  ['textbook-verilog', 'os', 8, 16, 8, 64, 16, 1, 94], // stream 64, wave 22, drain 8
  ['SCALE-Sim-v2', 'ws', 8, 8, 3, 5, 7, 1, 24], // load 8, stream 3, wave 14; index of the last
  ['SCALE-Sim-v2', 'os', 8, 8, 3, 5, 7, 1, 18], // stream 5, wave 14, no drain; index of the last
  ['SCALE-Sim-v2', 'is', 8, 8, 3, 5, 7, 1, 28], // load 8, stream 7, wave 14; index of the last
  ['SCALE-Sim-v2', 'ws', 16, 16, 17, 33, 65, 1, 944], // ⌈33/16⌉ · ⌈65/16⌉ = 15 folds of 63
  ['SCALE-Sim-v3', 'is', 16, 16, 17, 33, 65, 1, 665], // ⌈33/16⌉ · ⌈17/16⌉ = 6 folds of 111
  ['SCALE-Sim-v3', 'os', 16, 16, 17, 33, 65, 1, 629], // ⌈17/16⌉ · ⌈65/16⌉ = 10 folds of 63
  ['SCALE-Sim-v3', 'ws', 8, 16, 3, 5, 7, 1, 32], // load 8, stream 3, wave 22; index of the last
  ['OpenTPU-PyRTL', 'ws', 4, 4, 2, 4, 4, 1, 10], // stream 2, wave 6, registers 2
  ['OpenTPU-PyRTL', 'ws', 8, 8, 64, 8, 8, 1, 80], // stream 64, wave 14, registers 2
  ['ONNXim-core', 'ws', 8, 8, 1, 8, 8, 1, 35], // fetch and load 15, stream 4, wave 14, registers 2
  ['ONNXim-core', 'ws', 8, 8, 16, 8, 8, 3, 79], // 15, then 3 · 16, then 14 + 2
  ['ONNXim-core', 'ws', 16, 16, 4, 16, 16, 3, 99], // 31, then 16 + 16 + 4, then 30 + 2
];

describe('cycle counts of other tools, worked by hand', () => {
  it.each(BY_HAND)('%s %s %i×%i, %i×%i×%i, %i times: %i cycles', (...row) => {
    expect(cyclesOf(row)).toBe(row[8]);
  });

  it('needs every switch: our own count differs wherever a source counts otherwise', () => {
    const textbook = SOURCES['textbook-verilog'].convention;
    for (const source of Object.keys(SOURCES) as (keyof typeof SOURCES)[]) {
      const { convention }: { convention: Convention } = SOURCES[source];
      for (const key of Object.keys(convention) as (keyof typeof convention)[]) {
        if (convention[key] === textbook[key]) continue;
        const without = { ...convention, [key]: textbook[key] };
        const rows = BY_HAND.filter(([tool]) => tool === source);
        const differs = rows.some((row) => cyclesOf(row, without) !== row[8]);
        expect(differs, `${source} without ${key}`).toBe(true);
      }
    }
  });
});

const GOLDEN = new URL('../../../shared/golden/systolic-cycles.csv', import.meta.url);
const present = existsSync(GOLDEN);
if (!present) console.warn('skipped: ../shared/golden/systolic-cycles.csv is not there');

/** Stall-free rows of the file; `tool@version,dataflow,R,C,M,K,N,count,stall,cycles`. */
function goldenRows(): Row[] {
  const lines = readFileSync(GOLDEN, 'utf8').trim().split('\n').slice(1);
  return lines.flatMap((line): Row[] => {
    const [tool, dataflow, ...numbers] = line.split(',');
    if (Number(numbers[6]) > 0) return [];
    const source = Object.keys(SOURCES).find((name) => tool!.startsWith(name));
    if (!source || !Object.hasOwn(DATAFLOWS, dataflow!)) throw new Error(`unknown source: ${line}`);
    const [rows, columns, m, k, n, count, , cycles] = numbers.map(Number);
    return [[source, dataflow, rows, columns, m, k, n, count, cycles] as unknown as Row];
  });
}

describe.skipIf(!present)('every stall-free row of systolic-cycles.csv', () => {
  it('is reproduced to the cycle', () => {
    const rows = goldenRows();
    const wrong = rows.filter((row) => cyclesOf(row) !== row[8]);
    const table = Object.keys(SOURCES).map((source) => {
      const of = (some: readonly Row[]) => some.filter(([tool]) => tool === source).length;
      return { source, rows: of(rows), equal: of(rows) - of(wrong) };
    });
    for (const { source, rows: all, equal } of table) {
      console.log(
        `${source.padEnd(18)}${String(equal).padStart(4)} of ${String(all).padStart(4)} rows`,
      );
    }
    expect(wrong).toEqual([]);
    for (const { source, rows: all } of table) expect(all, source).toBeGreaterThan(10);
  });
});
