/** The command line as a function: arguments in, text and an exit code out. */
import { Command, CommanderError } from 'commander';
import { addAssembler } from './asm.ts';
import { addCompile } from './compile.ts';
import { addDebug } from './debug.ts';
import { addDiff } from './diff.ts';
import { addEstimate } from './estimate.ts';
import { addExplain } from './explain.ts';
import { Failure } from './failure.ts';
import { addInfer } from './infer.ts';
import { addGenerate } from './generate.ts';
import { addIsa } from './isa.ts';
import { addLadder } from './ladder.ts';
import { addLighten } from './lighter.ts';
import { addMachines } from './machines.ts';
import type { Io } from './output.ts';
import { print, printError, restOfCommand, withIo } from './output.ts';
import { addReport } from './report.ts';
import { addRun } from './run.ts';
import { addSweep } from './sweep.ts';
import { addVerify } from './verify.ts';
import { VERSION } from './version.ts';

/** The commands of `lasm`, each with its options and help. */
export function makeCommands(): Command {
  const program = new Command('lasm')
    .description('Runs transformers as instruction streams and charges every cycle to a cause.')
    .version(VERSION)
    .configureOutput({ writeOut: print, writeErr: printError })
    .exitOverride()
    .showHelpAfterError('(lasm --help or lasm COMMAND --help lists what there is)');
  addRun(program);
  addGenerate(program);
  addExplain(program);
  addDiff(program);
  addLadder(program);
  addSweep(program);
  addReport(program);
  addDebug(program);
  addAssembler(program);
  addCompile(program);
  addInfer(program);
  addVerify(program);
  addLighten(program);
  addEstimate(program);
  addIsa(program);
  addMachines(program);
  for (const command of program.commands) command.showHelpAfterError(true);
  return program;
}

/**
 * Runs `lasm` with the arguments behind its name. 0: all is well; 1: the program, a file or an
 * expectation failed; 2: the command line cannot be obeyed.
 */
export function runCli(argv: readonly string[], io: Io): number {
  let failure = 0;
  const exitCode = withIo(io, () => {
    try {
      makeCommands().parse(argv, { from: 'user' });
    } catch (error) {
      failure = exitCodeFor(error);
    }
  });
  return failure || exitCode;
}

/** The end of a command that goes on when `runCli` has returned: its exit code then; else undefined. */
export function finishCli(): Promise<number> | undefined {
  return restOfCommand()?.catch(exitCodeFor);
}

function exitCodeFor(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (!(error instanceof Failure)) throw error;
  printError(`lasm: ${error.message}`);
  return error.exitCode;
}
