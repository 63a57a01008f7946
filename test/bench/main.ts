/** `npm run bench`: how fast the parts are on this machine, with the spread of five runs. */
import { staticInstruction } from '../../isa/registers.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runProgram } from '../../src/run/run.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import { Vm } from '../../src/vm/vm.ts';
import { benchAssembler } from './assembler.ts';
import { benchBooks } from './books.ts';
import { benchEngines } from './engines.ts';
import { benchKernels } from './kernels.ts';
import { assembleText } from '../support/run.ts';
import { measure, rate } from './measure.ts';
import { loopedHazards } from './programs.ts';
import { benchStart } from './start.ts';
import { benchVm } from './vm.ts';

const MACHINES = ['classic5', 'classic5-fwd', 'multicycle'];
const LOOPS = 2000;

function simulate(program: Program, machineName: string): number {
  const machine = findPreset(machineName)!;
  const code = program.code.map(staticInstruction);
  return new TickEngine(machine, code, new Vm(program), () => undefined).run().cycles;
}

function benchEngine(): void {
  const programs = [...loopedHazards(LOOPS).values()].map((text) => assembleText(text));
  for (const machine of MACHINES) {
    let cycles = 0;
    const time = measure(() => {
      cycles = programs.reduce((sum, program) => sum + simulate(program, machine), 0);
    });
    console.log(
      `tick engine, ${machine}, hazard programs in a loop: ${rate(cycles, 'cycles', time)}`,
    );
  }
  const [first] = programs;
  const machine = findPreset('classic5-fwd')!;
  let cycles = 0;
  const time = measure(() => {
    cycles = runProgram(first!, machine).report.cycles;
  });
  console.log(`the same with the whole report, classic5-fwd: ${rate(cycles, 'cycles', time)}`);
}

benchKernels();
benchVm();
benchEngine();
benchEngines();
benchBooks();
benchAssembler();
benchStart();
