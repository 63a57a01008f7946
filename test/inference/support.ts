/** Models of the project and the values that PyTorch computed with them, for tests of whole runs. */
import { existsSync, readFileSync } from 'node:fs';
import type { Level } from '../../src/compiler/lower/context.ts';
import type { Build } from '../../src/inference/build.ts';
import { buildLanguageModel } from '../../src/inference/build.ts';
import type { GraphSource, LanguageSource, SourceOptions } from '../../src/inference/source.ts';
import { openSource } from '../../src/inference/source.ts';
import { findSymbol } from '../../src/program/program.ts';
import { symbolValues } from '../../src/run/outputs.ts';
import { Vm } from '../../src/vm/vm.ts';

export const ROOT = new URL('../../', import.meta.url).pathname;
export const MODELS = `${ROOT}programs/models/`;
export const GRAPHS = `${ROOT}programs/graphs/`;

/** Small models of others, with rows of logits; they are no part of the project. */
export const TINY = new URL('../../../shared/golden/hf-tiny/', import.meta.url).pathname;
export const HAS_TINY = existsSync(TINY);

export const TILE = 16;
export const LEVELS: readonly Level[] = [0, 1, 2];

/** The golden values beside a model. */
export function golden<T>(folder: string): T {
  return JSON.parse(readFileSync(`${folder}/golden.json`, 'utf8')) as T;
}

export function languageSource(path: string, options?: SourceOptions): LanguageSource {
  const source = openSource(path, options);
  if (source.kind !== 'language') throw new Error(`${path} does not generate`);
  return source;
}

export function graphSource(path: string, options?: SourceOptions): GraphSource {
  const source = openSource(path, options);
  if (source.kind !== 'graph') throw new Error(`${path} generates`);
  return source;
}

/** A greedy program. */
export function greedyBuild(
  { model }: Pick<LanguageSource, 'model'>,
  level: Level,
  maxNewTokens: number,
): Build {
  return buildLanguageModel(model, {
    level,
    tile: TILE,
    sampling: { temperature: 0 },
    maxNewTokens,
  });
}

export interface Generated {
  readonly tokens: readonly number[];
  /** Behind each token that was chosen, the logits that it was chosen from. */
  readonly logits: readonly Float32Array[];
}

/** Runs a program without timing it: values do not depend on time. */
export function generate({ program }: Build, promptTokens: readonly number[]): Generated {
  const vm = new Vm(program, { promptTokens });
  const choose = program.labels.find(({ name }) => name === 'choose')!.target;
  const symbol = findSymbol(program, 'logits')!;
  const logits: Float32Array[] = [];
  for (let step = vm.next(); step; step = vm.next()) {
    if (step.nextPc === choose) logits.push(symbolValues(vm, symbol).slice() as Float32Array);
  }
  if (vm.trap) throw new Error(vm.trap.message);
  return { tokens: vm.emittedTokens, logits };
}

/** The largest |a − b|; Infinity where the lengths differ or a number is missing. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference;
  }
  return largest;
}
