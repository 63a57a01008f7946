/** The commands: names, arguments, one sentence of help, and what each does. */
import { didYouMean } from '../diagnostics/suggest.ts';
import { breakTargetOf, countOf, required, valueTargetOf, wholeNumber } from './arguments.ts';
import type { BreakTarget } from './breakpoints.ts';
import type { Debugger } from './debugger.ts';
import { Mistake } from './mistake.ts';
import { chargesText } from './show-charges.ts';
import { pipelineText } from './show-pipeline.ts';
import { scoreboardText } from './show-scoreboard.ts';
import { listText, whereText } from './show-source.ts';
import { heatText, printText } from './show-values.ts';
import { statusText, stopText } from './status.ts';
import { lineTarget } from './target.ts';

export interface DebugCommand {
  readonly name: string;
  /** A short form, or ''. */
  readonly short: string;
  readonly usage: string;
  readonly doc: string;
  /** Most arguments that it takes. */
  readonly most: number;
  /** What it prints; throws a Mistake when it cannot be obeyed. */
  readonly run: (debug: Debugger, args: readonly string[]) => string;
}

/** `quit` ends the session, which is not the debugger's to do; it prints nothing. */
export const QUIT = 'quit';

export const COMMANDS: readonly DebugCommand[] = [
  {
    name: 'step',
    short: 's',
    usage: 'step [N]',
    doc: 'go on by a cycle, or N',
    most: 1,
    run: (debug, [count]) => moved(debug, () => debug.moveTo(debug.cycle + countOf(count))),
  },
  {
    name: 'back',
    short: 'b',
    usage: 'back [N]',
    doc: 'go back by a cycle, or N',
    most: 1,
    run: (debug, [count]) => moved(debug, () => debug.moveTo(debug.cycle - countOf(count))),
  },
  {
    name: 'next',
    short: 'n',
    usage: 'next [N]',
    doc: 'go on to the next issue, or to the N-th',
    most: 1,
    run: (debug, [count]) => moved(debug, () => debug.moveToIssue(countOf(count))),
  },
  {
    name: 'to',
    short: '',
    usage: 'to CYCLE',
    doc: 'go to a cycle, forwards or backwards',
    most: 1,
    run: (debug, [cycle]) => moved(debug, () => debug.moveTo(wholeNumber(cycle, 'a cycle'))),
  },
  {
    name: 'run',
    short: 'r',
    usage: 'run',
    doc: 'go on to the next breakpoint, or to the end',
    most: 0,
    run: (debug) => stopText(debug, debug.runOn()) + statusText(debug),
  },
  {
    name: 'until',
    short: 'u',
    usage: 'until LINE',
    doc: 'go on until a line issues, or to the next breakpoint',
    most: 1,
    run: (debug, [line]) => {
      const target = lineTarget(debug.run.program, required(line, 'a line'));
      if (!target) throw new Mistake(`${line} is no line`, 'write LINE or FILE:LINE');
      return stopText(debug, debug.runOn(target)) + statusText(debug);
    },
  },
  {
    name: 'break',
    short: '',
    usage: 'break LINE | rN | tN | SYMBOL[I,J]',
    doc: 'stop where a line issues, or values are written',
    most: Infinity,
    run: (debug, args) => {
      const { number, target } = debug.addBreakpoint(
        breakTargetOf(debug.run.program, args.join('')),
      );
      return `breakpoint ${number}: ${target.text}`;
    },
  },
  {
    name: 'delete',
    short: '',
    usage: 'delete [N]',
    doc: 'remove breakpoint N, or all',
    most: 1,
    run: (debug, [number]) => {
      const which = number === undefined ? undefined : wholeNumber(number, 'a breakpoint');
      const removed = debug.removeBreakpoints(which).map((b) => `removed ${breakText(b)}`);
      return removed.length > 0 ? removed.join('\n') : 'there are no breakpoints';
    },
  },
  {
    name: 'breaks',
    short: '',
    usage: 'breaks',
    doc: 'list the breakpoints',
    most: 0,
    run: ({ breakpoints }) =>
      breakpoints.length > 0 ? breakpoints.map(breakText).join('\n') : 'there are no breakpoints',
  },
  {
    name: 'print',
    short: '',
    usage: 'print tN | rN | SYMBOL[I,J] | ADDRESS ROWSxCOLS',
    doc: 'show values as numbers',
    most: Infinity,
    run: (debug, args) => printText(debug, valueTargetOf(debug.run.program, args)),
  },
  {
    name: 'heat',
    short: '',
    usage: 'heat tN | SYMBOL[I] | ADDRESS ROWSxCOLS',
    doc: 'show values as a map, one character each',
    most: Infinity,
    run: (debug, args) => heatText(debug, valueTargetOf(debug.run.program, args)),
  },
  {
    name: 'pipeline',
    short: 'p',
    usage: 'pipeline',
    doc: 'who is in which stage, and what each waits for',
    most: 0,
    run: pipelineText,
  },
  {
    name: 'scoreboard',
    short: '',
    usage: 'scoreboard',
    doc: 'pending writers and readers of registers, closed units',
    most: 0,
    run: scoreboardText,
  },
  {
    name: 'charges',
    short: '',
    usage: 'charges',
    doc: 'what the cycles so far are charged to',
    most: 0,
    run: chargesText,
  },
  {
    name: 'where',
    short: 'w',
    usage: 'where',
    doc: 'the source around what is to issue next',
    most: 0,
    run: whereText,
  },
  {
    name: 'list',
    short: 'l',
    usage: 'list [LINE]',
    doc: 'source lines around a line, or the next ones',
    most: 1,
    run: (debug, [line]) =>
      listText(debug, line === undefined ? undefined : wholeNumber(line, 'a line')),
  },
  {
    name: 'help',
    short: 'h',
    usage: 'help [COMMAND]',
    doc: 'the commands, or one of them',
    most: 1,
    run: (_debug, [name]) => helpText(name),
  },
  { name: QUIT, short: 'q', usage: 'quit', doc: 'end the session', most: 0, run: () => '' },
];

/** The command of a name or short form; throws a Mistake with a suggestion when there is none. */
export function findCommand(word: string): DebugCommand {
  const found = COMMANDS.find(
    ({ name, short }) => name === word || (short !== '' && short === word),
  );
  if (found) return found;
  const names = COMMANDS.map(({ name }) => name);
  throw new Mistake(`there is no command ${word}`, didYouMean(word, names) ?? 'help lists them');
}

/** Obeys a line; throws a Mistake when that cannot be done. */
export function obey(debug: Debugger, line: string): string {
  const [word = '', ...args] = line.trim().split(/\s+/);
  const command = findCommand(word);
  if (args.length > command.most) {
    throw new Mistake(`too many arguments`, `the command is: ${command.usage}`);
  }
  return command.run(debug, args);
}

function helpText(name: string | undefined): string {
  const shown = name === undefined ? COMMANDS : [findCommand(name)];
  const usages = shown.map(({ usage, short }) => usage + (short === '' ? '' : `  (${short})`));
  const width = Math.max(...usages.map((usage) => usage.length));
  return shown.map(({ doc }, i) => `  ${usages[i]!.padEnd(width)}  ${doc}`).join('\n');
}

function moved(debug: Debugger, move: () => void): string {
  move();
  return statusText(debug);
}

function breakText({ number, target }: { number: number; target: BreakTarget }): string {
  return `breakpoint ${number}: ${target.text}`;
}
