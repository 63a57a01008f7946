/** The plan of a sweep: every combination of the values, each with its machine, in a fixed order. */
import type { Machine } from '../machine/machine.ts';
import { validateMachine } from '../machine/read.ts';
import { hashText } from '../program/hash.ts';
import { machineHash } from '../run/machines.ts';
import type { Key, Value } from './keys.ts';
import { keyNamed, parameterOf, withParameter } from './keys.ts';
import { wrong } from './problem.ts';
import { parseValues } from './values.ts';

/** A sweep has at most this many points. */
export const MOST_POINTS = 10_000;

/** A key and the values it takes. */
export interface Axis {
  readonly key: Key;
  readonly values: readonly Value[];
}

/** One combination. */
export interface Point {
  /** From 0, in the order of the plan: the last key changes first. */
  readonly index: number;
  /** In the order of the axes. */
  readonly values: readonly Value[];
  readonly machine: Machine;
}

/** A combination that makes no machine. */
export interface Impossible {
  readonly values: readonly Value[];
  readonly problem: string;
}

/** What the person asked for, and what it was made of. */
export interface Plan {
  readonly axes: readonly Axis[];
  readonly base: Machine;
  /** Label → machine, where `machine` is varied. */
  readonly machines: ReadonlyMap<string, Machine>;
  readonly points: readonly Point[];
  /** Left out, because it was asked for. */
  readonly impossible: readonly Impossible[];
}

/** Reads `KEY=LIST` texts; throws a SweepError for the first that is wrong. */
export function parseAxes(texts: readonly string[]): Axis[] {
  const axes = texts.map((text): Axis => {
    const at = text.indexOf('=');
    if (at < 1) throw wrong(`--vary ${text}: write KEY=LIST`, 'such as mxu.count=1,2,4');
    const key = keyNamed(text.slice(0, at));
    return { key, values: parseValues(key, text.slice(at + 1)) };
  });
  const names = axes.map(({ key }) => key.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw wrong(`--vary ${twice} stands there twice`, 'put all its values into one list');
  }
  return axes;
}

export interface PlanOptions {
  /** The machine that a value of `machine` names. */
  readonly machineFor: (label: string) => Machine;
  /** Leaves combinations out that make no machine; otherwise they are an error. */
  readonly skipImpossible: boolean;
}

/** Makes the points; throws a SweepError when there are too many, or impossible ones. */
export function makePlan(axes: readonly Axis[], base: Machine, options: PlanOptions): Plan {
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (axes.length === 0) throw wrong('nothing varies', 'such as --vary mxu.count=1,2,4');
  if (count > MOST_POINTS) {
    const sizes = axes.map(({ values }) => values.length).join(' × ');
    const hint = `at most ${MOST_POINTS} are run; take fewer values`;
    throw wrong(`${sizes} = ${count} points are too many`, hint);
  }
  const machines = new Map(
    axes
      .filter(({ key }) => key.kind === 'machine')
      .flatMap(({ values }) => values.map((v) => [String(v), options.machineFor(String(v))])),
  );
  const points: Point[] = [];
  const impossible: Impossible[] = [];
  for (const values of combinations(axes)) {
    const made = machineOf(axes, values, base, machines);
    if (typeof made === 'string') impossible.push({ values, problem: made });
    else points.push({ index: points.length, values, machine: made });
  }
  if (impossible.length > 0 && !options.skipImpossible) throw impossibleError(axes, impossible);
  if (points.length === 0) throw impossibleError(axes, impossible);
  return { axes, base, machines, points, impossible };
}

/** Every combination; the last axis changes first. */
export function combinations(axes: readonly Axis[]): Value[][] {
  return axes.reduce<Value[][]>(
    (before, { values }) => before.flatMap((head) => values.map((value) => [...head, value])),
    [[]],
  );
}

/** The machine of a combination, or what is wrong with it. */
function machineOf(
  axes: readonly Axis[],
  values: readonly Value[],
  base: Machine,
  machines: ReadonlyMap<string, Machine>,
): Machine | string {
  const chosen = axes.findIndex(({ key }) => key.kind === 'machine');
  let machine = chosen < 0 ? base : machines.get(String(values[chosen]))!;
  for (const [i, { key }] of axes.entries()) {
    if (key.kind !== 'parameter') continue;
    const [group] = key.name.split('.') as [keyof Machine];
    if (machine[group] === null) return `${machine.name} has no ${group}, so no ${key.name}`;
    machine = withParameter(machine, key.name, values[i]!);
  }
  const { problems } = validateMachine(machine);
  if (problems.length === 0) return machine;
  return problems.map(({ key, message }) => `${key} ${message}`).join('; ');
}

const SHOWN = 3;

function impossibleError(axes: readonly Axis[], impossible: readonly Impossible[]) {
  const lines = impossible
    .slice(0, SHOWN)
    .map(({ values, problem }) => `  ${showValues(axes, values)}: ${problem}`);
  if (impossible.length > SHOWN) lines.push(`  and ${impossible.length - SHOWN} more`);
  const what = impossible.length === 1 ? '1 combination makes' : `${impossible.length} combinations make`; // prettier-ignore
  const hint = '--skip-impossible leaves such combinations out';
  return wrong([`${what} no machine:`, ...lines].join('\n'), hint);
}

/** `mxu.count=2 memory.bytesPerCycle=32`. */
export function showValues(axes: readonly Axis[], values: readonly Value[]): string {
  return axes.map(({ key }, i) => `${key.name}=${String(values[i])}`).join(' ');
}

/** A part of a sweep: the i-th of n, i from 1. */
export interface Shard {
  readonly number: number;
  readonly of: number;
}

/** Every n-th point. The shards 1/n to n/n have each point once. */
export function shardOf(points: readonly Point[], { number, of }: Shard): Point[] {
  return points.filter(({ index }) => index % of === number - 1);
}

/** The point whose values are those of the base machine, else the first. */
export function referenceOf({ axes, base, points }: Plan): { point: Point; isBase: boolean } {
  const same = points.find(({ values }) =>
    axes.every(({ key }, i) => isBaseValue(key, values[i]!, base)),
  );
  return { point: same ?? points[0]!, isBase: same !== undefined };
}

function isBaseValue(key: Key, value: Value, base: Machine): boolean {
  if (key.kind === 'parameter') return parameterOf(base, key.name) === value;
  return key.kind === 'machine' && value === base.name;
}

/** A name for the file of a point: readable, and its own. */
export function fileNameOf(axes: readonly Axis[], values: readonly Value[]): string {
  const text = showValues(axes, values);
  const readable = text.replaceAll(/[^\w.=-]+/g, '_').slice(0, MOST_READABLE);
  return `${readable}-${hashText(text).slice(0, 8)}.json`;
}

const MOST_READABLE = 100;

/** What of the axes makes a sweep that sweep. */
export function axesJson({ axes, machines }: Pick<Plan, 'axes' | 'machines'>) {
  return axes.map(({ key, values }) =>
    key.kind === 'machine'
      ? { key: key.name, values, hashes: values.map((v) => machineHash(machines.get(String(v))!)) }
      : { key: key.name, values },
  );
}
