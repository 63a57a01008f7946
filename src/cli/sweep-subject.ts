/** What a sweep runs: a program, or a model that is compiled once for each tile and level. */
import type { Level } from '../compiler/lower/context.ts';
import { buildGraph, buildLanguageModel } from '../inference/build.ts';
import { symbolInputs } from '../inference/infer.ts';
import { completeInputs } from '../inference/inputs.ts';
import { readPrompt } from '../inference/prompt.ts';
import type { GraphSource, LanguageSource } from '../inference/source.ts';
import { GraphError } from '../model/graph.ts';
import { hashText, hashValues, programHash } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import type { Subject } from '../sweep/folder.ts';
import type { Axis } from '../sweep/plan.ts';
import type { RunInputs } from '../sweep/steps.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { Failure, messageWithHint, usage } from './failure.ts';
import type { LightFlags } from './lighter.ts';
import { lightOf } from './lighter.ts';
import { assembleFile, loadBinary } from './load.ts';
import type { ModelFlags } from './model-options.ts';
import { openModel, withModelFailures } from './model-options.ts';
import type { RunFlags } from './run-options.ts';
import { readInputs } from './run-options.ts';

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

const isProgram = (path: string): boolean => /\.(lasm|lbin)$/.test(path);

/** Opens what the command line names; throws a Failure for what is not fit to run. */
export function openSubject(path: string, flags: SubjectFlags, tile: number): SweepSubject {
  const forModels = ['level', 'input', 'dim', 'text', 'length', 'prompt', 'maxNewTokens', 'context', 'quantize', 'prune'] as const; // prettier-ignore
  const forPrograms = ['param', 'set', 'root', 'seed'] as const;
  const idle = (isProgram(path) ? forModels : forPrograms).find((name) => flags[name] !== undefined); // prettier-ignore
  if (idle) {
    const option = idle.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw usage(`--${option} is for ${isProgram(path) ? 'models' : 'programs'}`);
  }
  if (isProgram(path)) return programSubject(path, flags);
  const source = openModel(path, { ...flags, level: flags.level ?? '1' }, flags.text);
  return source.kind === 'graph'
    ? graphSubject(path, source, flags, tile)
    : languageSubject(path, source, flags, tile);
}

/** Fails when a sweep varies what its subject has not. */
export function checkAxes(axes: readonly Axis[], { subject, params }: SweepSubject): void {
  for (const { key } of axes) {
    if (key.kind === 'level' && subject.kind === 'program') {
      throw usage(`--vary level is for models; ${subject.name} is a program already`);
    }
    if (key.kind !== 'param') continue;
    if (!params) throw usage(`--vary ${key.name} needs the source text of a program`);
    if (params.includes(key.param)) continue;
    const guess = nearest(key.param, params);
    const known = params.length === 0 ? 'it has none' : `known: ${params.join(', ')}`;
    const hint = guess ? `did you mean param.${guess}?` : known;
    throw usage(messageWithHint(`${subject.name} has no .param ${key.param}`, hint));
  }
}

function programSubject(path: string, flags: SubjectFlags): SweepSubject {
  const { tokens = [], seed = 0, param = {}, root, set } = flags;
  const isSource = !path.endsWith('.lbin');
  const assembled = (params: Readonly<Record<string, number>>) =>
    assembleFile(path, { params, ...(root !== undefined && { root }) });
  let base: Program;
  if (isSource) {
    const { program, diagnostics, show } = assembled(param);
    show(diagnostics);
    if (!program) throw new Failure(1, `${path} was not run`);
    base = program;
  } else {
    base = loadBinary(path, { params: param });
  }
  const inputs = [...readInputs(base, flags)];
  return {
    subject: {
      name: base.name,
      kind: 'program',
      hash: hashText(JSON.stringify([programHash(base), isSource ? base.sources : []])),
      options: { ...limits(flags), tokens, seed, param, set: set && hashesOf(inputs) },
    },
    inputs: { promptTokens: tokens, seed, ...instructionLimit(flags) },
    params: isSource ? base.params.map(({ name }) => name) : undefined,
    build: ({ params }) => {
      if (Object.keys(params).length === 0) return { program: base, inputs };
      const { program, diagnostics } = assembled({ ...param, ...params });
      if (program) return { program, inputs };
      const { message, span } = diagnostics.find(({ severity }) => severity === 'error')!;
      return { problem: `${span.file}:${span.line}: ${message}` };
    },
  };
}

