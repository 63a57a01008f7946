/** `lasm generate --num-beams B`: the most probable texts, best first. */
import type { BeamsFound } from '../inference/beams.ts';
import { CutOff, searchBeams } from '../inference/beams.ts';
import type { Column } from '../reports/format.ts';
import { grouped, plural, table } from '../reports/format.ts';
import { Failure } from './failure.ts';
import { writeWhole } from './files.ts';
import { beamsJson } from './generate-json.ts';
import { maxNewTokensOf } from './generate-options.ts';
import type { Task } from './generate-task.ts';
import { JSON_FILE } from './generate-task.ts';
import { levelOf } from './model-options.ts';
import type { Terminal } from './output.ts';
import { errorTerminal, jsonText, print } from './output.ts';
import { printFailures } from './run-result.ts';

/** Searches, and prints what was found. */
export function searchAndPrint(task: Task, beams: number): void {
  const { flags } = task;
  const found = search(task, beams);
  if (typeof flags.json === 'string') {
    writeWhole(flags.json, `${jsonText(beamsJson(found, task))}\n`, JSON_FILE);
  }
  print(flags.json === true ? jsonText(beamsJson(found, task)) : foundText(found, task));
}

function search({ source, machine, prompt, flags }: Task, beams: number): BeamsFound {
  const terminal = errorTerminal();
  try {
    return searchBeams(source, prompt.tokens, {
      machine,
      level: levelOf(flags),
      beams,
      maxNewTokens: maxNewTokensOf(flags, source.model.generation),
      engine: flags.engine,
      ...(flags.maxCycles !== undefined && { maxCycles: flags.maxCycles }),
      ...(flags.maxInstructions !== undefined && { maxInstructions: flags.maxInstructions }),
      onRun: (runs) => showRuns(terminal, `run ${grouped(runs)} …`),
    });
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    printFailures(error.run.vm.program, error.run);
    throw new Failure(1, 'a run did not come to its end; there is nothing to choose from');
  } finally {
    showRuns(terminal, '');
  }
}

function showRuns(terminal: Terminal, text: string): void {
  if (terminal.isTTY) terminal.write(`\r\x1b[K${text}`);
}

const COLUMNS: readonly Column[] = [
  { title: '', align: 'right' },
  { title: 'score', align: 'right' },
  { title: 'log-probability', align: 'right' },
  { title: 'tokens', align: 'right' },
  { title: 'text', align: 'left' },
];

const DIGITS = 4;

function foundText({ candidates, runs, cycles, instructions }: BeamsFound, task: Task): string {
  const { tokenizer } = task.source;
  const rows = candidates.map(({ tokens, ended, score, logProbability }, i) => [
    `${i + 1}.`,
    score.toFixed(DIGITS),
    logProbability.toFixed(DIGITS),
    grouped(tokens.length + (ended ? 1 : 0)),
    (tokenizer.available ? JSON.stringify(tokenizer.decode(tokens)) : tokens.join(' ')) +
      (ended ? '' : ' …'),
  ]);
  const lines = table(COLUMNS, rows).map((line) => line.slice(2));
  if (!task.flags.report) return lines.join('\n');
  const work = `${plural(runs, 'run')} of one program, ${grouped(cycles)} cycles and ${grouped(instructions)} instructions together`;
  return [
    ...lines,
    '',
    `${task.source.name} on ${task.machine.name}: ${work}`,
    'score: log-probability ÷ tokens, the end of the text counted as one; … where it was cut off',
  ].join('\n');
}
