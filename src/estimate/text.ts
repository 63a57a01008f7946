/** An estimate as text: passes side by side, the closed table of causes, parts of the model, and how to read it. */
import type { Machine } from '../machine/machine.ts';
import { apportion, entriesByCause } from '../reports/by-cause.ts';
import type { Column } from '../reports/format.ts';
import { bullet, clip, decimal, grouped, percent, table, wrap } from '../reports/format.ts';
import { MEANING } from '../reports/sentences.ts';
import type { TextOptions } from '../reports/text.ts';
import type { Cause } from '../timing/causes.ts';
import { CAUSES } from '../timing/causes.ts';
import type { PassEstimate } from './estimate.ts';
import { boundOf, readingOf } from './reading.ts';

/** What is told besides the passes. */
export interface EstimateTitle {
  /** `llama-3-70b: Llama, 70,553,706,496 parameters, 141.1 GB`. */
  readonly summary: string;
  readonly machine: Machine;
  /** How the weights of linear maps are kept: `float32`. */
  readonly weights: string;
}

/** All of it; ends with a line feed. */
export function renderEstimate(
  passes: readonly PassEstimate[],
  { summary, machine, weights }: EstimateTitle,
  { width, colour }: TextOptions,
): string {
  const heading = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const title = `${summary}, weights as ${weights}, on ${machine.name} (${machine.title})`;
  const sections: (readonly [string, readonly string[]])[] = [
    [wrap(title, width).join('\n'), passTable(passes)],
    ['Where the cycles go', causesTable(passes)],
    ['By part of the model, in cycles', partTable(passes)],
    [
      'How to read it',
      passes.flatMap((p) => readingOf(p, machine, weights)).flatMap((s) => bullet(s, width)),
    ],
  ];
  return sections
    .map(
      ([name, lines]) => `${heading(name)}\n${lines.map((line) => clip(line, width)).join('\n')}\n`,
    )
    .join('\n');
}

function passTable(passes: readonly PassEstimate[]): string[] {
  const row = (title: string, cell: (pass: PassEstimate) => string) => [title, ...passes.map(cell)];
  return table(
    [{ title: '', align: 'left' }, ...passes.map(({ name }) => right(name))],
    [
      row('sequences', ({ batch }) => grouped(batch)),
      row('tokens through the model', ({ tokens }) => grouped(tokens)),
      row('context', ({ context }) => grouped(context)),
      row('cycles', ({ cycles }) => grouped(cycles)),
      row('cycles per token', ({ cycles, tokens }) => grouped(cycles / tokens)),
      row('at least', (pass) => grouped(boundOf(pass).cycles)),
      row('  set by', (pass) => boundOf(pass).by),
      row('instructions', ({ instructions }) => grouped(instructions)),
      row('  timed one by one', ({ walked }) => grouped(walked)),
      row('bytes moved', (pass) => grouped(pass.bytesRead + pass.bytesWritten)),
      row('MACs', ({ macs }) => grouped(macs)),
      row('MACs per byte', (p) => decimal(p.macs / (p.bytesRead + p.bytesWritten), 2)),
      row('MAC utilisation', ({ macUtilisation }) => percent(macUtilisation * 100)),
      row('matrix unit busy', ({ least, cycles }) => percent((least.mxu / cycles) * 100)),
      row('memory busy', ({ least, cycles }) => percent((least.memory / cycles) * 100)),
    ],
  );
}

const right = (title: string): Column => ({ title, align: 'right' });

/** Cycles and share of each cause that occurs; the shares of a pass sum to 100 %. */
function causesTable(passes: readonly PassEstimate[]): string[] {
  const counts = passes.map(({ slots }) => new Map<Cause, number>(entriesByCause(slots)));
  const shown = CAUSES.filter((cause) => counts.some((count) => count.has(cause)));
  const columns = passes.map(({ issueWidth, cycles }, i) => {
    const slots = shown.map((cause) => counts[i]!.get(cause) ?? 0);
    return { slots, shares: apportion(slots, issueWidth * cycles) };
  });
  const cells = (pick: (column: (typeof columns)[number]) => string[]) => columns.flatMap(pick);
  const total = passes.flatMap(({ cycles, issueWidth }) => [
    grouped(cycles * issueWidth),
    '100.0 %',
  ]);
  return table(
    [
      { title: 'cause', align: 'left' },
      ...passes.flatMap(({ name }) => [right(name), right('share')]),
      { title: 'what it means', align: 'left' },
    ],
    [
      ...shown.map((cause, i) => [
        cause,
        ...cells(({ slots, shares }) => [grouped(slots[i]!), percent(shares[i]!)]),
        MEANING[cause],
      ]),
      ['total', ...total],
    ],
  );
}

/** Layers that differ by less than this share of their cycles stand in one line: banks of memory make the difference. */
const ALIKE = 0.002;

interface PartLine {
  readonly first: string;
  last: string;
  /** The rows of the parts in this line. */
  readonly rows: number[];
}

/** Parts in the order of the model; layers that are alike in every pass in one line, with their mean. */
function partTable(passes: readonly PassEstimate[]): string[] {
  const lines: PartLine[] = [];
  passes[0]!.rows.forEach(({ name }, row) => {
    if (passes.every(({ rows }) => rows[row]!.cycles === 0)) return;
    const before = lines.at(-1);
    if (before && isNext(before.last, name) && isAlike(passes, before.rows[0]!, row)) {
      before.last = name;
      before.rows.push(row);
    } else lines.push({ first: name, last: name, rows: [row] });
  });
  return table(
    [
      { title: 'part', align: 'left' },
      ...passes.flatMap(({ name }): Column[] => [
        right(name),
        right('share'),
        { title: 'largest cause', align: 'left' },
      ]),
    ],
    lines.map((line) => [nameOf(line), ...passes.flatMap((pass) => partCells(pass, line))]),
  );
}

function isAlike(passes: readonly PassEstimate[], a: number, b: number): boolean {
  return passes.every(({ rows }) => {
    const difference = Math.abs(rows[a]!.cycles - rows[b]!.cycles);
    return difference <= ALIKE * rows[a]!.cycles;
  });
}

function partCells({ rows, cycles }: PassEstimate, line: PartLine): readonly string[] {
  const mean = line.rows.reduce((sum, row) => sum + rows[row]!.cycles, 0) / line.rows.length;
  const share = percent(cycles === 0 ? 0 : (mean / cycles) * 100);
  return [grouped(mean), share, mean === 0 ? '' : (rows[line.rows[0]!]!.largestCause ?? 'none')];
}

/** Whether `layer 3` comes behind `layer 2`. */
function isNext(before: string, name: string): boolean {
  const [a, b] = [before, name].map((one) => /^(.*?)(\d+)$/.exec(one));
  return !!a && !!b && a[1] === b[1] && Number(b[2]) === Number(a[2]) + 1;
}

/** `layer 2 … 78, each`. */
function nameOf({ first, last }: PartLine): string {
  return first === last ? first : `${first} … ${/\d+$/.exec(last)![0]}, each`;
}
