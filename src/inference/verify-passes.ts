/** Runs a program and stops behind each pass through the model, when all its tensors are in memory. */
import { COUNT_REGISTERS, LINK } from '../compiler/registers.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import { setSymbol, symbolValues } from '../run/outputs.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Trap } from '../vm/trap.ts';
import type { VmOptions } from '../vm/vm.ts';
import { Vm } from '../vm/vm.ts';

/** One pass through a graph of the model. */
export interface MachinePass {
  /** The label of the graph's code: `encode` or `decode`; `main` for a whole program. */
  readonly routine: string;
  /** What the machine says of it; 0 for what it has not said. */
  readonly counts: { readonly rows: number; readonly position: number; readonly source: number };
  /** What the graph reads. */
  readonly tokens: readonly number[];
}

/** Is told of every pass when it is over; ends the run by saying false. */
export type OnPass = (pass: MachinePass, vm: Vm) => boolean;

/** A program that goes from inputs to outputs: one pass. */
export function runOnce(
  program: Program,
  inputs: ReadonlyMap<string, HostTensor>,
  options: VmOptions,
  onPass: OnPass,
): Trap | undefined {
  const vm = new Vm(program, options);
  for (const [name, tensor] of inputs) {
    const symbol = findSymbol(program, name)!;
    setSymbol(vm, symbol, { ...tensor, shape: symbol.shape });
  }
  while (vm.next());
  const counts = { rows: 0, position: 0, source: 0 };
  if (!vm.trap) onPass({ routine: 'main', counts, tokens: [] }, vm);
  return vm.trap;
}

const LINK_REGISTER = Number(LINK.slice(1));

/** A program that generates: a pass is what is between a jump to `encode` or `decode` and its return. */
export function runPasses(
  program: Program,
  routines: readonly string[],
  options: VmOptions,
  onPass: OnPass,
): Trap | undefined {
  const vm = new Vm(program, options);
  const starts = new Map(
    program.labels
      .filter(({ name }) => routines.includes(name))
      .map(({ name, target }) => [target, name]),
  );
  let pass: MachinePass | undefined;
  let end = -1;
  for (let step = vm.next(); step; step = vm.next()) {
    const routine = starts.get(step.nextPc);
    if (!pass && routine !== undefined) {
      pass = passAt(vm, routine);
      end = vm.scalar(LINK_REGISTER) ?? -1;
    } else if (pass && step.nextPc === end) {
      if (!onPass(pass, vm)) return undefined;
      pass = undefined;
    }
  }
  return vm.trap;
}

/** The counts and tokens with which a pass begins. */
function passAt(vm: Vm, routine: string): MachinePass {
  const count = (name: keyof typeof COUNT_REGISTERS) =>
    vm.scalar(COUNT_REGISTERS[name].register!) ?? 0;
  const counts = { rows: count('rows'), position: count('position'), source: count('source') };
  const symbol = findSymbol(vm.program, `${routine}_tokens`);
  if (!symbol) throw new Error(`invariant: the program has no ${routine}_tokens`);
  const length = routine === 'encode' ? counts.source : counts.rows;
  return { routine, counts, tokens: [...symbolValues(vm, symbol).subarray(0, length)] };
}
