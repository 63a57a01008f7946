/** Beam search on the simulated machine: the host keeps the texts, the machine computes the logits. */
import type { Candidate } from '../compiler/generation/beams.ts';
import { beamSearch } from '../compiler/generation/beams.ts';
import type { Level } from '../compiler/lower/context.ts';
import type { Machine } from '../machine/machine.ts';
import type { LanguageModel } from '../model/graph.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import { symbolValues } from '../run/outputs.ts';
import type { RunOptions, RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import { exp64, log64 } from '../tensor/double.ts';
import type { RunHeader } from '../timing/events.ts';
import { SCORE_COUNTS, scoringProgram } from './beams-program.ts';
import { buildDriven } from './build.ts';
import { roomBehind } from './prompt.ts';
import type { LanguageSource } from './source.ts';

export interface BeamSearchOptions {
  readonly machine: Machine;
  readonly level: Level;
  /** Texts that are followed at a time, at least 1. */
  readonly beams: number;
  readonly maxNewTokens: number;
  readonly engine?: RunHeader['engine'];
  /** Limits of each run. */
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
  /** Told behind each run how many there have been. */
  readonly onRun?: (runs: number) => void;
}

export interface BeamsFound {
  /** Best score first; as `beamSearch`. */
  readonly candidates: readonly Candidate[];
  /** How often the program ran, from its first instruction to its last. */
  readonly runs: number;
  /** Of all runs together. */
  readonly cycles: number;
  readonly instructions: number;
}

/** A run that did not come to its end; there is nothing to search any more. */
export class CutOff extends Error {
  readonly run: RunResult;
  constructor(run: RunResult) {
    super(run.trap?.message);
    this.name = 'CutOff';
    this.run = run;
  }
}

/**
 * The most probable texts behind a prompt that readPrompt has made. One program is built; it runs
 * from the beginning for each text that is looked at.
 *
 * @throws CutOff for a run that was cut off, RangeError for `beams` below 1 and for logits that
 * are not numbers, GraphError for a model that cannot be compiled.
 */
export function searchBeams(
  { model }: Pick<LanguageSource, 'model'>,
  promptTokens: readonly number[],
  options: BeamSearchOptions,
): BeamsFound {
  const scorer = new Scorer(model, promptTokens, options);
  const room = roomBehind(model, promptTokens.length);
  const candidates = beamSearch((tokens) => scorer.score(tokens), {
    prompt: [],
    beams: options.beams,
    maxNewTokens: Math.min(options.maxNewTokens, room),
    end: model.generation.end,
  });
  const { runs, cycles, instructions } = scorer;
  return { candidates, runs, cycles, instructions };
}

class Scorer {
  runs = 0;
  cycles = 0;
  instructions = 0;
  readonly #program: Program;
  readonly #options: BeamSearchOptions;
  /** Tokens for the encoder, and what the decoder's begin with. */
  readonly #source: readonly number[];
  readonly #before: readonly number[];

  constructor(model: LanguageModel, prompt: readonly number[], options: BeamSearchOptions) {
    const { encode, decode, generation } = model;
    const hasEncoder = encode !== undefined;
    const { level, machine } = options;
    const driver = scoringProgram({ hasEncoder, rowLimit: decode.limits.rows! });
    const build = { level, tile: machine.tile, file: `${model.name}.lasm` };
    this.#program = buildDriven(model, driver, build).program;
    this.#options = options;
    this.#source = hasEncoder ? prompt : [];
    this.#before = hasEncoder ? [generation.decoderStart!] : prompt;
  }

  /** Log-probabilities of all tokens behind prompt and text. */
  score(text: readonly number[]): Float64Array {
    const decoded = [...this.#before, ...text];
    const counts = Int32Array.of(this.#source.length, decoded.length);
    const run = runProgram(this.#program, this.#options.machine, {
      ...limitsOf(this.#options),
      promptTokens: [...this.#source, ...decoded],
      inputs: new Map([[SCORE_COUNTS, { dtype: 'i32', shape: [2], data: counts }]]),
    });
    if (run.trap) throw new CutOff(run);
    this.cycles += run.report.cycles;
    this.instructions += run.report.instructions;
    this.#options.onRun?.(++this.runs);
    return logSoftmax(symbolValues(run.vm, findSymbol(this.#program, 'logits')!));
  }
}

function limitsOf({ engine, maxCycles, maxInstructions }: BeamSearchOptions): RunOptions {
  return {
    ...(engine && { engine }),
    ...(maxCycles !== undefined && { maxCycles }),
    ...(maxInstructions !== undefined && { maxInstructions }),
  };
}

/**
 * ln(e^x ÷ Σ e^x) in float64, summed in order; the largest is subtracted first, so that no power
 * overflows (Blanchard, Higham, Higham 2021, "Accurately computing the log-sum-exp and softmax functions").
 */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  let largest = -Infinity;
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i]!);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += exp64(logits[i]! - largest);
  const shift = largest + log64(sum);
  return Float64Array.from(logits, (logit) => logit - shift);
}
