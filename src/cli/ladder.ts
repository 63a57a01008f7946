/** `lasm ladder FILE`: one program on every machine, side by side. */
import type { Command } from 'commander';
import type { Machine } from '../machine/machine.ts';
import { PRESETS } from '../machine/presets.ts';
import { entriesByCause } from '../reports/by-cause.ts';
import type { Column } from '../reports/format.ts';
import { clip, decimal, grouped, percent, table } from '../reports/format.ts';
import type { Report } from '../reports/report.ts';
import { outputHash } from '../run/outputs.ts';
import { runProgram } from '../run/run.ts';
import { jsonText, markFailed, outputWidth, print, printError } from './output.ts';
import type { RunFlags } from './run-options.ts';
import { addRunOptions, prepareRun } from './run-options.ts';

const LIMITS = { cycles: 'default 100 million', instructions: 'default 100 million' };

interface Rung {
  readonly machine: string;
  readonly cycles: number;
  readonly cpi: number | null;
  readonly boundCycles: number;
  /** The largest causes, in shares of the issue slots. */
  readonly causes: readonly (readonly [cause: string, percent: number])[];
  readonly outputHash: string;
}

/** Adds the command. */
export function addLadder(program: Command): void {
  addRunOptions(program.command('ladder'), LIMITS)
    .description('run a program on every machine, one beside the other; -m is not used')
    .option('--json', 'print the table as JSON')
    .action(ladder);
}

function ladder(file: string, flags: RunFlags & { json?: boolean }): void {
  const { program, options } = prepareRun(file, flags);
  const fitting = PRESETS.filter((machine) => machine.tile >= program.tile);
  const rungs = fitting.map((machine): Rung => {
    const { report, vm, trap } = runProgram(program, machine, options);
    if (trap) printError(`${machine.name}: the program was cut off: ${trap.message}`);
    if (trap) markFailed();
    return { ...figuresOf(machine, report), outputHash: outputHash(vm) };
  });
  if (new Set(rungs.map((rung) => rung.outputHash)).size > 1) {
    throw new Error('invariant: the machines do not agree on the values');
  }
  print(flags.json ? jsonText({ schema: 'lasm-ladder/1', program: program.name, rungs }) : ladderText(rungs)); // prettier-ignore
}

const CAUSES_SHOWN = 2;

function figuresOf(machine: Machine, report: Report): Omit<Rung, 'outputHash'> {
  const causes = entriesByCause(report.shares)
    .filter(([cause, share]) => cause !== 'issue' && share > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, CAUSES_SHOWN);
  const { cycles, cpi, bound } = report;
  return { machine: machine.name, cycles, cpi, boundCycles: bound.cycles, causes };
}

const COLUMNS: readonly Column[] = [
  { title: 'machine', align: 'left' },
  { title: 'cycles', align: 'right' },
  { title: 'CPI', align: 'right' },
  { title: 'at least', align: 'right' },
  { title: 'output', align: 'left' },
  { title: 'most slots lost to', align: 'left' },
];

function ladderText(rungs: readonly Rung[]): string {
  const rows = rungs.map(({ machine, cycles, cpi, boundCycles, outputHash: hash, causes }) => [
    machine,
    grouped(cycles),
    cpi === null ? '-' : decimal(cpi, 2),
    grouped(boundCycles),
    hash.slice(0, 8),
    causes.map(([cause, share]) => `${cause} ${percent(share)}`).join(', '),
  ]);
  return table(COLUMNS, rows)
    .map((line) => clip(line, outputWidth()))
    .join('\n');
}
