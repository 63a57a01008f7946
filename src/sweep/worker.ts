/** What a worker of the pool does: it decodes a program, executes it, and times it on one machine. */
import { staticInstruction } from '../../isa/registers.ts';
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import { decodeProgram } from '../program/binary.ts';
import type { Outcome } from './cost.ts';
import { costOf } from './cost.ts';
import type { Recording, RunInputs } from './steps.ts';
import { record } from './steps.ts';

/** Plain data, so that it can be sent; the bytes are shared by all workers. */
export interface Task {
  /** The binary form of the program. */
  readonly bytes: Uint8Array;
  /** Tells programs apart: tasks with the same number have the same program and inputs. */
  readonly program: number;
  readonly inputs: RunInputs;
  readonly machine: Machine;
  readonly maxCycles?: number;
}

interface Loaded {
  readonly program: number;
  readonly code: readonly StaticInstruction[];
  readonly recording: Recording;
}

/** Tasks come grouped by program, so the latest is the one that is asked for again. */
let latest: Loaded | undefined;

/** The outcome of one point. */
export function runTask(task: Task): Outcome {
  if (latest?.program !== task.program) latest = load(task);
  return costOf(task.machine, latest.code, latest.recording, task.maxCycles);
}

function load({ bytes, program, inputs }: Task): Loaded {
  const decoded = decodeProgram(bytes.slice());
  return {
    program,
    code: decoded.code.map(staticInstruction),
    recording: record(decoded, inputs),
  };
}
