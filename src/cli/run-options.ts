/** The options of commands that run a program: what runs, on which machine, with what inputs. */
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { nearest } from '../diagnostics/suggest.ts';
import type { Machine } from '../machine/machine.ts';
import { openFolder } from '../model/sandbox.ts';
import type { DataSymbol, Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import { replacementProblem } from '../run/outputs.ts';
import type { RunOptions } from '../run/run.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { messageWithHint, usage } from './failure.ts';
import { fileFailure, loadProgram } from './load.ts';
import { DEFAULT_MACHINE, machineFor } from './machines.ts';
import {
  collectPairs,
  collectParams,
  parseCount,
  parseSeed,
  parseTokens,
  rootOption,
} from './options.ts';

export interface RunFlags {
  readonly machine: string;
  readonly param?: Readonly<Record<string, number>>;
  readonly set?: readonly (readonly [string, string | undefined])[];
  readonly tokens?: readonly number[];
  readonly seed?: number;
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
  readonly maxMemory?: number;
  readonly plainKernels?: boolean;
  readonly root?: string;
}

export interface Limits {
  /** What the help says of the limits in force when none is given. */
  readonly cycles: string;
  readonly instructions: string;
}

/** Adds the options that RunFlags are read from. */
export function addRunOptions(command: Command, { cycles, instructions }: Limits): Command {
  return command
    .argument('<file>', 'a .lasm or .lbin file')
    .option('-m, --machine <name|file>', 'the machine it runs on', DEFAULT_MACHINE)
    .option('-p, --param <name=value>', 'override a .param', collectParams)
    .option('--set <symbol=path.npy>', 'replace a data symbol before the run', collectPairs)
    .option('--tokens <list>', 'the prompt, as token numbers: 3,7,10', parseTokens)
    .option('--seed <n>', 'seed of ECALL.SAMPLE', parseSeed)
    .option('--max-cycles <n>', `stop behind this many cycles (${cycles})`, parseCount)
    .option('--max-instructions <n>', `stop behind this many (${instructions})`, parseCount)
    .option('--max-memory <bytes>', 'refuse programs that need more (default 256 MiB)', parseCount)
    .option('--plain-kernels', 'compute with the plain loops: the same values, slowly')
    .addOption(rootOption());
}

export interface PreparedRun {
  readonly program: Program;
  readonly machine: Machine;
  readonly options: RunOptions;
}

/** Loads what the flags name; fails when it is not fit to run. */
export function prepareRun(file: string, flags: RunFlags): PreparedRun {
  const machine = machineFor(flags.machine);
  const program = loadProgram(file, {
    ...(flags.param && { params: flags.param }),
    ...(flags.root !== undefined && { root: flags.root }),
    ...(flags.maxMemory !== undefined && { maxMemoryBytes: flags.maxMemory }),
  });
  const options: RunOptions = {
    inputs: readInputs(program, flags),
    promptTokens: flags.tokens ?? [],
    seed: flags.seed ?? 0,
    plainKernels: flags.plainKernels ?? false,
    ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
    ...(flags.maxInstructions !== undefined && { maxInstructions: flags.maxInstructions }),
  };
  return { program, machine, options };
}

/** The data symbol of a name that the command line gives. */
export function symbolOf(program: Program, name: string): DataSymbol {
  const symbol = findSymbol(program, name);
  if (symbol) return symbol;
  const names = program.symbols.map((s) => s.name);
  const guess = nearest(name, names);
  const hint = guess ? `did you mean ${guess}?` : `known: ${names.slice(0, 12).join(', ')}`;
  throw usage(messageWithHint(`${program.name} has no data symbol ${name}`, hint));
}

/** The tensors of `--set`, by their symbols. */
export function readInputs(
  program: Program,
  { set }: Pick<RunFlags, 'set'>,
): Map<string, HostTensor> {
  const inputs = new Map<string, HostTensor>();
  for (const [name, path] of set ?? []) {
    if (path === undefined) throw usage(`--set ${name} names no file; write ${name}=PATH.npy`);
    const symbol = symbolOf(program, name);
    const tensor = readTensorFile(path);
    const problem = replacementProblem(symbol, tensor);
    if (problem !== '') throw usage(`--set ${name}=${path}: ${problem}`);
    inputs.set(name, tensor);
  }
  return inputs;
}

function readTensorFile(path: string): HostTensor {
  try {
    return openFolder(dirname(path)).readTensor(basename(path));
  } catch (error) {
    throw fileFailure(error);
  }
}
