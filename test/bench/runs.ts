/** Whole runs, values and timing: how fast they are, and what the whole report costs. */
import { staticInstruction } from '../../isa/registers.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runProgram } from '../../src/run/run.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';
import { loopedHazards } from './programs.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';

const MACHINES = ['classic5', 'classic5-fwd', 'multicycle'];
const LOOPS = 500;

function simulate(program: Program, machineName: string): number {
  const machine = findPreset(machineName)!;
  const code = program.code.map(staticInstruction);
  return new TickEngine(machine, code, new Vm(program), () => undefined).run().cycles;
}

/** Values and timing together by the tick engine, and once with the whole report. */
export function* runRows(): Generator<Row> {
  const programs = [...loopedHazards(LOOPS).values()].map((text) => assembleText(text));
  for (const machine of MACHINES) {
    const all = () => programs.reduce((sum, program) => sum + simulate(program, machine), 0);
    const figure = rateOf(all(), 'cycles');
    yield { name: `tick engine, ${machine}`, mine: () => void all(), figure };
  }
  const program = programs[0]!;
  const machine = findPreset('classic5-fwd')!;
  const { cycles } = runProgram(program, machine).report;
  yield {
    name: 'the whole report, classic5-fwd',
    mine: () => void runProgram(program, machine),
    other: { name: 'the tick engine alone', side: () => void simulate(program, 'classic5-fwd') },
    figure: rateOf(cycles, 'cycles'),
  };
}
