/** Lighter weights on the command line: the options, and `lasm lighten`, which compares them. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { buildGraph, buildLanguageModel } from '../inference/build.ts';
import type { Build, LighterWeights } from '../inference/build.ts';
import { infer } from '../inference/infer.ts';
import { completeInputs } from '../inference/inputs.ts';
import type { LightRow, Measured } from '../inference/lighter.ts';
import { compareVariants, variantsOf } from '../inference/lighter.ts';
import { readPrompt } from '../inference/prompt.ts';
import type { GraphSource, LanguageSource } from '../inference/source.ts';
import type { HalfFormat } from '../model/graph.ts';
import type { Machine } from '../machine/machine.ts';
import { findSymbol } from '../program/program.ts';
import type { Column } from '../reports/format.ts';
import { grouped, percent, table } from '../reports/format.ts';
import { symbolTensor } from '../run/outputs.ts';
import type { RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import { Failure, usage } from './failure.ts';
import { machineFor } from './machines.ts';
import type { ModelFlags } from './model-options.ts';
import { addModelOptions, levelOf, openModel, withModelFailures } from './model-options.ts';
import { parseTokens } from './options.ts';
import { jsonText, print } from './output.ts';

export interface LightFlags {
  readonly weights?: HalfFormat;
  readonly quantize?: 'int8';
  readonly prune?: number;
}

const HALVES = ['f16', 'bf16'] as const satisfies readonly HalfFormat[];

/** Adds `--weights`, `--quantize` and `--prune`. */
export function addLightOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--weights <format>', 'the weights of linear maps as 16-bit floats').choices(HALVES), // prettier-ignore
    )
    .addOption(
      new Option('--quantize <format>', 'the weights of linear maps as int8').choices(['int8']),
    )
    .option('--prune <share>', 'drop this share of the tiles of each weight', parseShare);
}

/** What the flags ask for; one of them at most. */
export function lightOf({ weights, quantize, prune }: LightFlags): LighterWeights {
  const given = Object.entries({ weights, quantize, prune }).filter(([, value]) => value);
  if (given.length > 1) {
    const names = given.map(([name]) => `--${name}`).join(' and ');
    throw usage(`${names}: give one of them; lasm lighten compares them all`);
  }
  return { narrow: weights, quantize, prune };
}

function parseShare(text: string): number {
  const share = text.trim() === '' ? NaN : Number(text);
  if (share >= 0 && share < 1) return share;
  throw new InvalidArgumentError('must be a number from 0 to below 1, such as 0.25');
}

interface Flags extends ModelFlags {
  readonly prune: readonly number[];
  readonly text?: string;
  readonly prompt?: string;
  readonly tokens?: readonly number[];
  readonly json?: boolean;
}

const SHARES = [0.1, 0.25, 0.5];

const EXAMPLES = `
Examples:
  lasm lighten programs/models/verse-llama --prompt "HAMLET:" -m gemmini16 -O2
  lasm lighten programs/graphs/encoder.json --prune 0.05,0.1

The error is the largest distance from the results with the published weights: of a language model the
logits behind the prompt, otherwise all outputs.`;

/** Adds the command. */
export function addLighten(program: Command): void {
  addModelOptions(program.command('lighten'))
    .description('what lighter weights do to bytes, cycles and results')
    .option(
      '--prune <shares>',
      `shares of tiles to drop, one line each (default: ${SHARES.join(',')})`,
      (text: string) => text.split(',').map(parseShare),
      SHARES,
    )
    .option('--text <text>', 'the input of an encoder that has a tokenizer')
    .option('--prompt <text>', 'language models: the prompt')
    .option('--tokens <list>', 'language models: the prompt as token numbers: 3,7,10', parseTokens)
    .option('--json', 'print the table as JSON')
    .addHelpText('after', EXAMPLES)
    .action(lighten);
}

