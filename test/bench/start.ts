/** How long the built command line takes to start, beside a Node that does nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Note, Row } from './rows.ts';
import { duration } from './rows.ts';

const BUILT = 'dist/lasm.js';

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'lasm --version': [BUILT, '--version'],
  'lasm run hello.lasm': [BUILT, 'run', 'programs/hello.lasm'],
};
const NOTHING = ['-e', '0'];

/** A process from before it is there until it has ended. */
function processOf(argv: readonly string[]) {
  const nanoseconds = (): number => {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, argv, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${argv.join(' ')} ended with ${status}`);
    return (performance.now() - start) * 1e6;
  };
  return { nanoseconds };
}

/** Commands and the bare Node in turn; a person waits for the clock, so that is what counts. */
export function* startRows(): Generator<Row | Note> {
  if (!existsSync(BUILT)) {
    yield `not measured: there is no ${BUILT}`;
    return;
  }
  yield 'By the clock, for that is what a person waits for.';
  const bare = { name: 'node that does nothing', side: processOf(NOTHING), isPart: true } as const;
  for (const [name, argv] of Object.entries(COMMANDS)) {
    yield { name, mine: processOf(argv), other: bare, figure: duration };
  }
}
