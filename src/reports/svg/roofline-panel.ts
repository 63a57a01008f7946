/** The roofline drawn: both roofs, the region below them, and the run. */
import { decimal, grouped, percent } from '../format.ts';
import type { Report, Roofline } from '../report.ts';
import { pixelOf, tickLabel, ticks } from './log-axis.ts';
import type { Markup } from './markup.ts';
import { coordinate, tag } from './markup.ts';
import type { Panel } from './panel.ts';
import { MARGIN, WIDTH, label, widthOf } from './panel.ts';
import type { RooflinePlot, Spot } from './roofline-plot.ts';
import { plotOf } from './roofline-plot.ts';

const HEIGHT = 320;

/** The plot; for a run of no cycles a sentence in its place. */
export function rooflinePanel(report: Report): Panel {
  const plot = plotOf(report);
  const words = told(report, plot);
  const instead = () => [label(WIDTH / 2, HEIGHT / 2, words, { anchor: 'middle', look: 'quiet' })];
  return {
    heading: 'Roofline',
    height: HEIGHT,
    content: plot ? drawn(report, plot) : instead(),
    fills: [],
    words: `Roofline: ${words}`,
  };
}

function drawn(report: Report, plot: RooflinePlot): Markup[] {
  const { roofline } = report;
  const point = plot.run && roofline ? runPoint(plot, plot.run, roofline) : noPoint(plot);
  return [...axes(plot), ...roofs(plot, report.memory.peakBytesPerCycle), ...point];
}

function told({ roofline, memory }: Report, plot: RooflinePlot | undefined): string {
  if (!plot) return 'there were no cycles.';
  const roofsTold = `at most ${grouped(plot.peak)} MACs per cycle and ${grouped(memory.peakBytesPerCycle)} bytes per cycle`;
  if (!roofline) return `${roofsTold}; the run does no multiply-accumulates.`;
  return `${roofsTold}; ${runLabel(roofline).join(', ')}, ${roofline.bound}-bound.`;
}

function runLabel({ attained, intensity, roof }: Roofline): string[] {
  const where = intensity === null ? 'no byte moved' : `${decimal(intensity, 2)} MACs per byte`;
  const reached = `${percent((attained / roof) * 100)} of its roof`;
  return [`this run: ${decimal(attained, 2)} MACs per cycle`, `${where}, ${reached}`];
}

function axes({ x, y }: RooflinePlot): Markup[] {
  const columns = ticks(x).flatMap((octaves) => {
    const at = pixelOf(x, octaves);
    const line = tag('line', { x1: at, y1: y.from, x2: at, y2: y.to, class: 'lasm-grid' });
    return [line, label(at, y.from + 18, tickLabel(octaves), { anchor: 'middle', look: 'quiet' })];
  });
  const rows = ticks(y).flatMap((octaves) => {
    const at = pixelOf(y, octaves);
    const line = tag('line', { x1: x.from, y1: at, x2: x.to, y2: at, class: 'lasm-grid' });
    return [line, label(x.from - 8, at + 4, tickLabel(octaves), { anchor: 'end', look: 'quiet' })];
  });
  const middle = (y.from + y.to) / 2;
  return [
    ...columns,
    ...rows,
    label((x.from + x.to) / 2, y.from + 40, 'MACs per byte (logarithmic)', { anchor: 'middle' }),
    tag(
      'g',
      { transform: `translate(${MARGIN} ${coordinate(middle)}) rotate(-90)` },
      label(0, 0, 'MACs per cycle (logarithmic)', { anchor: 'middle' }),
    ),
  ];
}

function roofs(plot: RooflinePlot, bytesPerCycle: number): Markup[] {
  const { x, y, start, knee, end, peak } = plot;
  const at = (spot: Spot) => `${coordinate(pixelOf(x, spot.x))} ${coordinate(pixelOf(y, spot.y))}`;
  const line = `M${at(start)}L${at(knee)}L${at(end)}`;
  const floor = `L${at({ x: end.x, y: y.low })}L${at({ x: start.x, y: y.low })}Z`;
  const kneeX = pixelOf(x, knee.x);
  const peakText = `peak: ${grouped(peak)} MACs per cycle`;

  return [
    tag('path', { d: `${line}${floor}`, class: 'lasm-below' }),
    tag('path', { d: `M${at(knee)}L${at({ x: knee.x, y: y.low })}`, class: 'lasm-guide' }),
    tag('path', { d: line, class: 'lasm-roof' }),
    label(x.to - 6, pixelOf(y, knee.y) - 9, peakText, { anchor: 'end' }),
    label(kneeX + 6, pixelOf(y, knee.y) + 18, 'roofs meet', { look: 'quiet' }),
    alongSlope(plot, `memory: ${grouped(bytesPerCycle)} bytes per cycle`),
  ];
}

/** A text above the roof of memory, turned as it is. */
function alongSlope({ x, y, start, knee }: RooflinePlot, text: string): Markup {
  const [left, right] = [pixelOf(x, start.x), pixelOf(x, knee.x)];
  const [low, high] = [pixelOf(y, start.y), pixelOf(y, knee.y)];
  const length = Math.sqrt((right - left) ** 2 + (high - low) ** 2);
  const [cos, sin] = [(right - left) / length, (high - low) / length];
  const numbers = [cos, sin, -sin, cos, (left + right) / 2, (low + high) / 2];
  const transform = `matrix(${numbers.map((n) => n.toFixed(4)).join(' ')})`;
  return tag('g', { transform }, label(0, -8, text, { anchor: 'middle' }));
}

/** The run, its way up to the roof, and what it reached. */
function runPoint({ x, y, start, knee }: RooflinePlot, run: Spot, roofline: Roofline): Markup[] {
  const [left, top] = [pixelOf(x, run.x), pixelOf(y, run.y)];
  const roof = pixelOf(y, Math.min(knee.y, start.y + run.x - start.x));
  const lines = runLabel(roofline);
  const width = Math.max(...lines.map(widthOf)) + 12;
  const isLeft = left + 14 + width < x.to;
  const ground = { x: isLeft ? left + 12 : left - 12 - width, y: Math.min(top + 4, y.from - 42) };
  return [
    tag('line', { x1: left, y1: top, x2: left, y2: roof, class: 'lasm-guide' }),
    tag('rect', {
      ...ground,
      width,
      height: 38,
      rx: 4,
      'fill-opacity': '0.85',
      class: 'lasm-paper',
    }),
    ...lines.map((text, i) => label(ground.x + 6, ground.y + 16 + 16 * i, text)),
    tag('circle', { cx: left, cy: top, r: 6, class: 'lasm-point' }),
  ];
}

function noPoint({ x, y }: RooflinePlot): Markup[] {
  const middle = { x: (x.from + x.to) / 2, y: y.from - 40 };
  const look = { anchor: 'middle', look: 'quiet' } as const;
  return [label(middle.x, middle.y, 'no multiply-accumulates, so no point', look)];
}
