/** The command line. */
import { finishCli, runCli } from './cli.ts';

// A reader that closes the pipe early, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  throw error;
});

process.exitCode = runCli(process.argv.slice(2), process);
void finishCli()?.then((exitCode) => (process.exitCode = exitCode));