function graphSubject(
  path: string,
  source: GraphSource,
  flags: SubjectFlags,
  tile: number,
): SweepSubject {
  if (flags.prompt !== undefined || flags.tokens || flags.maxNewTokens !== undefined) {
    throw usage(`${path} writes no text: --prompt, --tokens and --max-new-tokens are not for it`);
  }
  const values = withModelFailures(() => completeInputs(source));
  const build = (variant: Variant) => {
    const level = variant.level ?? levelOr(flags, 1);
    const built = buildGraph(source.graph, { level, tile: variant.tile, ...lightOf(flags) });
    const inputs = [...symbolInputs(source.graph, built, values)];
    return { program: built.program, inputs };
  };
  const options = { inputs: hashesOf([...values]) };
  return modelSubject(source.name, flags, { build, options, promptTokens: [], level: 1, tile });
}

function languageSubject(
  path: string,
  source: LanguageSource,
  flags: SubjectFlags,
  tile: number,
): SweepSubject {
  const { prompt, tokens } = flags;
  if ((prompt === undefined) === (tokens === undefined)) {
    throw usage(`${path} writes text: give --prompt TEXT or --tokens LIST`);
  }
  const input = tokens
    ? { kind: 'tokens' as const, tokens }
    : { kind: 'text' as const, text: prompt! };
  const promptTokens = withModelFailures(() => readPrompt(source, input)).tokens;
  const maxNewTokens = flags.maxNewTokens ?? source.model.generation.defaults.maxNewTokens ?? DEFAULT_NEW_TOKENS; // prettier-ignore
  const build = (variant: Variant) => {
    const level = variant.level ?? levelOr(flags, 2);
    const options = { level, tile: variant.tile, maxNewTokens, ...lightOf(flags) };
    const sampling = { temperature: 0 };
    return { program: buildLanguageModel(source.model, { ...options, sampling }).program, inputs: [] }; // prettier-ignore
  };
  const options = { promptTokens, maxNewTokens };
  return modelSubject(source.name, flags, { build, options, promptTokens, level: 2, tile });
}

const DEFAULT_NEW_TOKENS = 64;

interface ModelParts {
  readonly build: (variant: Variant) => Exclude<Built, { problem: string }>;
  readonly options: Subject['options'];
  readonly promptTokens: readonly number[];
  /** The level where none is given. */
  readonly level: Level;
  readonly tile: number;
}

/** A model is what it compiles to for the machine as it is. */
function modelSubject(name: string, flags: SubjectFlags, parts: ModelParts): SweepSubject {
  const { build, promptTokens, tile } = parts;
  const level = levelOr(flags, parts.level);
  const base = { params: {}, level, tile };
  const built = withModelFailures(() => build(base));
  const options = { ...limits(flags), level, ...lightOf(flags), ...parts.options };
  return {
    subject: { name, kind: 'model', hash: programHash(built.program), options },
    inputs: { promptTokens, seed: 0, ...instructionLimit(flags) },
    params: undefined,
    build: (variant) => {
      const isBase = variant.tile === tile && (variant.level ?? level) === level;
      return isBase ? built : orProblem(() => build(variant));
    },
  };
}

function levelOr({ level }: SubjectFlags, otherwise: Level): Level {
  return level === undefined ? otherwise : (Number(level) as Level);
}

/** A model may not compile for a tile. */
function orProblem(build: () => Built): Built {
  try {
    return build();
  } catch (error) {
    if (error instanceof GraphError) return { problem: error.message };
    throw error;
  }
}

function limits({ maxCycles, maxInstructions }: SubjectFlags) {
  return { maxCycles, maxInstructions };
}

function instructionLimit({ maxInstructions }: SubjectFlags) {
  return maxInstructions === undefined ? {} : { maxInstructions };
}

function hashesOf(tensors: readonly (readonly [string, HostTensor])[]) {
  return Object.fromEntries(tensors.map(([name, { data }]) => [name, hashValues([data])]));
}
