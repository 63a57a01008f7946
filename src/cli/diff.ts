/** `lasm diff A B`: two runs as an identity: which causes make up their difference. */
import type { Command } from 'commander';
import { diffReports } from '../explain/diff.ts';
import { renderDiff } from '../explain/diff-text.ts';
import { readReport } from '../explain/read-report.ts';
import type { Report } from '../reports/report.ts';
import { runProgram } from '../run/run.ts';
import { Failure, usage } from './failure.ts';
import { readText, writeWhole } from './files.ts';
import { DEFAULT_MACHINE } from './machines.ts';
import { errorTerminal, jsonText, outputWidth, print, wantsColour } from './output.ts';
import { progressListener } from './progress.ts';
import type { RunFlags } from './run-options.ts';
import { addRunOptions, prepareRun } from './run-options.ts';
import { printFailures } from './run-result.ts';

interface Flags extends Omit<RunFlags, 'machine'> {
  /** The text is the default. */
  readonly machine: string | readonly string[];
  readonly json?: true | string;
}

const LIMITS = { cycles: 'default 100 million', instructions: 'default 100 million' };
const JSON_FILE = { name: 'JSON comparison', magic: '{\n  "schema": "lasm-diff/' };

/** Adds the command. */
export function addDiff(program: Command): void {
  const command = addRunOptions(program.command('diff'), LIMITS)
    .argument('[other]', 'another such file; or both are reports, written by lasm run --json PATH')
    .description('compare two runs: which causes, lines and units make up the difference')
    .option('--json [path]', 'write the comparison as JSON, to standard output or to a file')
    .action((file: string, other: string | undefined, flags: Flags) => {
      diff(reportsOf(file, other, flags), flags);
    });
  const machine = command.options.find(({ long }) => long === '--machine')!;
  machine.description = 'the machine; named twice, one FILE runs on both';
  machine.argParser((name, before: Flags['machine']) =>
    typeof before === 'string' ? [name] : [...before, name],
  );
}

function diff([before, after]: readonly [Report, Report], { json }: Flags): void {
  const result = diffReports(before, after);
  if (typeof json === 'string') writeWhole(json, `${jsonText(result)}\n`, JSON_FILE);
  if (json === true) print(jsonText(result));
  else print(renderDiff(result, { width: outputWidth(), colour: wantsColour('stdout') }));
}

const isReport = (file: string | undefined) => file?.endsWith('.json') === true;

/** Two report files, one program on two machines, or two programs on one. */
function reportsOf(
  file: string,
  other: string | undefined,
  flags: Flags,
): readonly [Report, Report] {
  const { machine } = flags;
  const named = typeof machine === 'string' ? [] : machine;
  if (isReport(file) || isReport(other)) return reportFiles(file, other, named);
  if (named.length > 2) throw usage('two machines can be compared, not more');
  if (named.length < 2 && other === undefined) {
    throw usage(`${file} alone: name another file, or --machine twice`);
  }
  if (named.length === 2 && other !== undefined) {
    throw usage('two files and two machines: compare either files or machines');
  }
  const [first = DEFAULT_MACHINE, second = first] = named;
  return [reportOn(file, first, flags), reportOn(other ?? file, second, flags)];
}

function reportFiles(
  file: string,
  other: string | undefined,
  machines: readonly string[],
): readonly [Report, Report] {
  if (!isReport(file) || other === undefined || !isReport(other)) {
    throw usage('a report is compared with a report: name two .json files');
  }
  if (machines.length > 0) throw usage('--machine is for programs; a report has its machine');
  return [savedReport(file), savedReport(other)];
}

function savedReport(path: string): Report {
  const { report, problem } = readReport(readText(path));
  if (report) return report;
  throw new Failure(1, `${path}: ${problem}`);
}

/** Runs a program; one that does not come to its end cannot be compared. */
function reportOn(file: string, machineName: string, flags: Flags): Report {
  const { program, machine, options } = prepareRun(file, { ...flags, machine: machineName });
  const progress = progressListener(errorTerminal());
  const result = runProgram(program, machine, { ...options, listeners: () => [progress.listen] });
  progress.done();
  if (result.trap) {
    printFailures(program, result);
    throw new Failure(1, `${file} did not come to its end on ${machine.name}; nothing to compare`);
  }
  return result.report;
}
