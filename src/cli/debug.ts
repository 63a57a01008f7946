/** `lasm debug FILE`: records a run, then goes through it by command, forwards and backwards. */
import type { Command } from 'commander';
import { Debugger } from '../debug/debugger.ts';
import { MAX_RECORDED_CYCLES, MAX_RECORDED_INSTRUCTIONS, recordRun } from '../debug/record.ts';
import { PROMPT, converse } from '../debug/session.ts';
import { grouped } from '../reports/format.ts';
import { usage } from './failure.ts';
import type { LineInput } from './line-input.ts';
import { standardInput } from './line-input.ts';
import { errorTerminal, markFailed, print } from './output.ts';
import { progressListener } from './progress.ts';
import type { RunFlags } from './run-options.ts';
import { addRunOptions, prepareRun } from './run-options.ts';

const LIMITS = {
  cycles: `at most and by default ${grouped(MAX_RECORDED_CYCLES)}`,
  instructions: `at most and by default ${grouped(MAX_RECORDED_INSTRUCTIONS)}`,
};

/** Adds the command; `input` is where its commands come from. */
export function addDebug(program: Command, input: () => LineInput = standardInput): void {
  addRunOptions(program.command('debug'), LIMITS)
    .description('go through a run cycle by cycle, forwards and backwards')
    .action((file: string, flags: RunFlags) => {
      debug(file, flags, input());
    });
}

function debug(file: string, flags: RunFlags, { isInteractive, readLine }: LineInput): void {
  requireRecordable('--max-cycles', flags.maxCycles, MAX_RECORDED_CYCLES);
  requireRecordable('--max-instructions', flags.maxInstructions, MAX_RECORDED_INSTRUCTIONS);
  const { program, machine, options } = prepareRun(file, flags);
  const progress = progressListener(errorTerminal());
  const run = recordRun(program, machine, { ...options, listeners: () => [progress.listen] });
  progress.done();
  const prompt = () => errorTerminal().write(PROMPT);
  const succeeded = converse(new Debugger(run), { isInteractive, readLine, prompt, write: print });
  if (!succeeded && !isInteractive) markFailed();
}

/** A recording is kept in memory, so it cannot be as long as a run. */
function requireRecordable(option: string, value: number | undefined, most: number): void {
  if (value === undefined || value <= most) return;
  throw usage(`${option} ${value}: lasm debug records at most ${grouped(most)}`);
}
