/** The closed table of causes, and who waited for whom. */
import { entriesByCause } from '../by-cause.ts';
import { grouped, plural } from '../format.ts';
import type { Edge, Report } from '../report.ts';
import { MEANING } from '../sentences.ts';
import type { Markup } from '../svg/markup.ts';
import { block, group, tag } from '../svg/markup.ts';
import { causesFigure } from '../svg/roofline.ts';
import { showShare, sumTenths } from '../text-causes.ts';
import type { Cell, Column } from './table.ts';
import { tableOf } from './table.ts';

/** Slots of a run, as its machine has them. */
export function slotNoun({ issueWidth }: Report): string {
  return issueWidth === 1 ? 'cycle' : 'issue slot';
}

/** The bar, and below it a row for each cause that the machine can produce. */
export function causesSection(report: Report): Markup {
  const title = `Where the ${slotNoun(report)}s went`;
  return block(
    'section',
    {},
    tag('h2', {}, title),
    causesFigure(report),
    causesTable(report, title),
  );
}

function causesTable(report: Report, title: string): Markup {
  const { slotsTotal, unattributed } = report;
  const shares = entriesByCause(report.shares);
  const shareOf = new Map(shares);
  const also = new Map(entriesByCause(report.alsoTrue));
  const rest = sumTenths([100, ...shares.map(([, share]) => -share)]);
  const share = (part: number): Cell => ({ share: part, text: showShare(part, slotsTotal) });
  const body = entriesByCause(report.slots).map(([cause, slots]): Cell[] => {
    const hidden = grouped(also.get(cause) ?? 0);
    return [cause, grouped(slots), share(shareOf.get(cause)!), hidden, MEANING[cause]];
  });
  const foot: Cell[][] = [
    ['unattributed', grouped(unattributed), showShare(rest, slotsTotal)],
    ['total', grouped(slotsTotal), showShare(100, slotsTotal)],
  ];
  const columns: Column[] = [
    { title: 'cause', kind: 'text' },
    { title: `${slotNoun(report)}s`, kind: 'number' },
    { title: 'share', kind: 'share' },
    { title: 'also true', kind: 'number' },
    { title: 'what it means', kind: 'text' },
  ];
  const note = 'Also true: charged to a cause further up, but this one held as well.';
  return group(tableOf(title, columns, { body, foot }), tag('p', { class: 'quiet' }, note));
}

/** Waits that are told at once. */
const WAITS_TOLD = 8;
/** Waits behind them that can be unfolded. */
const WAITS_FOLDED = 200;

/** The heaviest waits as sentences, more of them on demand, the rest as a sum. */
export function blameSection(report: Report): Markup | undefined {
  const { edges } = report;
  if (edges.length === 0) return undefined;
  const folded = edges.slice(WAITS_TOLD, WAITS_TOLD + WAITS_FOLDED);
  const rest = edges.slice(WAITS_TOLD + WAITS_FOLDED);
  const more = () => {
    const title = tag('summary', {}, restText(edges.slice(WAITS_TOLD), slotNoun(report)));
    const untold =
      rest.length === 0 ? [] : [tag('p', {}, `Not told: ${restText(rest, slotNoun(report))}`)];
    return block('details', {}, title, sentences(folded), ...untold);
  };
  return block(
    'section',
    {},
    tag('h2', {}, 'Who waited for whom'),
    sentences(edges.slice(0, WAITS_TOLD)),
    ...(folded.length > 0 ? [more()] : []),
  );
}

function sentences(edges: readonly Edge[]): Markup {
  return block('ul', {}, ...edges.map(({ sentence }) => tag('li', {}, sentence)));
}

function restText(edges: readonly Edge[], noun: string): string {
  const slots = edges.reduce((sum, edge) => sum + edge.cycles, 0);
  return `${plural(edges.length, 'other pair')} waited ${plural(slots, noun)}.`;
}
