/** How areas look: a colour for each family of causes, and a texture that tells them apart without it. */
import type { Cause } from '../../timing/causes.ts';
import type { Markup } from './markup.ts';
import { tag } from './markup.ts';

/** What an area can stand for. */
export type Fill = Cause | 'unattributed' | 'useful' | 'wasted' | 'idle';

type Family = 'work' | 'edges' | 'control' | 'data' | 'structural' | 'memory' | 'empty' | 'wrong';

/** Lines drawn over a tile of 8 × 8. */
const TEXTURES = {
  plain: '',
  rising: 'M-2 2L2-2M0 8L8 0M6 10L10 6',
  falling: 'M-2 6L2 10M0 0L8 8M6-2L10 2',
  level: 'M0 2H8M0 6H8',
  upright: 'M2 0V8M6 0V8',
  crossed: 'M0 0L8 8M0 8L8 0',
  dotted: 'M1 2H3M5 6H7',
  boxed: 'M0 4H8M4 0V8',
  zigzag: 'M0 6L4 2L8 6',
} as const;

const LOOKS: Readonly<Record<Fill, readonly [Family, keyof typeof TEXTURES]>> = {
  issue: ['work', 'plain'],
  fill: ['edges', 'dotted'],
  control: ['control', 'zigzag'],
  raw: ['data', 'rising'],
  waw: ['data', 'falling'],
  war: ['data', 'crossed'],
  'structural.alu': ['structural', 'dotted'],
  'structural.mxu': ['structural', 'level'],
  'structural.vec': ['structural', 'upright'],
  'structural.sfu': ['structural', 'boxed'],
  'structural.dma': ['structural', 'zigzag'],
  'structural.port': ['structural', 'rising'],
  'structural.queue': ['structural', 'falling'],
  'structural.bank': ['structural', 'crossed'],
  'memory.latency': ['memory', 'falling'],
  'memory.bandwidth': ['memory', 'boxed'],
  'memory.miss': ['memory', 'crossed'],
  'memory.order': ['memory', 'upright'],
  drain: ['edges', 'upright'],
  unattributed: ['wrong', 'plain'],
  useful: ['work', 'plain'],
  wasted: ['data', 'rising'],
  idle: ['empty', 'plain'],
};

/** The patterns of these areas, for the definitions of a figure whose names begin with `id`. */
export function patterns(id: string, fills: readonly Fill[]): Markup[] {
  return [...new Set(fills)].map((fill) => {
    const [family, texture] = LOOKS[fill];
    const size = { width: 8, height: 8 };
    const lines = TEXTURES[texture];
    return tag(
      'pattern',
      { id: patternId(id, fill), ...size, patternUnits: 'userSpaceOnUse' },
      tag('rect', { ...size, class: `lasm-${family}` }),
      ...(lines === '' ? [] : [tag('path', { d: lines, class: 'lasm-texture' })]),
    );
  });
}

/** The value of a `fill` attribute. */
export function fillOf(id: string, fill: Fill): string {
  return `url(#${patternId(id, fill)})`;
}

function patternId(id: string, fill: Fill): string {
  return `${id}-${fill.replace('.', '-')}`;
}

/** Colours and lines of every figure; dark where the reader prefers that. */
export const FIGURE_STYLE = `
.lasm-figure { font: 12px system-ui, sans-serif; }
.lasm-figure text { fill: #1c2330; }
.lasm-figure .lasm-quiet { fill: #566072; }
.lasm-figure .lasm-strong { font-weight: 600; font-size: 14px; }
.lasm-figure .lasm-title { font-weight: 600; font-size: 17px; }
.lasm-paper, .lasm-empty { fill: #ffffff; }
.lasm-work { fill: #8fb4ea; }
.lasm-edges { fill: #e6e8ec; }
.lasm-control { fill: #cdbcf0; }
.lasm-data { fill: #f3c078; }
.lasm-structural { fill: #a9d8b0; }
.lasm-memory { fill: #eeaab4; }
.lasm-wrong { fill: #d0021b; }
.lasm-texture { fill: none; stroke: #1c2330; stroke-opacity: 0.55; }
.lasm-outline { fill: none; stroke: #1c2330; stroke-width: 0.75; }
.lasm-grid { stroke: #d9dde4; }
.lasm-roof { fill: none; stroke: #1c2330; stroke-width: 2.5; stroke-linejoin: round; }
.lasm-below { fill: #8fb4ea; fill-opacity: 0.14; }
.lasm-guide { fill: none; stroke: #566072; stroke-dasharray: 4 4; }
.lasm-point { fill: #c2410c; stroke: #ffffff; stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
.lasm-figure text { fill: #e4e8ef; }
.lasm-figure .lasm-quiet { fill: #a3adbd; }
.lasm-paper, .lasm-empty { fill: #14181f; }
.lasm-work { fill: #3f6fb5; }
.lasm-edges { fill: #3a414d; }
.lasm-control { fill: #6a52a3; }
.lasm-data { fill: #a86a14; }
.lasm-structural { fill: #2f7a45; }
.lasm-memory { fill: #a13d4e; }
.lasm-texture { stroke: #e4e8ef; }
.lasm-outline { stroke: #e4e8ef; }
.lasm-grid { stroke: #2c333f; }
.lasm-roof { stroke: #e4e8ef; }
.lasm-below { fill: #3f6fb5; fill-opacity: 0.2; }
.lasm-guide { stroke: #a3adbd; }
.lasm-point { fill: #fb923c; stroke: #14181f; }
}
`;
