/** Stacked bars: a whole cut into areas, each with its name in it where there is room. */
import { decimal, percent, plural } from '../format.ts';
import type { Fill } from './fills.ts';
import { fillOf } from './fills.ts';
import type { Markup } from './markup.ts';
import { tag } from './markup.ts';
import { label, widthOf } from './panel.ts';

/** One area of a bar. */
export interface Area {
  readonly fill: Fill;
  readonly name: string;
  readonly amount: number;
  /** Per cent, as told. */
  readonly share: number;
}

export interface BarFrame {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What the amounts count: `cycle`. */
  readonly noun: string;
  /** Whether names stand in the areas that have room for them. */
  readonly named: boolean;
}

/** The areas side by side in their order; an outline alone when there is nothing to share out. */
export function stackedBar(areas: readonly Area[], frame: BarFrame): Markup[] {
  const { id, x, y, width, height, noun, named } = frame;
  const total = areas.reduce((sum, { amount }) => sum + amount, 0);
  const pieces: Markup[] = [];
  let before = 0;
  for (const { fill, name, amount, share } of areas) {
    if (amount <= 0) continue;
    const left = x + (before / total) * width;
    before += amount;
    const piece = { x: left, y, width: x + (before / total) * width - left, height };
    const told = tag('title', {}, `${name}: ${plural(amount, noun)}, ${percent(share)}`);
    const look = { fill: fillOf(id, fill) };
    pieces.push(tag('g', {}, told, tag('rect', { ...piece, ...look })));
    pieces.push(tag('rect', { ...piece, class: 'lasm-outline' }));
    if (named) pieces.push(...nameIn(piece, [`${name} ${percent(share)}`, name]));
  }
  return [...pieces, tag('rect', { x, y, width, height, class: 'lasm-outline' })];
}

const PADDING = 4;

type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>;

/** The longest name that fits, on a plain ground so that no texture runs through its letters. */
function nameIn({ x, y, width, height }: Box, names: readonly string[]): Markup[] {
  const name = names.find((text) => widthOf(text) + 4 * PADDING <= width);
  if (name === undefined) return [];
  const middle = x + width / 2;
  const needed = widthOf(name) + 2 * PADDING;
  const ground = { x: middle - needed / 2, y: y + height / 2 - 9, width: needed, height: 18 };
  return [
    tag('rect', { ...ground, rx: 3, class: 'lasm-paper' }),
    label(middle, y + height / 2 + 4, name, { anchor: 'middle' }),
  ];
}

/** `34.5 % raw, 10.4 % memory.latency`, without those that are not there. */
export function sharesInWords(areas: readonly Area[]): string {
  const there = areas.filter(({ amount }) => amount > 0);
  return there.map(({ name, share }) => `${decimal(share, 1)} % ${name}`).join(', ');
}
