/** Points as tasks: a program for each variant, sent to workers in its binary form. */
import type { Level } from '../compiler/lower/context.ts';
import { encodeProgram } from '../program/binary.ts';
import { programHash } from '../program/hash.ts';
import type { PointResult } from '../sweep/folder.ts';
import type { Plan, Point } from '../sweep/plan.ts';
import type { Finished, Numbered } from '../sweep/pool.ts';
import type { Task } from '../sweep/worker.ts';
import type { Job } from './sweep-job.ts';
import type { Built, SweepSubject, Variant } from './sweep-subject.ts';

/** A program as it is sent to workers, or why there is none. */
export interface Made {
  readonly number: number;
  readonly program: PointResult['program'];
  readonly task: Pick<Task, 'bytes' | 'inputs'> | undefined;
  readonly problem: string;
}

/**
 * The tasks, grouped by program, each made when a worker waits for it. Points that no program fits
 * are kept at once.
 */
export function* tasksOf(
  { plan, subject }: Job,
  missing: readonly Point[],
  { maxCycles }: { readonly maxCycles?: number },
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

/** What is kept of a point. */
export function resultOf(
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
