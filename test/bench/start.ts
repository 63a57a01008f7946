/** How long the built command line takes to start, beside a Node that does nothing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { medianOf, ratioOf } from './measure.ts';

const BUILT = 'dist/lasm.js';
const ROUNDS = 15;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'lasm --version': [BUILT, '--version'],
  'lasm run hello.lasm': [BUILT, 'run', 'programs/hello.lasm'],
};

/** Milliseconds of a process, from before it is there until it has ended. */
function processTime(argv: readonly string[]): number {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, argv, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${argv.join(' ')} ended with ${status}`);
  return performance.now() - start;
}

/** Prints times, ratios and differences; the commands take turns with the bare Node. */
export function benchStart(): void {
  if (!existsSync(BUILT)) {
    console.log(`start of the command line: not measured, for there is no ${BUILT}`);
    return;
  }
  const runs = [['-e', '0'], ...Object.values(COMMANDS)];
  const times = runs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    runs.forEach((argv, i) => times[i]!.push(processTime(argv)));
  }
  const [bare, ...rest] = times;
  console.log(`start, bare node: ${range(bare!)}`);
  Object.keys(COMMANDS).forEach((name, i) => {
    const more = rest[i]!.map((time, round) => time - bare![round]!);
    console.log(
      `start, ${name}: ${range(rest[i]!)}, ${ratioOf(rest[i]!, bare!)} bare node, ${range(more)} more`,
    );
  });
}

/** `71 ms (68 to 90)`: the median and the range. */
function range(times: readonly number[]): string {
  const [low, high] = [Math.min(...times), Math.max(...times)];
  return `${medianOf(times).toFixed(0)} ms (${low.toFixed(0)} to ${high.toFixed(0)})`;
}
