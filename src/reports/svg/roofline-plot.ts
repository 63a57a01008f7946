/** The geometry of the roofline (Williams, Waterman, Patterson 2009): what lies where, in octaves. */
import type { Report } from '../report.ts';
import type { LogAxis } from './log-axis.ts';
import { log2 } from './log-axis.ts';

/** A place in the plot: binary logarithms of MACs per byte and MACs per cycle. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface RooflinePlot {
  readonly x: LogAxis;
  readonly y: LogAxis;
  /** MACs per cycle. */
  readonly peak: number;
  /** Where the roof of memory enters the plot, where both roofs meet, where the plot ends. */
  readonly start: Spot;
  readonly knee: Spot;
  readonly end: Spot;
  /** The run; absent without multiply-accumulates, at the right edge when it moves no byte. */
  readonly run: Spot | undefined;
}

/** Pixels of the plot's corners. */
const FRAME = { left: 74, right: 700, top: 10, bottom: 260 };

/** Undefined for a run of no cycles, which tells nothing of the machine. */
export function plotOf({ cycles, mac, memory, roofline }: Report): RooflinePlot | undefined {
  if (cycles === 0) return undefined;
  const peak = mac.capacity / cycles;
  const knee = { x: log2(peak / memory.peakBytesPerCycle), y: log2(peak) };
  const intensity = roofline?.intensity ?? null;
  const runX = intensity === null ? knee.x : log2(intensity);
  const runY = roofline ? log2(roofline.attained) : knee.y;
  const span = Math.abs(knee.x - runX);
  // Room on both sides, and enough of both roofs to see their shapes.
  const aside = Math.max(2, Math.ceil(span * 0.4));
  const x = {
    low: Math.floor(Math.min(knee.x, runX)) - aside,
    high: Math.ceil(Math.max(knee.x, runX)) + aside,
    from: FRAME.left,
    to: FRAME.right,
  };
  const y = {
    low: Math.floor(Math.min(runY - 1, knee.y - aside - 1)),
    high: Math.ceil(knee.y) + 1,
    from: FRAME.bottom,
    to: FRAME.top,
  };
  const down = Math.min(knee.x - x.low, knee.y - y.low);
  const start = { x: knee.x - down, y: knee.y - down };
  const run = roofline ? { x: intensity === null ? x.high : runX, y: runY } : undefined;
  return { x, y, peak, start, knee, end: { x: x.high, y: knee.y }, run };
}
