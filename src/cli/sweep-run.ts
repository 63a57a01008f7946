/** Runs a sweep: what is missing goes to the worker pool, and then the points stand side by side. */
import { availableParallelism } from 'node:os';
import { plural } from '../reports/format.ts';
import { resourceNamed, resourcesOf } from '../sweep/front.ts';
import type { Point } from '../sweep/plan.ts';
import { showValues } from '../sweep/plan.ts';
import type { Finished } from '../sweep/pool.ts';
import { runTasks } from '../sweep/pool.ts';
import { SweepError } from '../sweep/problem.ts';
import type { Results } from '../sweep/results.ts';
import { resultsOf } from '../sweep/results.ts';
import { Failure, messageWithHint } from './failure.ts';
import { errorTerminal, markFailed, printError } from './output.ts';
import type { Job, SweepFlags } from './sweep-job.ts';
import { prepare } from './sweep-job.ts';
import { printResults, writeSummaries } from './sweep-output.ts';
import { sweepProgress } from './sweep-progress.ts';
import type { Made } from './sweep-tasks.ts';
import { resultOf, tasksOf } from './sweep-tasks.ts';

/** The command; everything that can be found wrong before a point runs, is. */
export async function sweep(path: string, flags: SweepFlags): Promise<void> {
  await withSweepFailures(async () => {
    const resources = flags.cost?.split(',').map((name) => resourceNamed(name.trim()));
    const job = prepare(path, flags);
    const { plan, json, folder, found, wanted } = job;
    const isStopped = flags.merge === undefined && (await runMissing(job, flags));
    const there = (flags.shard ? wanted : plan.points).flatMap((point) => {
      const result = found.get(point.index);
      return result ? [[point, result] as const] : [];
    });
    const results = resultsOf(plan, there, resources ?? resourcesOf(plan.axes));
    const isWhole = there.length === plan.points.length;
    if (isStopped) {
      tellStop(there.length, wanted.length, folder !== undefined);
      return;
    }
    if (isWhole) writeSummaries(results, json, folder, flags.svg);
    else if (flags.shard && folder) finishFromShard(job, resources);
    printResults(results, json, flags);
    tellFailures(results, wanted.length - there.length, flags);
  });
}

/** The shard that comes last finds every point there, and sums the sweep up. */
function finishFromShard(
  { plan, json, folder }: Job,
  resources: Results['resources'] | undefined,
): void {
  const all = plan.points.flatMap((point) => {
    const result = folder!.read(point);
    return result ? [[point, result] as const] : [];
  });
  if (all.length < plan.points.length) return;
  const results = resultsOf(plan, all, resources ?? resourcesOf(plan.axes));
  writeSummaries(results, json, folder, undefined);
}

/** Runs the points that are not found; says whether Ctrl-C has stopped it. */
async function runMissing(job: Job, flags: SweepFlags): Promise<boolean> {
  const { plan, found, wanted, folder } = job;
  const missing = wanted.filter(({ index }) => !found.has(index));
  if (missing.length === 0) return false;
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  const progress = sweepProgress(errorTerminal(), missing.length);
  const keep = (point: Point, { program }: Made, finished: Finished) => {
    progress.count();
    if (finished.status === 'crashed') {
      markFailed();
      const which = showValues(plan.axes, point.values);
      printError(`${which}: the worker crashed: ${finished.problem}`);
      return;
    }
    const result = resultOf(job, point, program, finished);
    folder?.write(point, result);
    found.set(point.index, result);
  };
  const makers = new Map<number, Made>();
  try {
    await runTasks(tasksOf(job, missing, flags, makers, keep), {
      workers: Math.min(missing.length, flags.workers ?? availableParallelism()),
      signal: stop.signal,
      onFinished: (index, finished) => {
        keep(plan.points[index]!, makers.get(index)!, finished);
        makers.delete(index);
      },
    });
  } finally {
    progress.done();
    process.off('SIGINT', interrupt);
  }
  return stop.signal.aborted;
}

const STOPPED = 130;

function tellStop(done: number, wanted: number, isKept: boolean): void {
  markFailed(STOPPED);
  const next = isKept ? 'the same command goes on from there' : 'nothing was kept without --out';
  printError(`lasm: stopped when ${done} of ${wanted} points were done; ${next}`);
}

function tellFailures({ rows }: Results, missing: number, { merge, out }: SweepFlags): void {
  const failed = rows.filter(({ cost }) => !cost).length;
  if (failed > 0) {
    markFailed();
    printError(`lasm: ${plural(failed, 'point')} of ${rows.length} without cycles; see the table`);
  }
  if (missing === 0) return;
  markFailed();
  const hint = merge === undefined ? 'run the command again' : 'the command without --merge runs them'; // prettier-ignore
  printError(`lasm: ${messageWithHint(`${out ?? 'the sweep'}: missing: ${plural(missing, 'point')}`, hint)}`); // prettier-ignore
}

/** What is wrong with a sweep becomes what the person reads. */
async function withSweepFailures(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    const message = messageWithHint(error.message, error.hint);
    throw new Failure(error.kind === 'usage' ? 2 : 1, message);
  }
}
