/** The options of commands that take a model: where it is, how it is compiled, what goes into it. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Level } from '../compiler/lower/context.ts';
import type { ModelSource } from '../inference/source.ts';
import { openSource } from '../inference/source.ts';
import { GraphError } from '../model/graph.ts';
import { FileError } from '../model/tensor-file.ts';
import { Failure, messageWithHint, usage } from './failure.ts';
import { DEFAULT_MACHINE } from './machines.ts';
import { collectPairs, parseCount, splitPair } from './options.ts';

export interface ModelFlags {
  readonly level: '0' | '1' | '2';
  readonly machine: string;
  readonly input?: readonly (readonly [string, string | undefined])[];
  readonly dim?: ReadonlyMap<string, number>;
  readonly context?: number;
  readonly rows?: number;
  readonly length?: number;
}

export const SOURCE_HELP = 'a Hugging Face folder, an .onnx file or a graph in .json';

/** Adds the source, and how it is compiled. */
export function addModelOptions(command: Command): Command {
  return command
    .argument('<source>', SOURCE_HELP)
    .addOption(
      new Option('-O, --level <n>', '0: one kernel for each node, as written; 1: fused and looped; 2: also scheduled, which is harder to read') // prettier-ignore
        .choices(['0', '1', '2'])
        .default('1'),
    )
    .option(
      '-m, --machine <name|file>',
      'the machine; its tile is what is compiled for',
      DEFAULT_MACHINE,
    ) // prettier-ignore
    .option('--input <name=file>', 'values of an input: .npy, .json or .pb', collectPairs)
    .option('--dim <name=n>', 'a size that an ONNX file leaves open, such as batch=1', collectDims)
    .option('--context <n>', 'positions that caches have room for (language models)', parseCount)
    .option('--rows <n>', 'tokens of the prompt in one pass (language models)', parseCount)
    .option('--length <n>', 'tokens of an encoder; otherwise as many as are given', parseCount);
}

/** Collects `NAME=N`. */
export function collectDims(text: string, before: ReadonlyMap<string, number> | undefined) {
  const [name, value] = splitPair(text);
  const size = Number(value);
  if (!name || !value || !Number.isSafeInteger(size) || size < 0) {
    throw new InvalidArgumentError('write NAME=NUMBER, such as batch=1');
  }
  return new Map(before).set(name, size);
}

/** A number from 0 up, such as a temperature. */
export function parseNonNegative(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= 0 && value < Infinity) return value;
  throw new InvalidArgumentError('must be a number, at least 0');
}

/** The model that the flags name; fails when there is none. */
export function openModel(path: string, flags: ModelFlags, text?: string): ModelSource {
  const { input, dim: dims, context, rows, length } = flags;
  const inputs = new Map<string, string>();
  for (const [name, file] of input ?? []) {
    if (!file) throw usage(`--input ${name} names no file; write ${name}=FILE`);
    if (inputs.has(name)) throw usage(`--input ${name} stands there twice`);
    inputs.set(name, file);
  }
  const options = {
    inputs,
    text,
    dims,
    ...(context !== undefined && { context, source: context }),
    ...(rows !== undefined && { rows }),
    ...(length !== undefined && { length }),
  };
  return withModelFailures(() => openSource(path, options));
}

export function levelOf({ level }: Pick<ModelFlags, 'level'>): Level {
  return Number(level) as Level;
}

/** The action; what is wrong with a model or its files becomes what the person reads. */
export function withModelFailures<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FileError || error instanceof GraphError)) throw error;
    throw new Failure(1, messageWithHint(error.message, error.hint));
  }
}
