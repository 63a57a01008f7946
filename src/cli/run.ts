/** `lasm run FILE`: runs a program and says where every cycle went. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { formatNpy } from '../model/npy.ts';
import type { DataSymbol } from '../program/program.ts';
import type { Diagram } from '../reports/diagram.ts';
import { createDiagram } from '../reports/diagram.ts';
import { symbolTensor } from '../run/outputs.ts';
import type { RunOptions, RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import type { Listener, RunHeader } from '../timing/events.ts';
import { writeWhole } from './files.ts';
import { collectPairs, parseCycles } from './options.ts';
import { errorTerminal, jsonText, outputWidth, print } from './output.ts';
import { writePictures } from './pictures.ts';
import { progressListener } from './progress.ts';
import type { PreparedRun, RunFlags } from './run-options.ts';
import { addRunOptions, prepareRun, symbolOf } from './run-options.ts';
import { printFailures, resultJson, resultText } from './run-result.ts';
import { sampleDiagram } from './sample-diagram.ts';
import type { TraceSpec, Traces } from './trace-files.ts';
import { openTraces, parseTrace } from './trace-files.ts';

interface Flags extends RunFlags {
  readonly engine: 'tick' | 'event';
  readonly json?: true | string;
  readonly diagram?: true | { from: number; to: number };
  readonly dump?: readonly (readonly [string, string | undefined])[];
  readonly trace?: readonly TraceSpec[];
  readonly svg?: string;
  readonly html?: string;
  readonly quiet?: boolean;
}

const LIMITS = { cycles: 'default 100 million', instructions: 'default 100 million' };

/** Adds the command. */
export function addRun(program: Command): void {
  addRunOptions(program.command('run'), LIMITS)
    .description('run a program and say where every cycle went')
    .addOption(
      new Option('--engine <name>', 'the timing engine; both give the same cycles')
        .choices(['tick', 'event'])
        .default('event'),
    )
    .option('--json [path]', 'write the report as JSON, to standard output or to a file')
    .option('--diagram [from:to]', 'draw the pipeline, all of it or some cycles', parseCycles)
    .option('--dump <symbol[=path.npy]>', 'print a data symbol after the run', collectPairs)
    .option('--trace <kind=path>', 'write a trace: konata, perfetto or jsonl', parseTrace)
    .option('--svg <path>', 'draw the roofline, the units and the causes as an SVG picture')
    .option('--html <path>', 'write the report as one HTML page')
    .option('-q, --quiet', 'print only what the program shows, and what fails')
    .action((file: string, flags: Flags) => {
      run(prepareRun(file, flags), flags);
    });
}

function run(prepared: PreparedRun, flags: Flags): void {
  const { program, machine } = prepared;
  const options = { ...prepared.options, engine: flags.engine };
  const dumps = (flags.dump ?? []).map(([name, path]) => ({
    symbol: symbolOf(program, name),
    path,
  }));
  const views = new Views(flags);
  const result = views.watch((listeners) =>
    runProgram(program, machine, { ...options, listeners }),
  );
  for (const { symbol, path } of dumps) {
    if (path !== undefined) writeWhole(path, formatNpy(symbolTensor(result.vm, symbol)), NPY);
  }
  const page = views.page?.render();
  writePictures(result.report, {
    ...(flags.svg !== undefined && { svg: flags.svg }),
    ...(flags.html !== undefined && { html: flags.html }),
    ...(page !== undefined && { diagram: page }),
  });
  const symbols = dumps.map(({ symbol }) => symbol);
  if (typeof flags.json === 'string') {
    writeWhole(flags.json, `${jsonText(resultJson(result, symbols))}\n`, JSON_FILE);
  }
  if (flags.json === true) {
    print(jsonText(resultJson(result, symbols)));
  } else {
    const dumped = dumps.filter(({ path }) => path === undefined).map(({ symbol }) => symbol);
    printText(result, { program, machine, options }, { dumped, flags, views });
  }
  printFailures(program, result);
}

const NPY = { name: '.npy file', magic: '\x93NUMPY' };
const JSON_FILE = { name: 'JSON report', magic: '{\n  "schema": "lasm-report/' };

interface TextParts {
  readonly dumped: readonly DataSymbol[];
  readonly flags: Flags;
  readonly views: Views;
}

function printText(
  result: RunResult,
  { program, machine, options }: PreparedRun,
  { dumped, flags, views }: TextParts,
): void {
  const quiet = flags.quiet === true;
  const sample = () => (quiet ? '' : sampleDiagram(program, machine, result, options));
  const drawing = views.drawing?.render() ?? sample();
  print(resultText(result, { dumped, drawing, quiet }));
}

type RunListeners = NonNullable<RunOptions['listeners']>;

/** Everyone who listens to the run besides the report. */
class Views {
  /** For the terminal, at its width; and for the page. */
  drawing: Diagram | undefined;
  page: Diagram | undefined;
  readonly #flags: Flags;
  readonly #progress = progressListener(errorTerminal());

  constructor(flags: Flags) {
    this.#flags = flags;
  }

  /** Traces are whole files or none, whatever happens in between. */
  watch(start: (listeners: RunListeners) => RunResult): RunResult {
    let traces: Traces | undefined;
    try {
      const result = start((header) => {
        traces = openTraces(header, this.#flags.trace ?? []);
        return [this.#progress.listen, ...traces.listeners, ...this.#diagrams(header)];
      });
      traces?.close();
      return result;
    } catch (error) {
      traces?.abort();
      throw error;
    } finally {
      this.#progress.done();
    }
  }

  #diagrams(header: RunHeader): Listener[] {
    const { diagram, html } = this.#flags;
    const range = typeof diagram === 'object' ? diagram : {};
    if (diagram) this.drawing = createDiagram(header, { width: outputWidth(), ...range });
    if (html !== undefined) this.page = createDiagram(header, range);
    return [this.drawing, this.page].flatMap((view) => (view ? [view.listen] : []));
  }
}
