#!/usr/bin/env node
/** The command line. */
import { Command, CommanderError } from 'commander';
import { addAssembler } from './asm.ts';
import { Failure } from './failure.ts';
import { addIsa } from './isa.ts';
import { addMachines } from './machines.ts';
import { printError } from './output.ts';
import { addRun } from './run.ts';
import { VERSION } from './version.ts';

const program = new Command('lasm')
  .description('Runs transformers as instruction streams and charges every cycle to a cause.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(lasm --help or lasm COMMAND --help lists what there is)');

addRun(program);
addAssembler(program);
addIsa(program);
addMachines(program);
for (const command of program.commands) command.exitOverride().showHelpAfterError(true);

// A reader that closes the pipe early, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});

try {
  program.parse();
} catch (error) {
  process.exitCode = exitCodeFor(error);
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof Failure)) throw error;
  printError(`lasm: ${error.message}`);
  return error.exitCode;
}
