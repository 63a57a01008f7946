/** `lasm run FILE`: runs a program and says where every cycle went. */
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { formatNpy } from '../model/npy.ts';
import { openFolder } from '../model/sandbox.ts';
import type { DataSymbol, Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import type { Diagram } from '../reports/diagram.ts';
import { createDiagram } from '../reports/diagram.ts';
import { replacementProblem, symbolTensor } from '../run/outputs.ts';
import type { RunOptions } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { messageWithHint, usage } from './failure.ts';
import { writeWhole } from './files.ts';
import { fileFailure, loadProgram } from './load.ts';
import { DEFAULT_MACHINE, machineFor } from './machines.ts';
import {
  collectPairs,
  collectParams,
  parseCount,
  parseCycles,
  parseSeed,
  parseTokens,
  rootOption,
} from './options.ts';
import { errorTerminal, jsonText, outputWidth, print } from './output.ts';
import { progressListener } from './progress.ts';
import { printFailures, resultJson, resultText } from './run-result.ts';
import { sampleDiagram } from './sample-diagram.ts';

interface Flags {
  readonly machine: string;
  readonly param?: Readonly<Record<string, number>>;
  readonly json?: true | string;
  readonly diagram?: true | { from: number; to: number };
  readonly dump?: readonly (readonly [string, string | undefined])[];
  readonly set?: readonly (readonly [string, string | undefined])[];
  readonly tokens?: readonly number[];
  readonly seed?: number;
  readonly maxCycles?: number;
  readonly maxInstructions?: number;
  readonly maxMemory?: number;
  readonly root?: string;
  readonly quiet?: boolean;
}

/** Adds the command. */
export function addRun(program: Command): void {
  program
    .command('run')
    .description('run a program and say where every cycle went')
    .argument('<file>', 'a .lasm or .lbin file')
    .option('-m, --machine <name|file>', 'the machine it runs on', DEFAULT_MACHINE)
    .option('-p, --param <name=value>', 'override a .param', collectParams)
    .option('--json [path]', 'write the report as JSON, to standard output or to a file')
    .option('--diagram [from:to]', 'draw the pipeline, all of it or some cycles', parseCycles)
    .option('--dump <symbol[=path.npy]>', 'print a data symbol after the run', collectPairs)
    .option('--set <symbol=path.npy>', 'replace a data symbol before the run', collectPairs)
    .option('--tokens <list>', 'the prompt, as token numbers: 3,7,10', parseTokens)
    .option('--seed <n>', 'seed of ECALL.SAMPLE', parseSeed)
    .option('--max-cycles <n>', 'stop behind this many cycles (default 100 million)', parseCount)
    .option('--max-instructions <n>', 'stop behind this many (default 100 million)', parseCount)
    .option('--max-memory <bytes>', 'refuse programs that need more (default 256 MiB)', parseCount)
    .addOption(rootOption())
    .option('-q, --quiet', 'print only what the program shows, and what fails')
    .action(run);
}

function run(file: string, flags: Flags): void {
  const machine = machineFor(flags.machine);
  const program = loadProgram(file, {
    ...(flags.param && { params: flags.param }),
    ...(flags.root !== undefined && { root: flags.root }),
    ...(flags.maxMemory !== undefined && { maxMemoryBytes: flags.maxMemory }),
  });
  const dumps = (flags.dump ?? []).map(([name, path]) => ({
    symbol: symbolOf(program, name),
    path,
  }));
  const options = runOptions(program, flags);
  const diagrams: Diagram[] = [];
  const progress = progressListener(errorTerminal());
  const result = runProgram(program, machine, {
    ...options,
    listeners: (header) => {
      if (flags.diagram) diagrams.push(createDiagram(header, diagramOptions(flags.diagram)));
      return [progress.listen, ...diagrams.map((diagram) => diagram.listen)];
    },
  });
  progress.done();
  for (const { symbol, path } of dumps) {
    if (path !== undefined) writeWhole(path, formatNpy(symbolTensor(result.vm, symbol)), NPY);
  }
  const json = () => jsonText(resultJson(result, dumps.map(({ symbol }) => symbol))); // prettier-ignore
  if (typeof flags.json === 'string') writeWhole(flags.json, `${json()}\n`, JSON_FILE);
  if (flags.json === true) {
    print(json());
  } else {
    const shown = dumps.filter(({ path }) => path === undefined).map(({ symbol }) => symbol);
    const quiet = flags.quiet === true;
    const sample = () => (quiet ? '' : sampleDiagram(program, machine, result, options));
    const drawing = diagrams[0]?.render() ?? sample();
    print(resultText(result, { dumped: shown, drawing, quiet }));
  }
  printFailures(program, result);
}

const NPY = { name: '.npy file', magic: '\x93NUMPY' };
const JSON_FILE = { name: 'JSON report', magic: '{\n  "schema": "lasm-report/' };

function runOptions(program: Program, flags: Flags): RunOptions {
  return {
    inputs: readInputs(program, flags),
    promptTokens: flags.tokens ?? [],
    seed: flags.seed ?? 0,
    ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
    ...(flags.maxInstructions !== undefined && { maxInstructions: flags.maxInstructions }),
  };
}

function diagramOptions(diagram: true | { from: number; to: number }) {
  return { width: outputWidth(), ...(diagram === true ? {} : diagram) };
}

function symbolOf(program: Program, name: string): DataSymbol {
  const symbol = findSymbol(program, name);
  if (symbol) return symbol;
  const names = program.symbols.map((s) => s.name);
  const guess = nearest(name, names);
  const hint = guess ? `did you mean ${guess}?` : `known: ${names.slice(0, 12).join(', ')}`;
  throw usage(messageWithHint(`${program.name} has no data symbol ${name}`, hint));
}

function readInputs(program: Program, { set }: Flags): Map<string, HostTensor> {
  const inputs = new Map<string, HostTensor>();
  for (const [name, path] of set ?? []) {
    if (path === undefined) throw usage(`--set ${name} names no file; write ${name}=PATH.npy`);
    const symbol = symbolOf(program, name);
    const tensor = readTensorFile(path);
    const problem = replacementProblem(symbol, tensor);
    if (problem !== '') throw usage(`--set ${name}=${path}: ${problem}`);
    inputs.set(name, tensor);
  }
  return inputs;
}

function readTensorFile(path: string): HostTensor {
  try {
    return openFolder(dirname(path)).readTensor(basename(path));
  } catch (error) {
    throw fileFailure(error);
  }
}
