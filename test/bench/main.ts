/** `npm run bench`: how fast the parts are on this machine, with the spread of five runs. */
import { staticInstruction } from '../../isa/registers.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { findPreset } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { runProgram } from '../../src/run/run.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import { Vm } from '../../src/vm/vm.ts';
import { benchBooks } from './books.ts';
import { benchDecode } from './decode.ts';
import { benchEngines } from './engines.ts';
import { benchKernels } from './kernels.ts';
import { NO_FILES, assembleText } from '../support/run.ts';
import { measure, rate } from './measure.ts';
import { generatedSource, loopedHazards } from './programs.ts';
import { benchVm } from './vm.ts';

const MACHINES = ['classic5', 'classic5-fwd', 'multicycle'];
const LOOPS = 2000;
const SOURCE_LINES = 100_000;

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

function benchAssembler(): void {
  const source = generatedSource(SOURCE_LINES);
  let program: Program | undefined;
  const time = measure(() => {
    program = assemble('bench.lasm', source, NO_FILES).program;
  });
  if (!program) throw new Error('the generated program does not assemble');
  console.log(`assembler, ${SOURCE_LINES} lines: ${rate(SOURCE_LINES, 'lines', time)}`);
  const verify = measure(() => verifyProgram(program!));
  const share = ((100 * verify.medianMs) / time.medianMs).toFixed(0);
  console.log(`  of which checking before the run: ${share} %`);
}

benchKernels();
benchVm();
benchDecode();
benchEngine();
benchEngines();
benchBooks();
benchAssembler();
