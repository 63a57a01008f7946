/** `lasm compile SOURCE -o OUT.lasm`: a model becomes a program that a person can read, run and change. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { PASSES } from '../compiler/options.ts';
import type { Build, BuildOptions } from '../inference/build.ts';
import { buildGraph, buildLanguageModel } from '../inference/build.ts';
import { symbolInputs } from '../inference/infer.ts';
import { completeInputs } from '../inference/inputs.ts';
import type { GraphSource, LanguageSource, ModelSource } from '../inference/source.ts';
import { COMPILED_MARK, isReplaceable, programFiles, weightsPath, writeWeights } from '../inference/weights-file.ts'; // prettier-ignore
import type { PassLine } from './compile-text.ts';
import { howToRun, summaryOf, written } from './compile-text.ts';
import { Failure, usage } from './failure.ts';
import { isOwn, reasonOf, writeWhole } from './files.ts';
import type { LightFlags } from './lighter.ts';
import { addLightOptions, lightOf } from './lighter.ts';
import { machineFor } from './machines.ts';
import type { ModelFlags } from './model-options.ts';
import { addModelOptions, levelOf, openModel, parseNonNegative, withModelFailures } from './model-options.ts'; // prettier-ignore
import { parseCount } from './options.ts';
import { print } from './output.ts';

interface Flags extends ModelFlags, LightFlags {
  readonly output: string;
  readonly printAfter?: readonly string[];
  readonly apart?: boolean;
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly topP?: number;
}

const DEFAULT_NEW_TOKENS = 64;

const COMPILED = { name: 'compiled program', magic: COMPILED_MARK };

const EXAMPLES = `
Examples:
  lasm compile programs/models/adder-gpt2 -o adder.lasm
  lasm run adder.lasm --tokens 7,9,10,3,2,11
  lasm compile programs/graphs/mlp.json -o mlp.lasm -O2 --print-after fuse
  lasm compile model.onnx -o model.lasm --dim batch=1

The weights are written beside the program, to OUT.safetensors.`;

/** Adds the command. */
export function addCompile(program: Command): void {
  addLightOptions(addModelOptions(program.command('compile')))
    .description('compile a model to a program and its weights')
    .requiredOption('-o, --output <file>', 'the .lasm file to write')
    .option('--print-after <pass>', 'print what a pass has made; may be given again', collectPasses)
    .option('--apart', 'give every tensor memory of its own, for lasm verify --program')
    .option(
      '--max-new-tokens <n>',
      'language models: the most tokens it writes',
      parseCount,
      DEFAULT_NEW_TOKENS,
    ) // prettier-ignore
    .option('--temperature <t>', 'language models: above 0, tokens are drawn', parseNonNegative, 0)
    .option('--top-k <k>', 'language models: draw from the k best only', parseCount)
    .option(
      '--top-p <p>',
      'language models: draw from the best that have p together',
      parseNonNegative,
    ) // prettier-ignore
    .addHelpText('after', EXAMPLES)
    .action(compile);
}

function collectPasses(pass: string, before: readonly string[] = []): string[] {
  if (!(PASSES as readonly string[]).includes(pass)) {
    throw usage(`there is no pass ${pass}\n  hint: the passes are ${PASSES.join(', ')}`);
  }
  return [...before, pass];
}

function compile(path: string, flags: Flags): void {
  const { output } = flags;
  requireWritable(output);
  const source = openModel(path, flags);
  const passes: PassLine[] = [];
  const build = withModelFailures(() => buildSource(source, flags, passes));
  const files = programFiles(build, ` -O${flags.level}`, valuesOf(source, build));
  let bytes = 0;
  try {
    bytes = withModelFailures(() => writeWeights(weightsPath(output), files.tensors));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(1, `${weightsPath(output)}: cannot be written: ${reasonOf(error)}`);
  }
  writeWhole(output, files.text, COMPILED);
  if (!flags.printAfter?.length) print(summaryOf(source, passes));
  print(written(output, files.text, build, bytes));
  print(howToRun(output, source, build));
}

/** Found out before anything is compiled: what is there already must be of our own making. */
function requireWritable(output: string): void {
  if (!output.endsWith('.lasm')) throw usage(`-o ${output}: the file must end in .lasm`);
  if (existsSync(output) && !isOwn(output, COMPILED)) {
    throw new Failure(
      1,
      `${output}: is there already, and not from lasm compile; choose another -o`,
    );
  }
  const weights = weightsPath(output);
  if (isReplaceable(weights)) return;
  throw new Failure(
    1,
    `${weights}: is there already, and not from lasm compile; choose another -o`,
  );
}

function buildSource(source: ModelSource, flags: Flags, passes: PassLine[]): Build {
  const { apart, printAfter } = flags;
  const options: BuildOptions = {
    level: levelOf(flags),
    tile: machineFor(flags.machine).tile,
    file: basename(flags.output),
    ...lightOf(flags),
    ...(apart === true && { apart }),
    onPass: (name, show) => {
      const text = show();
      passes.push({ name, text });
      if (printAfter?.includes(name)) print(`; after ${name}\n${text.trimEnd()}\n`);
    },
  };
  return source.kind === 'graph'
    ? buildGraph(source.graph, options)
    : buildGeneration(source, options, flags);
}

function buildGeneration({ model }: LanguageSource, options: BuildOptions, flags: Flags): Build {
  const { maxNewTokens, temperature, topK, topP } = flags;
  const sampling = { temperature, topK, topP };
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw usage('--top-p is above 0, at most 1');
  if (temperature === 0 && (topK !== undefined || topP !== undefined)) {
    throw usage('--top-k and --top-p choose what is drawn from: give --temperature too');
  }
  return buildLanguageModel(model, { ...options, maxNewTokens, sampling });
}

/** Values that the program gets to begin with: those of all inputs, or of those that are known. */
function valuesOf(source: ModelSource, build: Build) {
  if (source.kind === 'language') return new Map();
  const { graph, inputs, examples } = source;
  const known = graph.inputs.filter(({ name }) => inputs.has(name) || examples.has(name));
  const some: GraphSource = { ...source, graph: { ...graph, inputs: known } };
  return withModelFailures(() => symbolInputs(some.graph, build, completeInputs(some)));
}