function lighten(path: string, flags: Flags): void {
  const source = openModel(path, flags, flags.text);
  const machine = machineFor(flags.machine);
  const measure =
    source.kind === 'language'
      ? languageMeasure(source, machine, flags)
      : graphMeasure(source, machine, flags);
  const halves = HALVES.map((narrow) => ({ narrow }));
  const pruned = flags.prune.map((prune) => ({ prune }));
  const variants = variantsOf([...halves, { quantize: 'int8' }, ...pruned]);
  const rows = withModelFailures(() => compareVariants(variants, measure));
  if (flags.json) print(jsonText({ model: source.name, machine: machine.name, rows }));
  else print(lightText(`${source.name} on ${machine.name}`, rows));
}

type Measure = (lighter: LighterWeights) => Measured;

/** The logits behind the prompt: one token is chosen, and none goes through the model again. */
function languageMeasure(source: LanguageSource, machine: Machine, flags: Flags): Measure {
  const { prompt, tokens } = flags;
  if ((prompt === undefined) === (tokens === undefined)) {
    throw usage('what is the prompt? Give --prompt TEXT or --tokens LIST');
  }
  const input = tokens
    ? { kind: 'tokens' as const, tokens }
    : { kind: 'text' as const, text: prompt! };
  const promptTokens = withModelFailures(() => readPrompt(source, input)).tokens;
  return (lighter) => {
    const build = buildLanguageModel(source.model, {
      level: levelOf(flags),
      tile: machine.tile,
      sampling: { temperature: 0 },
      maxNewTokens: 1,
      ...lighter,
    });
    const run = checked(runProgram(build.program, machine, { promptTokens }));
    const logits = findSymbol(build.program, 'logits')!;
    return measured(build, run, [symbolTensor(run.vm, logits).data]);
  };
}

function graphMeasure(source: GraphSource, machine: Machine, flags: Flags): Measure {
  const inputs = withModelFailures(() => completeInputs(source));
  return (lighter) => {
    const options = { level: levelOf(flags), tile: machine.tile, ...lighter };
    const build = buildGraph(source.graph, options);
    const { run, outputs } = infer(source.graph, build, machine, inputs);
    return measured(
      build,
      checked(run),
      outputs.map(({ tensor }) => tensor.data),
    );
  };
}

function checked(run: RunResult): RunResult {
  if (run.trap) throw new Failure(1, `the run was cut off: ${run.trap.message}`);
  return run;
}

function measured(
  build: Build,
  { report }: RunResult,
  results: readonly ArrayLike<number>[],
): Measured {
  return {
    build,
    report,
    results: Float32Array.from(results.flatMap((data) => [...Array.from(data)])),
  };
}

const COLUMNS: readonly Column[] = [
  { title: 'weights', align: 'left' },
  { title: 'bytes', align: 'right' },
  { title: 'change', align: 'right' },
  { title: 'bytes moved', align: 'right' },
  { title: 'change', align: 'right' },
  { title: 'cycles', align: 'right' },
  { title: 'change', align: 'right' },
  { title: 'largest error', align: 'right' },
  { title: 'of the largest', align: 'right' },
];

function lightText(title: string, rows: readonly LightRow[]): string {
  const [first] = rows;
  const change = (value: number, from: number) => {
    if (value === from) return '';
    const share = value / from - 1;
    return `${share < 0 ? '−' : '+'}${percent(100 * Math.abs(share))}`;
  };
  const lines = rows.map((row) => [
    row.name,
    grouped(row.weightBytes),
    change(row.weightBytes, first!.weightBytes),
    grouped(row.movedBytes),
    change(row.movedBytes, first!.movedBytes),
    grouped(row.cycles),
    change(row.cycles, first!.cycles),
    row === first ? '' : row.error.toPrecision(3),
    row === first ? '' : percent(100 * row.relativeError),
  ]);
  return [title, ...table(COLUMNS, lines)].join('\n');
}
