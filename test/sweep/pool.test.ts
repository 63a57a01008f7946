/** The pool: every outcome reaches the one who asked, crashes name their task, and it can be stopped. */
import { expect, it } from 'vitest';
import { encodeProgram } from '../../src/program/binary.ts';
import type { Finished, Numbered } from '../../src/sweep/pool.ts';
import { runTasks } from '../../src/sweep/pool.ts';
import { assembleText, machineNamed } from '../support/run.ts';

const PROGRAM = encodeProgram(assembleText('.text\n HALT'));
const CRASHING = new URL('./crashing-worker.ts', import.meta.url);

function tasks(programs: readonly number[]): Numbered[] {
  const inputs = { inputs: [], promptTokens: [], seed: 0 };
  const machine = machineNamed('classic5');
  return programs.map((program, i) => [i, { bytes: PROGRAM, program, inputs, machine }]);
}

async function outcomes(all: Iterable<Numbered>, workers: number, workerFile?: URL) {
  const found = new Map<number, Finished>();
  await runTasks(all, {
    workers,
    signal: new AbortController().signal,
    onFinished: (index, finished) => found.set(index, finished),
    ...(workerFile && { workerFile }),
  });
  return found;
}

it.each([1, 3])('gives every outcome to its task, with %d workers', async (workers) => {
  const found = await outcomes(tasks([0, 0, 5, 5, 5, 6]), workers);
  expect([...found.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  for (const outcome of found.values()) {
    expect(outcome).toMatchObject({ status: 'done', cost: { cycles: 5, instructions: 1 } });
  }
});

it('names the task whose worker crashed, and does the others', async () => {
  const found = await outcomes(tasks([0, 1, 3, 2, 4]), 1, CRASHING);
  expect([...found].sort(([a], [b]) => a - b).map(([, outcome]) => outcome)).toEqual([
    { status: 'failed', problem: '0' },
    { status: 'crashed', problem: 'cannot do this' },
    { status: 'failed', problem: '3' },
    { status: 'crashed', problem: 'out of luck' },
    { status: 'failed', problem: '4' },
  ]);
});

it('ends when no worker can start', async () => {
  const found = await outcomes(tasks([0, 0]), 1, new URL('./no-such-worker.ts', import.meta.url));
  expect([...found.values()].map(({ status }) => status)).toEqual(['crashed', 'crashed']);
});

it('begins nothing once it is stopped', async () => {
  const stop = new AbortController();
  let made = 0;
  function* endless(): Generator<Numbered> {
    for (;;) {
      made++;
      yield tasks([0])[0]!;
    }
  }
  let finished = 0;
  await runTasks(endless(), {
    workers: 2,
    signal: stop.signal,
    onFinished: () => {
      if (++finished === 3) stop.abort();
    },
  });
  expect(finished).toBe(3);
  expect(made).toBeLessThanOrEqual(3 + 2);
});
