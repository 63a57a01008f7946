/** Records a run for the debugger: all of its events, and a way back to all of its values. */
import type { Machine } from '../machine/machine.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import { setSymbol } from '../run/outputs.ts';
import type { RunOptions } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import type { Trap } from '../vm/trap.ts';
import { Vm } from '../vm/vm.ts';
import { Recording } from './recording.ts';

/** A recording takes memory for each instruction and charge, so its length is limited. */
export const MAX_RECORDED_CYCLES = 20_000_000;
export const MAX_RECORDED_INSTRUCTIONS = 2_000_000;

export interface RecordedRun {
  readonly program: Program;
  readonly recording: Recording;
  /** What ended the program, or the recording, before its HALT. */
  readonly trap: Trap | undefined;
  /** The machine before its first instruction, made anew. */
  readonly start: () => Vm;
}

/** Runs a program as `runProgram` does; limits are at most those of a recording. */
export function recordRun(
  program: Program,
  machine: Machine,
  options: RunOptions = {},
): RecordedRun {
  const recordings: Recording[] = [];
  const limited: RunOptions = {
    ...options,
    maxCycles: Math.min(options.maxCycles ?? Infinity, MAX_RECORDED_CYCLES),
    maxInstructions: Math.min(options.maxInstructions ?? Infinity, MAX_RECORDED_INSTRUCTIONS),
  };
  const { trap } = runProgram(program, machine, {
    ...limited,
    listeners: (header) => {
      const recording = new Recording(header);
      recordings.push(recording);
      const others = options.listeners?.(header) ?? [];
      return [(event) => recording.listen(event), ...others];
    },
  });
  const start = () => {
    const vm = new Vm(program, limited);
    for (const [name, tensor] of options.inputs ?? []) {
      setSymbol(vm, findSymbol(program, name)!, tensor);
    }
    return vm;
  };
  return { program, recording: recordings[0]!, trap, start };
}
