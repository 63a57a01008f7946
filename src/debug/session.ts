/** A session: lines in, text out; the same with a person and with a script. */
import { plural } from '../reports/format.ts';
import { QUIT, findCommand, obey } from './commands.ts';
import type { Debugger } from './debugger.ts';
import { Mistake } from './mistake.ts';

/** Where commands come from and answers go. */
export interface Conversation {
  /** Whether a person types: then there is a prompt, and no echo. */
  readonly isInteractive: boolean;
  /** The next line, without its line feed; undefined at the end. */
  readonly readLine: () => string | undefined;
  /** Asks for the next line; only when a person types. */
  readonly prompt: () => unknown;
  /** Prints a text, as lines of its own. */
  readonly write: (text: string) => void;
}

export const PROMPT = '(lasm) ';

/** Obeys commands until `quit` or the end of the input; whether all of them could be obeyed. */
export function converse(
  debug: Debugger,
  { isInteractive, readLine, prompt, write }: Conversation,
) {
  let succeeded = true;
  write(greeting(debug));
  for (;;) {
    if (isInteractive) prompt();
    const line = readLine()?.trim();
    if (line === undefined) return succeeded;
    if (line === '') continue;
    if (!isInteractive) write(`> ${line}`);
    const { text, isMistake, isOver } = answer(debug, line);
    if (isMistake) succeeded = false;
    if (isOver) return succeeded;
    write(text);
  }
}

/** What a line is answered with. */
function answer(debug: Debugger, line: string) {
  try {
    const text = obey(debug, line);
    const isOver = findCommand(line.split(/\s+/)[0]!).name === QUIT;
    return { text, isMistake: false, isOver };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { text: error.message, isMistake: true, isOver: false };
  }
}

/** What was recorded. */
function greeting(debug: Debugger): string {
  const { header, cycles, instructions } = debug.recording;
  const { trap } = debug.run;
  const what = `${plural(cycles, 'cycle')}, ${plural(instructions, 'instruction')}`;
  const lines = [
    `${header.program.name} on ${header.machine.name}: ${what}; help lists the commands`,
    ...(trap ? [`the recording ends before the program does: ${trap.message}`] : []),
  ];
  return lines.join('\n');
}
