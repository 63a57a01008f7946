/** A sweep of a model: compiled once for each tile and level. */
import type { Level } from '../compiler/lower/context.ts';
import { buildGraph, buildLanguageModel } from '../inference/build.ts';
import { symbolInputs } from '../inference/infer.ts';
import { completeInputs } from '../inference/inputs.ts';
import { readPrompt } from '../inference/prompt.ts';
import type { GraphSource, LanguageSource } from '../inference/source.ts';
import { GraphError } from '../model/graph.ts';
import { programHash } from '../program/hash.ts';
import type { Subject } from '../sweep/folder.ts';
import { usage } from './failure.ts';
import { lightOf } from './lighter.ts';
import { openModel, withModelFailures } from './model-options.ts';
import type { Built, SubjectFlags, SweepSubject, Variant } from './sweep-subject.ts';
import { hashesOf, instructionLimit, limits } from './sweep-subject.ts';

/** The model at a path, for machines of this tile where nothing else is said. */
export function modelOf(path: string, flags: SubjectFlags, tile: number): SweepSubject {
  const source = openModel(path, { ...flags, level: flags.level ?? '1' }, flags.text);
  return source.kind === 'graph'
    ? graphSubject(path, source, flags, tile)
    : languageSubject(path, source, flags, tile);
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
