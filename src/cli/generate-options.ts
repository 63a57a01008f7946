/** The options of `lasm generate`: what they are called, and what they mean together. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { Sampling } from '../compiler/generation/options.ts';
import type { PromptInput } from '../inference/prompt.ts';
import type { Generation } from '../model/graph.ts';
import { usage } from './failure.ts';
import type { LightFlags } from './lighter.ts';
import { addLightOptions } from './lighter.ts';
import { DEFAULT_MACHINE } from './machines.ts';
import { parseCount, parseSeed, parseTokens } from './options.ts';

export interface GenerateFlags extends LightFlags {
  readonly prompt?: string;
  readonly tokens?: readonly number[];
  readonly maxNewTokens?: number;
  readonly sample?: boolean;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly numBeams?: number;
  readonly context?: number;
  readonly machine: string;
  readonly level: '0' | '1' | '2';
  readonly engine: 'tick' | 'event';
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
  readonly json?: true | string;
  /** False with --no-report. */
  readonly report: boolean;
}

/** Tokens that are written where neither the command line nor the model says how many. */
const DEFAULT_NEW_TOKENS = 64;

const EXAMPLES = `
The best token is taken every time, unless --sample or --temperature asks for draws.

Examples:
  $ lasm generate programs/models/adder-gpt2 --prompt 79+32=
  $ lasm generate programs/models/verse-llama --prompt ROMEO: --sample --seed 7 -m gemmini16
  $ lasm generate programs/models/dates-bart --prompt "may 6 2004" --num-beams 3
  $ echo "12+34=" | lasm generate programs/models/adder-gpt2 --prompt - --no-report`;

/** Adds the options that GenerateFlags are read from. */
export function addGenerateOptions(command: Command): Command {
  return addLightOptions(command)
    .argument('<model>', 'a Hugging Face folder of a model that writes text')
    .option('--prompt <text>', 'what the model goes on from; - reads it from standard input')
    .option('--tokens <list>', 'the prompt, as token numbers: 3,7,10', parseTokens)
    .option(
      '--max-new-tokens <n>',
      `the most that are written (default: as the model says, or ${DEFAULT_NEW_TOKENS})`,
      parseCount,
    ) // prettier-ignore
    .option('--sample', 'draw tokens as generation_config.json of the model says')
    .option('--temperature <t>', 'draw tokens; what logits are divided by', parseTemperature)
    .option('--top-k <k>', 'draw among the k best only; 0 for all', parseSeed)
    .option('--top-p <p>', 'draw among the best that have this probability together', parseTopP)
    .option('--seed <n>', 'seed of the draws (default: 0)', parseSeed)
    .option(
      '--num-beams <b>',
      'beam search: the b most probable texts, with their scores',
      parseCount,
    ) // prettier-ignore
    .option(
      '--context <n>',
      'positions to make room for (default: those of the model, at most 2048)',
      parseCount,
    ) // prettier-ignore
    .option('-m, --machine <name|file>', 'the machine it runs on', DEFAULT_MACHINE)
    .addOption(
      new Option('-O, --level <n>', 'how much the compiler does; the text is the same')
        .choices(['0', '1', '2'])
        .default('2'),
    )
    .addOption(
      new Option('--engine <name>', 'the timing engine; both give the same cycles')
        .choices(['tick', 'event'])
        .default('event'),
    )
    .option('--max-cycles <n>', 'stop behind this many cycles (default 100 million)', parseCount)
    .option('--max-instructions <n>', 'stop behind this many (default 100 million)', parseCount)
    .option('--json [path]', 'write all of it as JSON, to standard output or to a file')
    .option('--no-report', 'print the text and nothing else')
    .addHelpText('after', EXAMPLES);
}

/** The prompt that the flags name; a text from standard input loses one line feed at its end. */
export function promptOf({ prompt, tokens }: GenerateFlags): PromptInput {
  if (prompt !== undefined && tokens) throw usage('--prompt and --tokens: give one of them');
  if (tokens) return { kind: 'tokens', tokens };
  if (prompt === undefined) throw usage('what is the prompt? Give --prompt TEXT or --tokens LIST');
  if (prompt !== '-') return { kind: 'text', text: prompt };
  return { kind: 'text', text: readFileSync(0, 'utf8').replace(/\r?\n$/, '') };
}

/** How tokens are chosen; what the flags leave open is as the model says. */
export function samplingOf(flags: GenerateFlags, { defaults }: Generation): Sampling {
  const { sample, temperature, topK, topP, numBeams } = flags;
  const draws = sample === true || temperature !== undefined;
  if (draws && numBeams !== undefined) {
    throw usage('--num-beams looks for the most probable text; it does not draw');
  }
  if (draws) {
    return {
      temperature: temperature ?? defaults.temperature ?? 1,
      topK: topK ?? (sample ? defaults.topK : undefined),
      topP: topP ?? (sample ? defaults.topP : undefined),
    };
  }
  const [idle] = [topK !== undefined && '--top-k', topP !== undefined && '--top-p'].filter(Boolean);
  if (idle) throw usage(`${String(idle)} is about draws: add --sample or --temperature`);
  return { temperature: 0 };
}

export function maxNewTokensOf(flags: GenerateFlags, { defaults }: Generation): number {
  return flags.maxNewTokens ?? defaults.maxNewTokens ?? DEFAULT_NEW_TOKENS;
}

function parseTemperature(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Math.fround(value) < Infinity) return value;
  throw new InvalidArgumentError('must be a number from 0 up; 0 takes the best token');
}

function parseTopP(text: string): number {
  const value = Number(text);
  if (Math.fround(value) > 0 && value <= 1) return value;
  throw new InvalidArgumentError('must be above 0 and at most 1');
}
