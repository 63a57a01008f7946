/** Results as a picture: a line for one key, a family of lines for two, else cycles against hardware. */
import { clip, grouped, plural, wrap } from '../reports/format.ts';
import type { Markup } from '../reports/svg/markup.ts';
import { tag } from '../reports/svg/markup.ts';
import type { Panel } from '../reports/svg/panel.ts';
import { MARGIN, WIDTH, figure, label } from '../reports/svg/panel.ts';
import type { Drawing, Timed } from './drawing.ts';
import { FRAME, drawingOf } from './drawing.ts';
import { line, mark } from './marks.ts';
import type { Axis } from './plan.ts';
import { showValues } from './plan.ts';
import type { Results } from './results.ts';
import type { Scale } from './scale.ts';
import { scaleOf } from './scale.ts';

const TITLE_CHARACTERS = 72;
const LINE_CHARACTERS = 104;

const PLOT_HEIGHT = 364;

/** The picture, a file of its own; it ends with a line feed. */
export function resultsSvg(title: string, results: Results): string {
  const rows = results.rows.filter((row): row is Timed => row.cost !== undefined);
  const plot = rows.length === 0 ? nothing() : plotPanel(results, rows);
  const panels = [headPanel(title, results), plot, keyPanel(results, rows)];
  return `${figure(panels, { id: 'lasm-sweep', title, standalone: true }).markup}\n`;
}

function headPanel(title: string, { lesson }: Results): Panel {
  const lines = wrap(lesson, LINE_CHARACTERS);
  return {
    height: 44 + 18 * lines.length,
    content: [
      label(MARGIN, 30, clip(title, TITLE_CHARACTERS), { look: 'title' }),
      ...lines.map((text, i) => label(MARGIN, 52 + 18 * i, text, { look: 'quiet' })),
    ],
    fills: [],
    words: lesson,
  };
}

function nothing(): Panel {
  const text = 'no point has a result';
  const content = [label(WIDTH / 2, 40, text, { anchor: 'middle', look: 'quiet' })];
  return { height: 80, content, fills: [], words: `${text}.` };
}

function plotPanel(results: Results, rows: readonly Timed[]): Panel {
  const { axes } = results.plan;
  const drawing = drawingOf(results, rows);
  const isAlone = drawing.areJoined && drawing.lines.length === 1;
  const bounds = isAlone ? rows.map(({ cost }) => cost.bound.cycles) : [];
  const span = { from: FRAME.bottom, to: FRAME.top };
  const y = scaleOf([...rows.map(({ cost }) => cost.cycles), ...bounds], span);
  return {
    heading: drawing.heading,
    height: PLOT_HEIGHT,
    content: [
      ...frame(drawing, y),
      ...(isAlone ? boundLine(drawing, y) : []),
      ...drawing.lines.flatMap((one, n) => lineOf(one.rows, n, drawing, y, axes)),
      ...(drawing.areJoined ? namesOf(drawing, y) : numbersOf(drawing, y)),
    ],
    fills: [],
    words: wordsOf(axes, rows),
  };
}

function frame({ ticks, below }: Drawing, y: Scale): Markup[] {
  const { left, right, top, bottom } = FRAME;
  const size = { x: left, y: top, width: right - left, height: bottom - top };
  return [
    ...y.ticks.flatMap(({ at, label: text }) => [
      tag('line', { x1: left, y1: at, x2: right, y2: at, class: 'lasm-grid' }),
      label(left - 8, at + 4, text, { anchor: 'end' }),
    ]),
    ...ticks.flatMap(({ at, label: text }) => [
      tag('line', { x1: at, y1: bottom, x2: at, y2: bottom + 5, class: 'lasm-grid' }),
      label(at, bottom + 20, clip(text, 14), { anchor: 'middle' }),
    ]),
    tag('rect', { ...size, class: 'lasm-outline' }),
    label((left + right) / 2, bottom + 42, below, { anchor: 'middle' }),
    label(left - 8, top - 14, 'cycles', { anchor: 'end' }),
  ];
}

function lineOf(
  rows: readonly Timed[],
  n: number,
  { xOf, areJoined }: Drawing,
  y: Scale,
  axes: readonly Axis[],
): Markup[] {
  const pixels = rows.map((row) => [xOf(row), y.at(row.cost.cycles)] as const);
  const marks = rows.map((row, i) => {
    const told = `${showValues(axes, row.point.values)}: ${grouped(row.cost.cycles)} cycles`;
    return mark(n, pixels[i]![0], pixels[i]![1], row.isOnFront, told);
  });
  return [...(areJoined && rows.length > 1 ? [line(n, pixels)] : []), ...marks];
}

