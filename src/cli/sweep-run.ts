/** Runs a sweep: plans it, runs what is missing on the worker pool, and puts the points side by side. */
import { availableParallelism } from 'node:os';
import type { Level } from '../compiler/lower/context.ts';
import { encodeProgram } from '../program/binary.ts';
import { programHash } from '../program/hash.ts';
import type { PointResult, SweepJson } from '../sweep/folder.ts';
import { SweepFolder, sweepJson } from '../sweep/folder.ts';
import { resourceNamed, resourcesOf } from '../sweep/front.ts';
import type { Plan, Point, Shard } from '../sweep/plan.ts';
import { makePlan, parseAxes, shardOf, showValues } from '../sweep/plan.ts';
import type { Finished, Numbered } from '../sweep/pool.ts';
import { runTasks } from '../sweep/pool.ts';
import { plural } from '../reports/format.ts';
import { SweepError } from '../sweep/problem.ts';
import type { Results } from '../sweep/results.ts';
import { resultsOf } from '../sweep/results.ts';
import type { Task } from '../sweep/worker.ts';
import { Failure, messageWithHint, usage } from './failure.ts';
import { writeWhole } from './files.ts';
import { machineFor } from './machines.ts';
import { errorTerminal, markFailed, printError } from './output.ts';
import { printResults, writeSummaries } from './sweep-output.ts';
import { sweepProgress } from './sweep-progress.ts';
import type { Built, SubjectFlags, SweepSubject, Variant } from './sweep-subject.ts';
import { checkAxes, openSubject } from './sweep-subject.ts';
import { VERSION } from './version.ts';

export interface SweepFlags extends SubjectFlags {
  readonly vary?: readonly string[];
  readonly out?: string;
  readonly shard?: Shard;
  readonly merge?: true | readonly string[];
  readonly skipImpossible?: boolean;
  readonly cost?: string;
  readonly svg?: string;
  readonly workers?: number;
  readonly json?: boolean;
}

/** What is to be done, with all that can be wrong already found. */
interface Job {
  readonly plan: Plan;
  readonly json: SweepJson;
  readonly subject: SweepSubject;
  readonly folder: SweepFolder | undefined;
  /** Point → result, as far as they are there. */
  readonly found: Map<number, PointResult>;
  /** What this command is to answer for. */
  readonly wanted: readonly Point[];
}

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

function prepare(path: string, flags: SweepFlags): Job {
  const { out, shard, merge } = flags;
  if (out === undefined && (shard || merge)) {
    throw usage(`--${shard ? 'shard' : 'merge'} needs --out DIR, where the points are kept`);
  }
  if (shard && merge) throw usage('--shard runs points and --merge gathers them: give one');
  if (shard && flags.svg !== undefined) throw usage('--svg draws a whole sweep, not a --shard');
  const base = machineFor(flags.machine);
  const axes = parseAxes(flags.vary ?? []);
  const plan = makePlan(axes, base, { machineFor, skipImpossible: flags.skipImpossible === true });
  const subject = openSubject(path, flags, base.tile);
  checkAxes(axes, subject);
  const json = sweepJson(plan, subject.subject, VERSION);
  const write = (file: string, text: string, magic: string) => {
    writeWhole(file, text, { name: 'file of lasm sweep', magic });
  };
  const folderAt = (dir: string) => new SweepFolder(dir, plan, json, write);
  const others = Array.isArray(merge) ? merge.map(folderAt) : [];
  for (const other of others) {
    if (!other.belongs()) throw new Failure(1, `${other.path}: has no sweep in it`);
  }
  const folder = out === undefined ? undefined : folderAt(out);
  folder?.claim();
  const wanted = shard ? shardOf(plan.points, shard) : plan.points;
  return { plan, json, subject, folder, found: gather(wanted, folder, others), wanted };
}

/** What is there already; what other folders have is copied. */
function gather(
  points: readonly Point[],
  folder: SweepFolder | undefined,
  others: readonly SweepFolder[],
): Map<number, PointResult> {
  const found = new Map<number, PointResult>();
  for (const point of points) {
    let result = folder?.read(point);
    for (let i = 0; !result && i < others.length; i++) {
      result = others[i]!.read(point);
      if (result) folder?.write(point, result);
    }
    if (result) found.set(point.index, result);
  }
  return found;
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

/** A program as it is sent to workers, or why there is none. */
interface Made {
  readonly number: number;
  readonly program: PointResult['program'];
  readonly task: Pick<Task, 'bytes' | 'inputs'> | undefined;
  readonly problem: string;
}

/**
 * The tasks, grouped by program, each made when a worker waits for it. Points that no program fits
 * are kept at once.
 */
function* tasksOf(
  { plan, subject }: Job,
  missing: readonly Point[],
  { maxCycles }: SweepFlags,
  makers: Map<number, Made>,
  keep: (point: Point, made: Made, finished: Finished) => void,
): Generator<Numbered> {
  const groups = new Map<string, Point[]>();
  for (const point of missing) {
    const key = JSON.stringify(variantOf(plan, subject, point));
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  let number = 0;
  for (const points of groups.values()) {
    const made = make(subject, subject.build(variantOf(plan, subject, points[0]!)), number++);
    for (const point of points) {
      const problem = made.problem || tileProblem(made, point);
      if (problem !== '') {
        keep(point, made, { status: 'failed', problem });
        continue;
      }
      makers.set(point.index, made);
      const { machine, index } = point;
      const limit = maxCycles === undefined ? {} : { maxCycles };
      yield [index, { ...made.task!, program: made.number, machine, ...limit }];
    }
  }
}

function make({ inputs }: SweepSubject, built: Built, number: number): Made {
  if ('problem' in built) return { number, program: null, task: undefined, problem: built.problem };
  const { program } = built;
  const encoded = encodeProgram(program);
  const bytes = new Uint8Array(new SharedArrayBuffer(encoded.length));
  bytes.set(encoded);
  return {
    number,
    program: { hash: programHash(program), tile: program.tile },
    task: { bytes, inputs: { ...inputs, inputs: built.inputs } },
    problem: '',
  };
}

function tileProblem({ program }: Made, { machine }: Point): string {
  if (program === null || program.tile <= machine.tile) return '';
  return `the program needs tiles of ${program.tile}, and the machine has ${machine.tile}`;
}

function variantOf({ axes }: Plan, { subject }: SweepSubject, { values, machine }: Point): Variant {
  const params: Record<string, number> = {};
  let level: Level | undefined;
  axes.forEach(({ key }, i) => {
    if (key.kind === 'param') params[key.param] = values[i] as number;
    if (key.kind === 'level') level = values[i] as Level;
  });
  // A program has a tile of its own, whatever the machine.
  return { params, level, tile: subject.kind === 'program' ? 0 : machine.tile };
}

function resultOf(
  { plan, json }: Job,
  { index, values, machine }: Point,
  program: PointResult['program'],
  outcome: PointResult['outcome'],
): PointResult {
  const named = plan.axes.map(({ key }, i) => [key.name, values[i]!] as const);
  return {
    schema: 'lasm-sweep-point/1',
    sweep: json.id,
    point: index,
    values: Object.fromEntries(named),
    program,
    machine,
    outcome,
  };
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
