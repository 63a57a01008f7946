/** Measuring: how many cycles a program takes on another machine, or without one of its waits. */
import { registerName, staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import type { Names } from '../reports/names.ts';
import type { Edge } from '../reports/report.ts';
import { setSymbol } from '../run/outputs.ts';
import type { RunOptions } from '../run/run.ts';
import { runEvents } from '../timing/event/index.ts';
import type { Lifted } from '../timing/lifted.ts';
import { TickEngine } from '../timing/tick.ts';
import { Vm } from '../vm/vm.ts';

/** A program that came to its end may take as long as it likes on other machines. */
const NO_LIMIT = { maxCycles: Number.MAX_SAFE_INTEGER };

/** What is done to a run before it is measured again. */
export interface Change {
  readonly machine: Machine;
  /** Waits that do not count. */
  readonly lifted?: Lifted | undefined;
}

/** The cycles of a whole run; the limit of cycles in `options` does not apply. */
export function measureCycles(
  program: Program,
  { machine, lifted }: Change,
  options: RunOptions,
): number {
  const vm = new Vm(program, options);
  for (const [name, tensor] of options.inputs ?? []) {
    setSymbol(vm, findSymbol(program, name)!, tensor);
  }
  const code = program.code.map(staticInstruction);
  if (!lifted) return runEvents(machine, code, vm, undefined, NO_LIMIT).cycles;
  return new TickEngine(machine, code, vm, () => undefined, lifted).run(NO_LIMIT).cycles;
}

/** Lifts one edge of a report: every wait of its consumer for its producer, for its cause. */
export function liftEdge({ cause, consumer, producer, register }: Edge, names: Names): Lifted {
  return (heldCause, consumerPc, producerPc, heldRegister) =>
    heldCause === cause &&
    names.site(consumerPc) === consumer.pc &&
    names.site(producerPc) === producer?.pc &&
    (heldRegister < 0 ? null : registerName(heldRegister)) === register;
}
