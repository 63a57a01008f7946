/** A sweep beside the same runs one by one: values once for all machines, and no events. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine } from '../../src/machine/machine.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import { encodeProgram } from '../../src/program/binary.ts';
import { runProgram } from '../../src/run/run.ts';
import { runTask } from '../../src/sweep/worker.ts';
import { assembleText } from '../support/run.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';

const PROGRAM = 'programs/matmul-tiled.lasm';
const BANDWIDTHS = [4, 8, 16, 32, 64, 128];

/** Machine → a third of what is typical. */
const MACHINES: Readonly<Record<string, number | undefined>> = {
  gemmini16: 0.8,
  tomasulo: undefined,
};

function variants(name: string): readonly Machine[] {
  const machine = findPreset(name)!;
  return BANDWIDTHS.map((bytesPerCycle) => ({
    ...machine,
    memory: { ...machine.memory, bytesPerCycle },
  }));
}

/** One worker that is given one point after the other, as by `lasm sweep --workers 1`. */
export function* sweepRows(): Generator<Row> {
  const program = assembleText(readFileSync(PROGRAM, 'utf8'), openFolder(dirname(PROGRAM)));
  const bytes = encodeProgram(program);
  const inputs = { inputs: [], promptTokens: [], seed: 0 };
  // A number of its own for each sweep: the worker keeps nothing of an earlier one.
  let number = 0;
  for (const [name, limit] of Object.entries(MACHINES)) {
    const machines = variants(name);
    const swept = () => {
      number++;
      return machines.map((machine) => runTask({ bytes, program: number, inputs, machine }));
    };
    const runs = () => machines.map((machine) => runProgram(program, machine).report.cycles);
    const cycles = swept().map((outcome) => (outcome.status === 'done' ? outcome.cost.cycles : -1));
    if (String(cycles) !== String(runs())) throw new Error('invariant: a sweep of other cycles');
    yield {
      name: `${BANDWIDTHS.length} points of ${name}`,
      mine: () => void swept(),
      other: { name: 'a run with a report for each', side: () => void runs() },
      figure: rateOf(BANDWIDTHS.length, 'points'),
      ...(limit === undefined ? {} : { limit }),
    };
  }
}
