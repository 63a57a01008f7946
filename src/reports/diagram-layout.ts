/** The layout of the diagram: labels, columns, panels that fit the terminal, and the legend. */
import type { ListingLine } from '../timing/events.ts';
import { legend } from './diagram-cells.ts';
import type { DiagramColumn } from './diagram-columns.ts';
import { columnsOf } from './diagram-columns.ts';
import type { Flight } from './flights.ts';
import { clip, grouped, plural } from './format.ts';
import type { SteadyRun } from './loops.ts';

/** What is drawn: an instruction, or the iterations that look like the one before. */
export type DiagramItem =
  | { readonly kind: 'flight'; readonly flight: Flight }
  | { readonly kind: 'same'; readonly run: SteadyRun };

interface Layout {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** Instructions that are not drawn. */
  readonly more: number;
}

/** A label takes at most this part of the width. */
const LABEL_SHARE = 0.4;

/** Room for `MEM` or `raw` and a gap. */
const CELL_WIDTH = 4;

/**
 * Draws the items in panels that are `width` columns wide at most:
 * ```
 *                       0   1   2   3   4   5   6   7
 * #0  12 LOAD t0, [X]   IF  ID  EX  MEM WB
 * #1  13 ADD t1, t0, t0     IF  ID  raw raw EX  MEM WB
 * ```
 */
export function layOut(
  listing: readonly ListingLine[],
  items: readonly DiagramItem[],
  { from, to, width, more }: Layout,
): string {
  const flights = items.flatMap((item) => (item.kind === 'flight' ? [item.flight] : []));
  if (flights.length === 0) return 'no instruction is in the pipeline in these cycles';
  const labels = labelsOf(listing, items, Math.floor(width * LABEL_SHARE));
  const labelWidth = Math.max(...labels.map((label) => label.length)) + 2;
  const panels = panelsOf(columnsOf(flights, from, to), width - labelWidth);
  const used = new Set(panels.flat().flatMap(({ cells }) => cells.map(nameOf)));
  const lines = panels.map((panel) => drawPanel(panel, items, labels, labelWidth).join('\n'));
  const rest = more > 0 ? [`… ${grouped(more)} more instruction${more === 1 ? '' : 's'}`] : [];
  const notes = legend(used);
  return [...lines, ...rest, ...(notes.length > 0 ? [notes.join('\n')] : [])].join('\n\n');
}

/** `EX*22` → `EX`. */
function nameOf(cell: string): string {
  return cell.split('*')[0]!;
}

/** `#1  13 ADD t1, t0, t0`, numbers aligned; empty where iterations are folded. */
function labelsOf(
  listing: readonly ListingLine[],
  items: readonly DiagramItem[],
  maxWidth: number,
): string[] {
  const flights = items.flatMap((item) => (item.kind === 'flight' ? [item.flight] : []));
  const idWidth = Math.max(...flights.map(({ id }) => `#${id}`.length));
  const lineWidth = Math.max(...flights.map(({ pc }) => `${listing[pc]!.line}`.length));
  return items.map((item) => {
    if (item.kind === 'same') return '';
    const { line, text } = listing[item.flight.pc]!;
    const id = `#${item.flight.id}`.padEnd(idWidth);
    return clip(`${id} ${`${line}`.padStart(lineWidth)} ${text}`, maxWidth);
  });
}

function widthOf({ title, cells }: DiagramColumn): number {
  return Math.max(CELL_WIDTH, ...[title, ...cells].map((text) => text.length + 1));
}

/** As many columns in each panel as fit, but at least one. */
function panelsOf(columns: readonly DiagramColumn[], width: number): DiagramColumn[][] {
  const panels: DiagramColumn[][] = [];
  let left = 0;
  for (const column of columns) {
    const needs = widthOf(column);
    if (panels.length === 0 || needs > left) {
      panels.push([]);
      left = width;
    }
    panels.at(-1)!.push(column);
    left -= needs;
  }
  return panels;
}

/** The title line, then the rows that are in flight in the panel. */
function drawPanel(
  panel: readonly DiagramColumn[],
  items: readonly DiagramItem[],
  labels: readonly string[],
  labelWidth: number,
): string[] {
  const draw = (label: string, texts: readonly string[]) =>
    (
      label.padEnd(labelWidth) + texts.map((text, i) => text.padEnd(widthOf(panel[i]!))).join('')
    ).trimEnd();
  const lines = [
    draw(
      '',
      panel.map(({ title }) => title),
    ),
  ];
  const last = panel.at(-1)!;
  const endCycle = last.firstCycle + last.cycles;
  let row = -1;
  let endsHere = false;
  items.forEach((item, i) => {
    if (item.kind === 'same') {
      if (endsHere) lines.push(`  ${sameText(item.run)}`);
      return;
    }
    row++;
    const cells = panel.map((column) => column.cells[row]!);
    const isVisible = cells.some((cell) => cell !== '');
    if (isVisible) lines.push(draw(labels[i]!, cells));
    endsHere = isVisible && item.flight.retireCycle <= endCycle;
  });
  return lines;
}

function sameText({ firstIteration, lastIteration, intervalCycles }: SteadyRun): string {
  const iterations = `${grouped(firstIteration)}–${grouped(lastIteration)}`;
  return `iterations ${iterations} identical, II = ${plural(intervalCycles, 'cycle')}`;
}
