/** `lasm estimate`: what a model would take on a machine, without its weights and without running values. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { Lengths, PassEstimate } from '../estimate/estimate.ts';
import { estimateGraph, estimateLanguage } from '../estimate/estimate.ts';
import { estimateJson } from '../estimate/json.ts';
import { renderEstimate } from '../estimate/text.ts';
import type { SourceOptions } from '../inference/source.ts';
import type { Unweighted } from '../inference/unweighted.ts';
import { openConfiguration, openUnweighted } from '../inference/unweighted.ts';
import type { LanguageModel } from '../model/graph.ts';
import { usage } from './failure.ts';
import { DEFAULT_MACHINE, machineFor } from './machines.ts';
import { withModelFailures } from './model-options.ts';
import { parseCount } from './options.ts';
import { errorTerminal, jsonText, outputWidth, print, wantsColour } from './output.ts';

interface Flags {
  readonly config?: string;
  readonly machine: string;
  readonly level: '0' | '1' | '2';
  readonly context?: number;
  readonly prefill?: number;
  readonly batch: number;
  readonly dtype: 'f32' | 'f16' | 'bf16' | 'int8';
  readonly everyRound?: boolean;
  readonly json?: boolean;
}

/** Sequences of a batch; and tokens of all of them together. */
const MOST_SEQUENCES = 4096;
const MOST_CACHED = 2 ** 24;

/** Lengths that every model has room for are taken when nobody asks for others. */
const DEFAULT_CONTEXT = 1024;

const EXAMPLES = `
Examples:
  lasm estimate --config programs/configs/gpt2-124m.json --machine gemmini16
  lasm estimate --config programs/configs/llama-3-70b.json -m tpuv1 --context 4096 --prefill 2048
  lasm estimate --config programs/configs/llama-3-8b.json -m gemmini16 --dtype f16 --batch 16
  lasm estimate programs/models/verse-llama --prefill 64 --context 128 --json

A configuration is a config.json as Hugging Face models have one; no weights are needed. The program
is the one that lasm compile makes; it is timed instruction by instruction but for loops that come
back to a state that they were in before: their further rounds are counted, not timed again. The
cycles are the same as those of timing everything (--every-round).`;

/** Adds the command. */
export function addEstimate(program: Command): void {
  program
    .command('estimate')
    .description('say what a model would take on a machine, without its weights')
    .argument('[source]', 'a Hugging Face folder, an .onnx file or a graph in .json')
    .option('--config <file>', 'a config.json in place of a model: weights are not needed')
    .option('-m, --machine <name|file>', 'the machine', DEFAULT_MACHINE)
    .addOption(
      new Option('-O, --level <n>', 'of optimisation').choices(['0', '1', '2']).default('2'),
    )
    .option(
      '--context <n>',
      'tokens that the decode step looks at (default 1,024, or as many as the model has)',
      parseCount,
    ) // prettier-ignore
    .option('--prefill <n>', 'tokens of the prompt (default: half of the context)', parseCount)
    .option('--batch <n>', 'sequences that are decoded together', parseCount, 1)
    .addOption(
      new Option('--dtype <format>', 'how weights of linear maps are kept; all else is float32')
        .choices(['f32', 'f16', 'bf16', 'int8'])
        .default('f32'),
    )
    .option('--every-round', 'time every round of every loop: the same cycles, much later')
    .option('--json', 'print the estimate as JSON')
    .addHelpText('after', EXAMPLES)
    .action((source: string | undefined, flags: Flags) => {
      withModelFailures(() => estimate(source, flags));
    });
}

function estimate(source: string | undefined, flags: Flags): void {
  const open = openerOf(source, flags);
  const machine = machineFor(flags.machine);
  const first = open({});
  const passes = passesOf(first, open, flags, machine);
  const title = { summary: first.summary, machine, weights: WEIGHTS[flags.dtype] };
  if (flags.json) return print(jsonText(estimateJson(passes, title)));
  const look = { width: outputWidth(), colour: wantsColour('stdout') };
  print(renderEstimate(passes, title, look));
}

const WEIGHTS = { f32: 'float32', f16: 'f16', bf16: 'bf16', int8: 'int8' } as const;

type Opener = (options: SourceOptions) => Unweighted;

function openerOf(source: string | undefined, { config }: Flags): Opener {
  if (source !== undefined && config === undefined)
    return (options) => openUnweighted(source, options);
  if (config !== undefined && source === undefined)
    return (options) => openConfiguration(config, options);
  throw usage('name a model, or a configuration with --config FILE: one of the two');
}

function passesOf(
  first: Unweighted,
  open: Opener,
  flags: Flags,
  machine: ReturnType<typeof machineFor>,
): readonly PassEstimate[] {
  const progress = errorTerminal();
  const options = {
    machine,
    level: Number(flags.level) as 0 | 1 | 2,
    quantize: flags.dtype === 'int8' ? ('int8' as const) : undefined,
    narrow: flags.dtype === 'f16' || flags.dtype === 'bf16' ? flags.dtype : undefined,
    everyRound: flags.everyRound === true,
    onPass: (name: string) => {
      if (progress.isTTY) progress.write(`\r\u001b[K${name} …`);
    },
  };
  try {
    if (first.kind === 'graph') return estimateGraph(oneSequence(first, flags).graph, options);
    const lengths = lengthsOf(first.model, flags);
    const { prefill, context, batch } = lengths;
    // The context is what was asked for, so it is what may be wrong.
    const decode = languageOf(open({ rows: 1, context, source: prefill, allLogits: batch > 1 }));
    const prompt = languageOf(open({ rows: prefill, context: prefill, source: prefill }));
    const sized = { prefill: prompt, decode };
    return estimateLanguage(sized, lengths, options);
  } finally {
    if (progress.isTTY) progress.write('\r\u001b[K');
  }
}

function oneSequence<T extends Unweighted>(model: T, { batch, context, prefill }: Flags): T {
  if (batch === 1 && context === undefined && prefill === undefined) return model;
  throw usage(
    '--batch, --context and --prefill are for models that generate text; this one does not',
  );
}

function languageOf(opened: Unweighted): LanguageModel {
  if (opened.kind === 'language') return opened.model;
  throw new Error('invariant: the model generated text before');
}

function lengthsOf({ encode, generation }: LanguageModel, flags: Flags): Lengths {
  const { context = Math.min(DEFAULT_CONTEXT, generation.context), batch } = flags;
  const { prefill = Math.max(1, Math.floor(context / 2)) } = flags;
  if (batch > MOST_SEQUENCES) throw usage(`--batch ${batch}: at most ${MOST_SEQUENCES} sequences`);
  if (batch > 1 && encode)
    throw usage('--batch is for models without an encoder; this one has one');
  if (prefill > context && !encode) {
    throw usage(`--prefill ${prefill} is more than the context of ${context}`);
  }
  if (context * batch > MOST_CACHED) {
    throw usage(
      `${batch} sequences of ${context} tokens are too many: at most ${MOST_CACHED} tokens`,
    );
  }
  return { prefill, context, batch };
}
