/** One run: a program's values, its time on a machine, and the report of both. */
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import type { Report } from '../reports/report.ts';
import { createReport } from '../reports/fold.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Listener, RunHeader } from '../timing/events.ts';
import type { TimingResult } from '../timing/engine.ts';
import { runEvents } from '../timing/event/index.ts';
import { TickEngine } from '../timing/tick.ts';
import type { Trap } from '../vm/trap.ts';
import type { VmOptions } from '../vm/vm.ts';
import { Vm } from '../vm/vm.ts';
import type { ExpectationResult } from './expectations.ts';
import { checkExpectations } from './expectations.ts';
import { runHeader } from './header.ts';
import { setSymbol } from './outputs.ts';

export interface RunOptions extends VmOptions {
  readonly maxCycles?: number;
  /** Who counts the cycles; both say the same, the event engine sooner. Its name is in the header. */
  readonly engine?: RunHeader['engine'];
  /** Symbol name → content that replaces the program's own. */
  readonly inputs?: ReadonlyMap<string, HostTensor>;
  /** Others who want to hear the events: diagrams, traces. */
  readonly listeners?: (header: RunHeader) => readonly Listener[];
}

export interface RunResult {
  readonly report: Report;
  /** The machine after the run: its memory, registers and emitted tokens. */
  readonly vm: Vm;
  /** What ended the program before its HALT. */
  readonly trap: Trap | undefined;
  readonly expectations: readonly ExpectationResult[];
}

/** Runs a program to its HALT, to a trap or to a limit. */
export function runProgram(
  program: Program,
  machine: Machine,
  options: RunOptions = {},
): RunResult {
  const vm = new Vm(program, options);
  for (const [name, tensor] of options.inputs ?? []) {
    const symbol = findSymbol(program, name);
    if (!symbol) throw new Error(`invariant: input for unknown symbol ${name}`);
    setSymbol(vm, symbol, tensor);
  }
  const { engine = 'event' } = options;
  const header = runHeader(program, machine, engine);
  const report = createReport(header);
  const listeners: Listener[] = [report.listen, ...(options.listeners?.(header) ?? [])];
  const timing = time(program, machine, vm, options, (event) => {
    for (const listen of listeners) listen(event);
  });
  const trap = vm.trap ?? cycleTrap(program, timing);
  const hasOtherInputs = (options.inputs?.size ?? 0) + (options.promptTokens?.length ?? 0) > 0;
  const facts = { machine: machine.name, ...timing, hasOtherInputs };
  const expectations = trap ? [] : checkExpectations(program, vm, facts);
  return { report: report.finish(), vm, trap, expectations };
}

/** Runs the values of `vm` through a timing engine. */
function time(
  program: Program,
  machine: Machine,
  vm: Vm,
  { engine = 'event', maxCycles }: RunOptions,
  listener: Listener,
): TimingResult {
  const code = program.code.map(staticInstruction);
  const limits = maxCycles === undefined ? {} : { maxCycles };
  return engine === 'tick'
    ? new TickEngine(machine, code, vm, listener).run(limits)
    : runEvents(machine, code, vm, listener, limits);
}

function cycleTrap(program: Program, { cutOffAt, cycles, instructions }: TimingResult) {
  if (cutOffAt === undefined) return undefined;
  const trap: Trap = {
    code: 'cycle-limit',
    message: `the program is not done after ${cycles} cycles`,
    hint: 'does a loop never end? Raise the limit with --max-cycles',
    pc: cutOffAt,
    index: instructions,
    span: program.spans[cutOffAt]!,
  };
  return trap;
}
