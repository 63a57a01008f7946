/** Debuggers of programs in texts, and scripts for them. */
import { Debugger } from '../../src/debug/debugger.ts';
import type { HistoryOptions } from '../../src/debug/history.ts';
import { recordRun } from '../../src/debug/record.ts';
import { converse } from '../../src/debug/session.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import type { RunOptions } from '../../src/run/run.ts';
import { assembleText, machineNamed } from '../support/run.ts';

/** A debugger at cycle 0 of a run. */
export function debuggerOf(
  program: string | Program,
  machine: string | Machine,
  options: RunOptions & HistoryOptions = {},
): Debugger {
  const target = typeof machine === 'string' ? machineNamed(machine) : machine;
  const assembled = typeof program === 'string' ? assembleText(program) : program;
  return new Debugger(recordRun(assembled, target, options), options);
}

/** Everything that a script prints, and whether every command could be obeyed. */
export function script(debug: Debugger, ...lines: string[]) {
  const said: string[] = [];
  const rest = [...lines];
  const succeeded = converse(debug, {
    isInteractive: false,
    readLine: () => rest.shift(),
    prompt: () => {
      throw new Error('a script is not prompted');
    },
    write: (text) => said.push(text),
  });
  return { text: said.join('\n'), succeeded, unread: rest };
}

/** What the commands print, without the greeting. */
export function answers(debug: Debugger, ...lines: string[]): string {
  const { text } = script(debug, ...lines);
  return text.slice(text.indexOf('> '));
}
