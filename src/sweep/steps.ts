/** What a program executes, once for all machines: time is independent of values, and they of it. */
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import { setSymbol } from '../run/outputs.ts';
import type { StepSource } from '../timing/engine.ts';
import type { Step } from '../vm/step.ts';
import { Vm } from '../vm/vm.ts';

/** What a program runs with, besides its machine. */
export interface RunInputs {
  /** Symbol → content that replaces the program's own. */
  readonly inputs: readonly (readonly [string, HostTensor])[];
  readonly promptTokens: readonly number[];
  readonly seed: number;
  readonly maxInstructions?: number;
}

/** Steps that can be walked through again and again. */
export interface Recording {
  /** From the first step on. */
  begin(): StepSource;
  /** What ended the last walk before its HALT; known when that walk is over. */
  trap(): string | undefined;
}

/** A longer run is executed anew for each machine: a step takes about 160 bytes. */
const MOST_STEPS = 1 << 20;

/** Executes a program when it is walked through, the first time only if it is short enough to keep. */
export function record(program: Program, inputs: RunInputs, most = MOST_STEPS): Recording {
  let kept: readonly Step[] | undefined;
  let vm: Vm | undefined;
  const execute = (): StepSource => {
    const started = startedVm(program, inputs);
    vm = started;
    let steps: Step[] | undefined = [];
    const next = () => {
      const step = started.next();
      if (!step) kept = steps;
      else if (steps && steps.push(step) > most) steps = undefined;
      return step;
    };
    return { next };
  };
  return {
    begin: () => (kept ? replay(kept) : execute()),
    trap: () => vm?.trap?.message,
  };
}

function replay(steps: readonly Step[]): StepSource {
  let at = 0;
  return { next: () => steps[at++] };
}

function startedVm(program: Program, { inputs, ...options }: RunInputs): Vm {
  const vm = new Vm(program, options);
  for (const [name, tensor] of inputs) {
    const symbol = findSymbol(program, name);
    if (!symbol) throw new Error(`invariant: input for unknown symbol ${name}`);
    setSymbol(vm, symbol, tensor);
  }
  return vm;
}
