/** Marks of the plot: shapes tell lines apart, and a full one is on the Pareto front. */
import type { Markup } from '../reports/svg/markup.ts';
import { coordinate, tag } from '../reports/svg/markup.ts';

/** Around (0, 0), about 9 pixels wide. */
const SHAPES = [
  'M-4.5 0A4.5 4.5 0 1 0 4.5 0A4.5 4.5 0 1 0-4.5 0Z',
  'M-4-4H4V4H-4Z',
  'M0-5L5 4H-5Z',
  'M0-5.5L5.5 0L0 5.5L-5.5 0Z',
  'M0 5L5-4H-5Z',
  'M-4.5-1.5H-1.5V-4.5H1.5V-1.5H4.5V1.5H1.5V4.5H-1.5V1.5H-4.5Z',
] as const;

const DASHES = ['', '7 3', '2 3', '9 3 2 3'] as const;

/** A mark of the n-th line at a pixel; `told` is what a reader who points at it is told. */
export function mark(n: number, x: number, y: number, isFull: boolean, told = ''): Markup {
  const shape = { d: SHAPES[n % SHAPES.length]!, transform: `translate(${coordinate(x)} ${coordinate(y)})` }; // prettier-ignore
  const title = told === '' ? [] : [tag('title', {}, told)];
  const look = tag('path', { ...shape, class: isFull ? 'lasm-point' : 'lasm-paper' });
  return tag('g', {}, ...title, look, tag('path', { ...shape, class: 'lasm-outline' }));
}

/** The n-th line through pixels. */
export function line(n: number, pixels: readonly (readonly [number, number])[]): Markup {
  const d = pixels.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${coordinate(x)} ${coordinate(y)}`);
  // Lines with the same shape of marks are told apart by their dashes.
  const dash = DASHES[Math.floor(n / SHAPES.length) % DASHES.length]!;
  const dashes = dash === '' ? {} : { 'stroke-dasharray': dash };
  return tag('path', { d: d.join(''), class: 'lasm-outline', ...dashes });
}
