/** `lasm explain FILE`: what each wait really costs, and what would help; all of it measured. */
import type { Command } from 'commander';
import type { Explained } from '../explain/explain.ts';
import { DEFAULT_TOP, explain } from '../explain/explain.ts';
import { renderExplanation } from '../explain/text.ts';
import { writeWhole } from './files.ts';
import { parseCount } from './options.ts';
import type { Terminal } from './output.ts';
import { errorTerminal, jsonText, outputWidth, print, wantsColour } from './output.ts';
import { progressListener } from './progress.ts';
import type { PreparedRun, RunFlags } from './run-options.ts';
import { addRunOptions, prepareRun } from './run-options.ts';
import { printFailures } from './run-result.ts';

interface Flags extends RunFlags {
  readonly top: number;
  readonly json?: true | string;
}

const LIMITS = {
  cycles: 'default 100 million; the simulations behind the first have no limit',
  instructions: 'default 100 million',
};
const JSON_FILE = { name: 'JSON explanation', magic: '{\n  "schema": "lasm-explain/' };

/** Adds the command. */
export function addExplain(program: Command): void {
  addRunOptions(program.command('explain'), LIMITS)
    .description('say what each wait really costs, and what would help, by running without it')
    .option('--top <n>', 'how many of the heaviest waits to measure', parseCount, DEFAULT_TOP)
    .option('--json [path]', 'write it as JSON, to standard output or to a file')
    .action((file: string, flags: Flags) => {
      show(explained(prepareRun(file, flags), flags), flags);
    });
}

function explained({ program, machine, options }: PreparedRun, { top }: Flags): Explained {
  const terminal = errorTerminal();
  const progress = progressListener(terminal);
  const onProgress = (done: number, total: number) => {
    if (done === 0) progress.done();
    showSimulation(terminal, done, total);
  };
  try {
    return explain(program, machine, {
      ...options,
      top,
      onProgress,
      listeners: () => [progress.listen],
    });
  } finally {
    progress.done();
  }
}

/** Rewrites one line of a terminal, and wipes it behind the last. */
function showSimulation(terminal: Terminal, done: number, total: number): void {
  if (!terminal.isTTY) return;
  const text = done < total ? `simulation ${done + 1} of ${total} …` : '';
  terminal.write(`\r\x1b[K${text}`);
}

function show({ run, explanation }: Explained, { json }: Flags): void {
  if (!explanation) {
    printFailures(run.vm.program, run);
    return;
  }
  if (typeof json === 'string') writeWhole(json, `${jsonText(explanation)}\n`, JSON_FILE);
  if (json === true) print(jsonText(explanation));
  else {
    const colour = wantsColour('stdout');
    print(renderExplanation(explanation, { width: outputWidth(), colour }));
  }
}
