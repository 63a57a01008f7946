/** Tables that say what their rows and columns are. */
import type { Child, Markup } from '../svg/markup.ts';
import { block, tag } from '../svg/markup.ts';

export interface Column {
  readonly title: string;
  readonly kind: 'text' | 'number' | 'share' | 'code';
}

/** A cell: a text, a share in per cent with the text that tells it, or what was built elsewhere. */
export type Cell = Child | { readonly share: number; readonly text: string };

export interface Rows {
  readonly body: readonly (readonly Cell[])[];
  /** Sums below the line. */
  readonly foot?: readonly (readonly Cell[])[];
}

/** A table with a caption for those who do not see it; the first cell of each row is its heading. */
export function tableOf(caption: string, columns: readonly Column[], rows: Rows): Markup {
  const titles = columns.map(({ title, kind }) => {
    return tag('th', { scope: 'col', ...looks(kind) }, title);
  });
  const written = (cells: readonly Cell[]) => tag('tr', {}, ...cellsOf(columns, cells));
  const { body, foot = [] } = rows;
  const table = block(
    'table',
    { 'aria-label': caption },
    tag('thead', {}, tag('tr', {}, ...titles)),
    block('tbody', {}, ...body.map(written)),
    ...(foot.length > 0 ? [block('tfoot', {}, ...foot.map(written))] : []),
  );
  return tag('div', { class: 'wide' }, table);
}

function looks(kind: Column['kind']): { class?: string } {
  return kind === 'number' || kind === 'share' ? { class: 'number' } : {};
}

/** Rows may end early; the cells that are missing are empty. */
function cellsOf(columns: readonly Column[], cells: readonly Cell[]): Markup[] {
  return columns.map(({ kind }, i) => {
    const cell = cells[i] ?? '';
    if (typeof cell !== 'string' && 'share' in cell) {
      const style = `--part: ${cell.share.toFixed(1)}`;
      return tag('td', { class: 'number share', style }, cell.text);
    }
    if (i === 0) return tag('th', { scope: 'row' }, cell);
    const isCode = kind === 'code' && cell !== '';
    return tag('td', looks(kind), isCode ? tag('code', {}, cell) : cell);
  });
}

/** Terms and what is said of each. */
export function definitions(
  attributes: Readonly<Record<string, string>>,
  entries: readonly (readonly [string, Child])[],
): Markup {
  const pairs = entries.flatMap(([term, said]) => [tag('dt', {}, term), tag('dd', {}, said)]);
  return block('dl', attributes, ...pairs);
}
