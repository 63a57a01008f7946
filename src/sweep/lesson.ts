/** What a sweep teaches, in one sentence. */
import { grouped, percent } from '../reports/format.ts';
import type { Cost } from './cost.ts';
import { resourceOf } from './front.ts';
import type { Key, Value } from './keys.ts';
import type { Axis, Point } from './plan.ts';
import { showValues } from './plan.ts';

/** What the lesson is drawn from: a finished point, and whether it is on the front. */
export interface Pupil {
  readonly point: Point;
  readonly cost: Cost | undefined;
  readonly isOnFront: boolean;
}

interface Timed {
  readonly point: Point;
  readonly cycles: number;
  readonly isOnFront: boolean;
}

/** Less than this share of the cycles is as good as nothing, in per cent. */
const NEGLIGIBLE = 2;

/** A sentence without a full stop's worth of doubt: every number in it was measured. */
export function lesson(axes: readonly Axis[], pupils: readonly Pupil[]): string {
  const timed = pupils.flatMap(({ point, cost, isOnFront }): Timed[] =>
    cost ? [{ point, cycles: cost.cycles, isOnFront }] : [],
  );
  if (timed.length === 0) return 'No point has a result.';
  if (timed.length === 1) return 'One point has a result, so there is nothing to compare.';
  return axes.length === 1 ? lessonOfOne(axes[0]!, timed) : lessonOfMany(axes, timed);
}

function lessonOfOne({ key, values }: Axis, timed: readonly Timed[]): string {
  const ordered = timed.toSorted((a, b) => byHardware(key)(valueAt(a, 0), valueAt(b, 0)));
  const cycles = ordered.map((one) => one.cycles);
  if (Math.min(...cycles) === Math.max(...cycles)) {
    return `${key.name} makes no difference: it is ${grouped(cycles[0]!)} cycles in each case.`;
  }
  if (!isHardware(key) || values.length < 2) return extremes(key, timed);
  const knee = cycles.findIndex((now, i) => saved(now, Math.min(...cycles.slice(i))) < NEGLIGIBLE);
  const at = `${key.name}=${String(valueAt(ordered[knee]!, 0))}`;
  if (knee === 0) return `${key.name} hardly matters: no step from ${at} on buys ${NEGLIGIBLE} %.`;
  if (knee < cycles.length - 1) return `Beyond ${at} more buys less than ${NEGLIGIBLE} %.`;
  const before = ordered[knee - 1]!;
  const last = percent(saved(before.cycles, cycles[knee]!));
  return `More still helps at the end: from ${key.name}=${String(valueAt(before, 0))} to ${String(valueAt(ordered[knee]!, 0))} it saves ${last} of the cycles.`;
}

function extremes(key: Key, timed: readonly Timed[]): string {
  const [fast, slow] = [fastest(timed), timed.reduce((a, b) => (b.cycles > a.cycles ? b : a))];
  const share = percent(saved(slow.cycles, fast.cycles));
  return `${key.name}=${String(valueAt(fast, 0))} takes the fewest cycles: ${share} less than ${String(valueAt(slow, 0))}, which takes the most.`;
}

/** Which key matters most, and how little hardware comes close to the fastest. */
function lessonOfMany(axes: readonly Axis[], timed: readonly Timed[]): string {
  const effects = axes
    .map(({ key }, i) => ({ name: key.name, share: meanSpread(timed, i) }))
    .filter(({ share }) => share !== undefined)
    .sort((a, b) => b.share! - a.share!);
  const [first, ...others] = effects.map(({ name, share }) => [name, percent(share!)] as const);
  if (!first) return nearFastest(axes, timed);
  const rest = others.map(([name, share]) => `, ${name} ${share}`).join('');
  const matters = `On average ${first[0]} decides ${first[1]} of the cycles${rest}; `;
  return `${matters}${nearFastest(axes, timed)}`;
}

function nearFastest(axes: readonly Axis[], timed: readonly Timed[]): string {
  const best = fastest(timed);
  const most = best.cycles / (1 - NEGLIGIBLE / 100);
  // On the front, who is slower takes less of something.
  const isSameWork = ({ point }: Timed) =>
    axes.every(({ key }, i) => key.kind !== 'param' || point.values[i] === best.point.values[i]);
  const near = timed
    .filter(({ isOnFront, cycles }) => isOnFront && cycles > best.cycles && cycles <= most)
    .filter(isSameWork)
    .sort((a, b) => b.cycles - a.cycles)[0];
  const name = ({ point }: Timed) => showValues(axes, point.values);
  const told = `${name(best)} is the fastest`;
  return near === undefined
    ? `${told}, and nothing smaller comes within ${NEGLIGIBLE} % of it.`
    : `${told}, but ${name(near)} comes within ${NEGLIGIBLE} % of it with less hardware.`;
}

/** The mean of what lies between best and worst where only this key varies, in per cent. */
function meanSpread(timed: readonly Timed[], axis: number): number | undefined {
  const lines = new Map<string, number[]>();
  for (const { point, cycles } of timed) {
    const others = JSON.stringify(point.values.filter((_, i) => i !== axis));
    lines.set(others, [...(lines.get(others) ?? []), cycles]);
  }
  const spreads = [...lines.values()]
    .filter((cycles) => cycles.length > 1)
    .map((cycles) => saved(Math.max(...cycles), Math.min(...cycles)));
  if (spreads.length === 0) return undefined;
  return spreads.reduce((sum, share) => sum + share, 0) / spreads.length;
}

function fastest(timed: readonly Timed[]): Timed {
  return timed.reduce((a, b) => (b.cycles < a.cycles ? b : a));
}

/** Per cent of `from`. */
function saved(from: number, to: number): number {
  return from === 0 ? 0 : (100 * (from - to)) / from;
}

function valueAt({ point }: Timed, axis: number): Value {
  return point.values[axis]!;
}

function isHardware(key: Key): boolean {
  return key.kind === 'parameter' && resourceOf(key.name, key.parameter) !== undefined;
}

/** From less hardware to more. */
function byHardware(key: Key): (a: Value, b: Value) => number {
  const sign = (key.kind === 'parameter' && resourceOf(key.name, key.parameter)?.sign) || 1;
  return (a, b) => sign * (Number(a) - Number(b)) || 0;
}
