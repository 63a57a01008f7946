/** `npm run fuzz -- --seconds N [--seed S] [--jobs J]`: do both engines agree on everything? */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { parseArgs } from 'node:util';
import { compareBatch } from './batch.ts';
import type { BatchResult } from './batch.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
  },
});
const PAIRS_PER_BATCH = 500;
const MS = 1000;
const PROGRESS_MS = 10 * MS;

/** A worker takes every J-th batch from its own on. */
interface Share {
  readonly seed: number;
  readonly stride: number;
  readonly seconds: number;
}

function work({ seed, stride, seconds }: Share): void {
  const end = performance.now() + seconds * MS;
  for (let batch = seed; performance.now() < end; batch += stride) {
    const result = compareBatch(batch, PAIRS_PER_BATCH);
    parentPort!.postMessage(result);
    if (result.disagreement !== undefined) return;
  }
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  console.error(`--${name} must be a whole number from 1 on`);
  process.exit(2);
}

function lead(seed: number, jobs: number, seconds: number): void {
  const begin = performance.now();
  let pairs = 0;
  let instructions = 0;
  let shown = begin;
  const add = (result: BatchResult): void => {
    pairs += result.pairs;
    instructions += result.instructions;
    const now = performance.now();
    if (result.disagreement !== undefined) {
      console.error(result.disagreement);
      console.error(`${pairs} pairs, ${instructions} instructions, 1 disagreement`);
      process.exit(1);
    }
    if (now - shown < PROGRESS_MS) return;
    shown = now;
    console.log(
      `${Math.round((now - begin) / MS)} s: ${pairs} pairs, ${instructions} instructions`,
    );
  };
  let running = jobs;
  for (let job = 0; job < jobs; job++) {
    const share: Share = { seed: seed + job, stride: jobs, seconds };
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on('message', add);
    worker.on('error', (error) => {
      throw error;
    });
    worker.on('exit', () => {
      if (--running > 0) return;
      console.log(`${pairs} pairs, ${instructions} instructions, 0 disagreements`);
    });
  }
}

if (isMainThread) {
  const { seed, jobs, seconds } = values;
  lead(number('seed', seed), number('jobs', jobs), number('seconds', seconds));
} else {
  work(workerData as Share);
}
