/** `lasm report LOG`: the report of a saved event log, the same as when the run was live. */
import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Command } from 'commander';
import { validateMachine } from '../machine/read.ts';
import type { Diagram, DiagramOptions } from '../reports/diagram.ts';
import { createDiagram } from '../reports/diagram.ts';
import type { ReportFold } from '../reports/fold.ts';
import { createReport } from '../reports/fold.ts';
import { renderReport } from '../reports/text.ts';
import type { Listener, RunHeader } from '../timing/events.ts';
import { LogError } from '../traces/jsonl.ts';
import { createLogReader } from '../traces/log-reader.ts';
import { Failure } from './failure.ts';
import { reasonOf, writeWhole } from './files.ts';
import { parseCycles } from './options.ts';
import { jsonText, outputWidth, print, wantsColour } from './output.ts';

interface Flags {
  readonly json?: true | string;
  readonly diagram?: true | { from: number; to: number };
}

/** Adds the command. */
export function addReport(program: Command): void {
  program
    .command('report')
    .description('say where every cycle of a saved run went')
    .argument('<log>', 'an event log, written by lasm run --trace jsonl=PATH')
    .option('--json [path]', 'write the report as JSON, to standard output or to a file')
    .option('--diagram [from:to]', 'draw the pipeline, all of it or some cycles', parseCycles)
    .action(report);
}

const JSON_FILE = { name: 'JSON report', magic: '{' };

function report(path: string, { json, diagram }: Flags): void {
  const range = diagram === undefined ? undefined : diagram === true ? {} : diagram;
  const { fold, drawing } = replay(path, range);
  const result = fold.finish();
  if (typeof json === 'string') writeWhole(json, `${jsonText(result)}\n`, JSON_FILE);
  if (json === true) {
    print(jsonText(result));
    return;
  }
  print(renderReport(result, { width: outputWidth(), colour: wantsColour('stdout') }));
  if (drawing) print(`\n${drawing.render()}`);
}

interface Replayed {
  readonly fold: ReportFold;
  readonly drawing: Diagram | undefined;
}

/** What the run would have told its report, and its diagram if one is wanted. */
function replay(path: string, range: DiagramOptions | undefined): Replayed {
  let replayed: Replayed | undefined;
  readLog(path, (header) => {
    checkMachine(header);
    const fold = createReport(header);
    const drawing = range && createDiagram(header, range);
    replayed = { fold, drawing };
    return (event) => {
      fold.listen(event);
      drawing?.listen(event);
    };
  });
  if (!replayed) throw new Error('invariant: a log without a header was read');
  return replayed;
}

function checkMachine({ machine }: RunHeader): void {
  const [problem] = validateMachine(machine).problems;
  if (problem) throw new LogError(1, `the machine's ${problem.key} ${problem.message}`);
}

const CHUNK_BYTES = 1 << 16;

/** Reads a log from a file; throws a Failure that names the line. */
export function readLog(path: string, begin: (header: RunHeader) => Listener): void {
  const reader = createLogReader(begin);
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      reader.feed(decoder.write(chunk.subarray(0, read)));
    }
    reader.feed(decoder.end());
    reader.finish();
  } catch (error) {
    throw logFailure(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function logFailure(path: string, error: unknown): unknown {
  if (error instanceof LogError) return new Failure(1, `${path}: ${error.message}`);
  const isFromSystem = error instanceof Error && 'syscall' in error;
  return isFromSystem ? new Failure(1, `${path}: ${reasonOf(error)}`) : error;
}
