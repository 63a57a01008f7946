/** `lasm infer SOURCE`: runs a model that goes from inputs to outputs, and says where every cycle went. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { buildGraph } from '../inference/build.ts';
import type { Inferred, Output } from '../inference/infer.ts';
import { infer as inferGraph } from '../inference/infer.ts';
import { completeInputs } from '../inference/inputs.ts';
import type { GraphSource } from '../inference/source.ts';
import { formatNpy } from '../model/npy.ts';
import { renderReport } from '../reports/text.ts';
import type { Vm } from '../vm/vm.ts';
import { Failure, messageWithHint } from './failure.ts';
import { reasonOf, writeWhole } from './files.ts';
import type { LightFlags } from './lighter.ts';
import { addLightOptions, lightOf } from './lighter.ts';
import { machineFor } from './machines.ts';
import type { ModelFlags } from './model-options.ts';
import { addModelOptions, levelOf, openModel, withModelFailures } from './model-options.ts';
import { parseCount } from './options.ts';
import { errorTerminal, jsonText, outputWidth, print, wantsColour } from './output.ts';
import { progressListener } from './progress.ts';
import { printFailures, resultJson } from './run-result.ts';
import { showSymbol } from './show.ts';

interface Flags extends ModelFlags, LightFlags {
  readonly text?: string;
  readonly outputDir?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly engine: 'tick' | 'event';
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
}

const EXAMPLES = `
Examples:
  lasm infer programs/graphs/mlp.json
  lasm infer programs/models/brackets-lstm/model.onnx --input tokens=tokens.json
  lasm infer programs/models/bert-random --input input_ids=ids.json -m gemmini16 -O2
  lasm infer model.onnx --input x=x.npy --output-dir results --quiet

A .json file holds numbers in lists: [[1, 2], [3, 4]]. Graphs in .json may have example inputs of their
own. Of an encoder, input_ids is enough: token_type_ids are 0 and attention_mask is 1 unless given.`;

/** Adds the command. */
export function addInfer(program: Command): void {
  addLightOptions(addModelOptions(program.command('infer')))
    .description('run a model from inputs to outputs, and say where every cycle went')
    .option('--text <text>', 'the input of an encoder that has a tokenizer')
    .option('--output-dir <dir>', 'write every output to DIR/NAME.npy')
    .option('--json', 'print outputs and report as JSON')
    .option('-q, --quiet', 'print the outputs only')
    .addOption(
      new Option('--engine <name>', 'the timing engine; both give the same cycles')
        .choices(['tick', 'event'])
        .default('event'),
    )
    .option('--max-cycles <n>', 'stop behind this many cycles (default 100 million)', parseCount)
    .option('--max-instructions <n>', 'stop behind this many (default 100 million)', parseCount)
    .addHelpText('after', EXAMPLES)
    .action(infer);
}

function infer(path: string, flags: Flags): void {
  const source = openModel(path, flags, flags.text);
  if (source.kind === 'language') {
    const hint = `lasm generate ${path} --prompt TEXT`;
    throw new Failure(1, messageWithHint(`${source.name} generates text`, hint));
  }
  const inferred = run(source, flags);
  const { run: result, outputs } = inferred;
  if (flags.outputDir !== undefined) writeOutputs(flags.outputDir, outputs);
  if (flags.json) print(jsonText(inferredJson(inferred)));
  else print(inferredText(source, inferred, flags));
  printFailures(result.vm.program, result);
}

function run(source: GraphSource, flags: Flags): Inferred {
  const machine = machineFor(flags.machine);
  const { graph } = source;
  const progress = progressListener(errorTerminal());
  try {
    return withModelFailures(() => {
      const inputs = completeInputs(source);
      const build = buildGraph(graph, {
        level: levelOf(flags),
        tile: machine.tile,
        ...lightOf(flags),
      });
      return inferGraph(graph, build, machine, inputs, {
        engine: flags.engine,
        listeners: () => [progress.listen],
        ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
        ...(flags.maxInstructions !== undefined && { maxInstructions: flags.maxInstructions }),
      });
    });
  } finally {
    progress.done();
  }
}

const NPY = { name: '.npy file', magic: '\x93NUMPY' };

function writeOutputs(folder: string, outputs: readonly Output[]): void {
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new Failure(1, `${folder}: cannot be made: ${reasonOf(error)}`);
  }
  for (const { name, tensor } of outputs) {
    const file = `${name.replaceAll(/[^\w.-]+/g, '_')}.npy`;
    writeWhole(join(folder, file), formatNpy(tensor), NPY);
  }
}

function inferredJson({ run: result, outputs }: Inferred) {
  const values = outputs.map(({ name, tensor: { shape, dtype, data } }) => [
    name,
    { shape, dtype, data: [...data] },
  ]);
  return { ...resultJson(result, []), outputs: Object.fromEntries(values) as unknown };
}

function inferredText(
  { summary }: GraphSource,
  { run: { vm, report }, outputs }: Inferred,
  { quiet }: Flags,
): string {
  const shown = outputs.map((output) => showOutput(vm, output));
  if (quiet) return shown.join('\n\n');
  const colour = wantsColour('stdout');
  const text = renderReport(report, { width: outputWidth(), colour }).trimEnd();
  return [summary, ...shown, text].join('\n\n');
}

/** Larger ones are cut by `showSymbol`, so their range is said as well. */
const SMALL = 512;

function showOutput(vm: Vm, { name, symbol, tensor: { data, shape } }: Output): string {
  const matrix = showSymbol(vm, { ...symbol, shape: shape.length === 0 ? [1] : shape }, name);
  return data.length <= SMALL ? matrix : `${matrix}\n  ${rangeOf(data)}`;
}

function rangeOf(data: Float32Array | Int32Array): string {
  let [least, most, sum] = [Infinity, -Infinity, 0];
  for (const value of data) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  const digits = (value: number) => String(Number(value.toPrecision(5)));
  return `all ${data.length}: from ${digits(least)} to ${digits(most)}, mean ${digits(sum / data.length)}`;
}
