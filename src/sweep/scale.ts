/** Scales of the plot: where a value lies, and what stands beside the axis. */
import { grouped } from '../reports/format.ts';
import { log2, pixelOf, tickLabel, ticks } from '../reports/svg/log-axis.ts';
import type { Value } from './keys.ts';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Pixels of an axis. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** From a number to its pixel. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly Tick[];
}

/** More than this factor between least and most, and octaves are evenly spaced. */
const WIDE = 8;

/** An axis for amounts: from 0, or logarithmic where they lie far apart. */
export function scaleOf(values: readonly number[], span: Span): Scale {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > 0 && most >= WIDE * least ? octaves(least, most, span) : linear(most, span);
}

function octaves(least: number, most: number, span: Span): Scale {
  const axis = { low: Math.floor(log2(least)), high: Math.ceil(log2(most)), ...span };
  return {
    at: (value) => pixelOf(axis, log2(value)),
    ticks: ticks(axis).map((octave) => ({ at: pixelOf(axis, octave), label: tickLabel(octave) })),
  };
}

const MOST_STEPS = 6;

/** From 0, with steps of 1, 2 or 5 times a power of ten. */
function linear(most: number, { from, to }: Span): Scale {
  let step = 1;
  for (let i = 0; most > step * MOST_STEPS; i++) step *= i % 3 === 1 ? 2.5 : 2;
  const high = Math.max(step, Math.ceil(most / step) * step);
  const at = (value: number) => from + (value / high) * (to - from);
  const count = Math.round(high / step);
  const steps = Array.from({ length: count + 1 }, (_, i) => i * step);
  return { at, ticks: steps.map((value) => ({ at: at(value), label: grouped(value) })) };
}

/** Least distance of two labels below an axis, in pixels. */
const LABEL_DISTANCE = 44;

/** The values of a key: numbers to scale, with each of them as a tick; others side by side. */
export function keyScale(values: readonly Value[], span: Span): (value: Value) => Tick {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) return besideOneAnother(values, span);
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const isWide = least > 0 && most >= WIDE * least && areSpreadOut(numbers);
  const [low, high] = isWide ? [log2(least), log2(most)] : [least, most];
  const pad = (high - low || 1) * 0.06;
  const axis = { low: low - pad, high: high + pad, ...span };
  return (value) => ({
    at: pixelOf(axis, isWide ? log2(Number(value)) : Number(value)),
    label: String(value),
  });
}

/** Whether some steps are several times as large as others, as those of factors are. */
function areSpreadOut(numbers: readonly number[]): boolean {
  const ordered = numbers.toSorted((a, b) => a - b);
  const steps = ordered.slice(1).map((value, i) => value - ordered[i]!);
  return Math.max(...steps) >= 4 * Math.min(...steps);
}

function besideOneAnother(values: readonly Value[], { from, to }: Span): (value: Value) => Tick {
  const width = (to - from) / values.length;
  return (value) => ({ at: from + (values.indexOf(value) + 0.5) * width, label: String(value) });
}

/** The ticks from left to right whose labels have room; the last one always. */
export function withRoom(all: readonly Tick[]): Tick[] {
  const ordered = all.toSorted((a, b) => b.at - a.at);
  const shown: Tick[] = [];
  for (const tick of ordered) {
    const before = shown.at(-1);
    const needed = LABEL_DISTANCE + 3 * Math.max(0, tick.label.length - 6);
    if (!before || before.at - tick.at >= needed) shown.push(tick);
  }
  return shown.reverse();
}
