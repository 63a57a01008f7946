/** What a sweep runs, as its parts see it: what it is, what can vary, and a program for each variant. */
import type { Level } from '../compiler/lower/context.ts';
import { hashValues } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import type { Subject } from '../sweep/folder.ts';
import type { RunInputs } from '../sweep/steps.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { LightFlags } from './lighter.ts';
import type { ModelFlags } from './model-options.ts';
import type { RunFlags } from './run-options.ts';

export type SubjectFlags = Omit<RunFlags, 'machine' | 'plainKernels' | 'maxMemory'> &
  Omit<ModelFlags, 'machine' | 'level' | 'rows'> &
  LightFlags & {
    readonly machine: string;
    readonly level?: ModelFlags['level'];
    readonly text?: string;
    readonly prompt?: string;
    readonly maxNewTokens?: number;
  };

/** What a point may ask of its program. */
export interface Variant {
  readonly params: Readonly<Record<string, number>>;
  readonly level: Level | undefined;
  /** Of the machine; programs have their own. */
  readonly tile: number;
}

/** A program that is ready to run, or why there is none. */
export type Built =
  | { readonly program: Program; readonly inputs: RunInputs['inputs'] }
  | { readonly problem: string };

export interface SweepSubject {
  readonly subject: Subject;
  readonly inputs: Omit<RunInputs, 'inputs'>;
  /** Names of `.param`s; undefined where there is no source text. */
  readonly params: readonly string[] | undefined;
  readonly build: (variant: Variant) => Built;
}

/** Limits decide which points have cycles. */
export function limits({ maxCycles, maxInstructions }: SubjectFlags) {
  return { maxCycles, maxInstructions };
}

/** What the machine that executes is told. */
export function instructionLimit({ maxInstructions }: SubjectFlags) {
  return maxInstructions === undefined ? {} : { maxInstructions };
}

/** Identifies values by name. */
export function hashesOf(tensors: readonly (readonly [string, HostTensor])[]) {
  return Object.fromEntries(tensors.map(([name, { data }]) => [name, hashValues([data])]));
}
