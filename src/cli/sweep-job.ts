/** What a sweep is to do: planned, opened, and found to be in order before anything runs. */
import type { PointResult, SweepJson } from '../sweep/folder.ts';
import { SweepFolder, sweepJson } from '../sweep/folder.ts';
import type { Plan, Point, Shard } from '../sweep/plan.ts';
import { makePlan, parseAxes, shardOf } from '../sweep/plan.ts';
import { Failure, usage } from './failure.ts';
import { writeWhole } from './files.ts';
import { machineFor } from './machines.ts';
import { checkAxes, openSubject } from './sweep-open.ts';
import type { SubjectFlags, SweepSubject } from './sweep-subject.ts';
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
export interface Job {
  readonly plan: Plan;
  readonly json: SweepJson;
  readonly subject: SweepSubject;
  readonly folder: SweepFolder | undefined;
  /** Point → result, as far as they are there. */
  readonly found: Map<number, PointResult>;
  /** What this command is to answer for. */
  readonly wanted: readonly Point[];
}

/** Throws a Failure or SweepError for all that can be found wrong before a point runs. */
export function prepare(path: string, flags: SweepFlags): Job {
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
