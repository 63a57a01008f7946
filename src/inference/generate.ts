/** Generation on the simulated machine: a prompt in; text, and where every cycle of it went, out. */
import type { Sampling } from '../compiler/generation/options.ts';
import type { Level } from '../compiler/lower/context.ts';
import type { Machine } from '../machine/machine.ts';
import type { PhaseFold } from '../reports/phases.ts';
import { createPhases } from '../reports/phases.ts';
import type { Phases } from '../reports/phases-data.ts';
import type { RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import type { Listener, RunHeader } from '../timing/events.ts';
import type { LighterWeights } from './build.ts';
import { buildLanguageModel } from './build.ts';
import { phaseLayout } from './phases.ts';
import { roomBehind } from './prompt.ts';
import type { LanguageSource } from './source.ts';

export interface GenerateOptions {
  readonly machine: Machine;
  readonly level: Level;
  readonly lighter?: LighterWeights;
  readonly sampling: Sampling;
  /** Seed of the draws; without effect on the best token. */
  readonly seed: number;
  readonly maxNewTokens: number;
  readonly engine?: RunHeader['engine'];
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
  /** Hears each token as soon as the machine has emitted it. */
  readonly onToken?: (token: number) => void;
  /** Others who want to hear the events. */
  readonly listeners?: readonly Listener[];
}

/** Why there are no more tokens: an end token, as many as wanted, no room; or the run was cut off. */
export type Stop = 'end' | 'length' | 'context' | 'trap';

export interface Generated extends RunResult {
  /** Those of the text, without the prompt and without an end token. */
  readonly tokens: readonly number[];
  readonly stop: Stop;
  readonly phases: Phases;
  /** Pass → tokens that its last row could look at, itself included; of the decoder, in a pair. */
  readonly contexts: readonly number[];
}

/**
 * Compiles a model and lets it write behind a prompt that readPrompt has made. The same model,
 * prompt and options give the same tokens on every machine of the same tile edge.
 *
 * @throws GraphError for a model that cannot be compiled.
 */
export function generate(
  { model }: Pick<LanguageSource, 'model'>,
  promptTokens: readonly number[],
  options: GenerateOptions,
): Generated {
  const { machine, level, sampling, maxNewTokens, lighter } = options;
  const file = `${model.name}.lasm`;
  const build = { level, tile: machine.tile, sampling, maxNewTokens, file, ...lighter };
  const { program } = buildLanguageModel(model, build);
  const layout = phaseLayout(program);
  let phases: PhaseFold | undefined;
  const { engine, maxCycles, maxInstructions, onToken } = options;
  const run = runProgram(program, machine, {
    promptTokens,
    seed: options.seed,
    ...(engine && { engine }),
    ...(maxCycles !== undefined && { maxCycles }),
    ...(maxInstructions !== undefined && { maxInstructions }),
    ...(onToken && { onToken }),
    listeners: (header) => {
      phases = createPhases(header, layout);
      return [phases.listen, ...(options.listeners ?? [])];
    },
  });
  const { vm, trap } = run;
  const tokens = vm.emittedTokens;
  const room = roomBehind(model, promptTokens.length);
  const account = phases!.finish();
  const first = model.encode ? 1 : promptTokens.length;
  return {
    ...run,
    tokens,
    stop: trap ? 'trap' : stopOf(tokens.length, maxNewTokens, room),
    phases: account,
    contexts: account.passes.map((_, pass) => first + pass),
  };
}

function stopOf(written: number, wanted: number, room: number): Stop {
  if (written < Math.min(wanted, room)) return 'end';
  return written === wanted ? 'length' : 'context';
}