/** What no schedule can beat, where one line leaves room for it. */
function boundLine({ lines, xOf }: Drawing, y: Scale): Markup[] {
  const { rows } = lines[0]!;
  const pixels = rows.map((row) => `${xOf(row).toFixed(1)} ${y.at(row.cost.bound.cycles).toFixed(1)}`); // prettier-ignore
  const last = rows.at(-1)!;
  return [
    tag('path', { d: `M${pixels.join('L')}`, class: 'lasm-guide' }),
    label(FRAME.right + 8, y.at(last.cost.bound.cycles) + 4, 'lower bound', { look: 'quiet' }),
  ];
}

const NAME_HEIGHT = 15;

/** Names beside the ends of their lines, moved apart. */
function namesOf({ lines, xOf }: Drawing, y: Scale): Markup[] {
  const ends = lines
    .flatMap(({ name, rows }, n) => {
      const last = rows.at(-1);
      return last ? [{ name, n, x: xOf(last), y: y.at(last.cost.cycles) }] : [];
    })
    .sort((a, b) => a.y - b.y);
  let free = 0;
  return ends.flatMap(({ name, n, y: end }) => {
    const at = Math.max(end, free);
    free = at + NAME_HEIGHT;
    const x = FRAME.right + 14;
    const isOne = lines.length === 1;
    return [...(isOne ? [] : [mark(n, x, at, false)]), label(isOne ? x - 6 : x + 10, at + 4, clip(name, 20))]; // prettier-ignore
  });
}

const MOST_NUMBERS = 12;

/** The fastest of the front, the slowest of them first: numbered for the key. */
function numbered(rows: readonly Timed[]): Timed[] {
  const front = rows.filter(({ isOnFront }) => isOnFront);
  return front.toSorted((a, b) => b.cost.cycles - a.cost.cycles).slice(-MOST_NUMBERS);
}

/** Numbers beside their marks; where marks lie on one another, several in a row. */
function numbersOf({ lines, xOf }: Drawing, y: Scale): Markup[] {
  const groups: { x: number; y: number; text: string }[] = [];
  numbered(lines[0]!.rows).forEach((row, i) => {
    const place = { x: xOf(row), y: y.at(row.cost.cycles) };
    const near = groups.find((one) => apart(one.x, place.x) < 24 && apart(one.y, place.y) < 14);
    if (near) near.text += `, ${i + 1}`;
    else groups.push({ ...place, text: String(i + 1) });
  });
  return groups.map(({ text, ...at }) => label(at.x + 8, at.y - 7, text));
}

const apart = (a: number, b: number): number => Math.abs(a - b);

function keyPanel(
  { plan: { axes }, resources, rows: all }: Results,
  rows: readonly Timed[],
): Panel {
  const costs = resources.map(({ name }) => name).join(', ');
  const than = costs === '' ? '' : ` without more ${costs}`;
  const front = `on the Pareto front: no other point takes fewer cycles${than}`;
  const isNumbered = axes.length > 2;
  const entries = isNumbered
    ? numbered(rows).map((row, i) => `${i + 1}: ${showValues(axes, row.point.values)}, ${grouped(row.cost.cycles)} cycles`) // prettier-ignore
    : [];
  const failed = all.length - rows.length;
  const texts = [...entries, ...(failed > 0 ? [`${plural(failed, 'point')} without cycles`] : [])];
  return {
    height: 60 + 18 * texts.length,
    content: [
      mark(0, MARGIN + 6, 10, true),
      label(MARGIN + 20, 14, clip(front, LINE_CHARACTERS)),
      mark(0, MARGIN + 6, 30, false),
      label(MARGIN + 20, 34, 'not on it'),
      ...texts.map((text, i) => label(MARGIN, 54 + 18 * i, clip(text, LINE_CHARACTERS))),
    ],
    fills: [],
    words: '',
  };
}

/** The plot for those who do not see it. */
function wordsOf(axes: readonly Axis[], rows: readonly Timed[]): string {
  const told = rows
    .filter((row) => rows.length <= MOST_TOLD || row.isOnFront)
    .map((row) => `${showValues(axes, row.point.values)}: ${grouped(row.cost.cycles)}`);
  return `Cycles: ${told.join('; ')}.`;
}

const MOST_TOLD = 24;
