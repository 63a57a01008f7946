/** Panels: parts of a picture that are drawn from y = 0, told in words too, and stacked into figures. */
import type { Fill } from './fills.ts';
import { FIGURE_STYLE, patterns } from './fills.ts';
import type { Child, Markup } from './markup.ts';
import { block, tag } from './markup.ts';

/** Width of every figure. */
export const WIDTH = 720;

export const MARGIN = 20;

export interface Panel {
  /** Left out where it stands alone: what is around it says it then. */
  readonly heading?: string;
  readonly height: number;
  readonly content: readonly Markup[];
  /** The areas it draws. */
  readonly fills: readonly Fill[];
  /** What it shows, for those who do not see it. */
  readonly words: string;
}

/** How every figure begins; the rest of the name space is XML's. */
export const FIGURE_START = '<svg xmlns="http://www.w3.org/2000/svg" class="lasm-figure"';

export interface FigureOptions {
  /** Begins the name of every definition, so that several figures can stand in one page. */
  readonly id: string;
  readonly title: string;
  /** Whether it brings its colours along, or stands in a page that has them. */
  readonly standalone: boolean;
}

/** Panels on top of one another, each below its heading unless it is the only one. */
export function figure(panels: readonly Panel[], { id, title, standalone }: FigureOptions): Markup {
  const placed = panels.flatMap((panel) => (panels.length > 1 ? withHeading(panel) : [panel]));
  const height = placed.reduce((sum, panel) => sum + panel.height, 0);
  const fills = panels.flatMap((panel) => panel.fills);
  return block(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'lasm-figure',
      viewBox: `0 0 ${WIDTH} ${height}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    tag('title', { id: `${id}-title` }, title),
    tag('desc', { id: `${id}-desc` }, panels.map(({ words }) => words).join(' ')),
    ...(standalone ? [tag('style', {}, { markup: FIGURE_STYLE })] : []),
    ...(fills.length > 0 ? [block('defs', {}, ...patterns(id, fills))] : []),
    tag('rect', { width: WIDTH, height, class: 'lasm-paper' }),
    ...stacked(placed),
  );
}

const HEADING_HEIGHT = 30;

type Drawn = Pick<Panel, 'height' | 'content'>;

function withHeading(panel: Panel): Drawn[] {
  if (panel.heading === undefined) return [panel];
  const heading = label(MARGIN, 20, panel.heading, { look: 'strong' });
  return [{ height: HEADING_HEIGHT, content: [heading] }, panel];
}

function stacked(panels: readonly Drawn[]): Markup[] {
  let y = 0;
  return panels.map(({ height, content }) => {
    const placed = block('g', { transform: `translate(0 ${y})` }, ...content);
    y += height;
    return placed;
  });
}

export type Anchor = 'start' | 'middle' | 'end';

/** A text whose base line is at y. */
export function label(
  x: number,
  y: number,
  text: Child,
  { anchor = 'start', look = '' }: { readonly anchor?: Anchor; readonly look?: string } = {},
): Markup {
  const side = anchor === 'start' ? {} : { 'text-anchor': anchor };
  return tag('text', { x, y, ...side, ...(look === '' ? {} : { class: `lasm-${look}` }) }, text);
}

/** Pixels that a text of 12 px takes, at the most likely; fonts differ. */
export function widthOf(text: string): number {
  return text.length * 6.5;
}
