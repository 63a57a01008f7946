/** Where the cycles went, as one bar and its key. */
import { entriesByCause } from '../by-cause.ts';
import { percent } from '../format.ts';
import type { Report } from '../report.ts';
import { sumTenths } from '../text-causes.ts';
import type { Area } from './bar.ts';
import { sharesInWords, stackedBar } from './bar.ts';
import { fillOf } from './fills.ts';
import type { Markup } from './markup.ts';
import { tag } from './markup.ts';
import type { Panel } from './panel.ts';
import { MARGIN, WIDTH, label } from './panel.ts';

const BAR = { y: 4, height: 36 };
const KEY = { y: 54, columns: 3, rows: 7, rowHeight: 20, width: 200 };
const HEIGHT = KEY.y + KEY.rows * KEY.rowHeight + MARGIN;

/** Every cause that took a slot, in order of priority; a bar of no cycles is empty. */
export function causesPanel(report: Report, id: string): Panel {
  const areas = causeAreas(report);
  const unit = report.issueWidth === 1 ? 'cycle' : 'issue slot';
  const heading = `Where the ${unit}s went`;
  const frame = { id, x: MARGIN, width: WIDTH - 2 * MARGIN, noun: unit, named: true, ...BAR };
  const nothing = label(WIDTH / 2, BAR.y + 22, 'no cycles', { anchor: 'middle', look: 'quiet' });
  return {
    heading,
    height: HEIGHT,
    content: [
      ...stackedBar(areas, frame),
      ...(areas.length === 0 ? [nothing] : areas.flatMap((area, i) => keyEntry(area, i, id))),
    ],
    fills: areas.map(({ fill }) => fill),
    words: `${heading}: ${areas.length === 0 ? 'there were none' : sharesInWords(areas)}.`,
  };
}

/** The shares sum to 100.0 when there is a cycle. */
export function causeAreas({ slots, shares, unattributed }: Report): Area[] {
  const shareOf = new Map(entriesByCause(shares));
  const rest = sumTenths([100, ...[...shareOf.values()].map((share) => -share)]);
  const areas = entriesByCause(slots).map(([cause, amount]): Area => {
    return { fill: cause, name: cause, amount, share: shareOf.get(cause)! };
  });
  const left: Area = {
    fill: 'unattributed',
    name: 'unattributed',
    amount: unattributed,
    share: rest,
  };
  return [...areas, left].filter(({ amount }) => amount > 0);
}

/** Down the columns, in the order of the bar. */
function keyEntry({ fill, name, share }: Area, index: number, id: string): Markup[] {
  const column = Math.floor(index / KEY.rows);
  const x = MARGIN + (column * (WIDTH - 2 * MARGIN)) / KEY.columns;
  const y = KEY.y + (index % KEY.rows) * KEY.rowHeight;
  const swatch = { x, y, width: 22, height: 14 };
  return [
    tag('rect', { ...swatch, fill: fillOf(id, fill) }),
    tag('rect', { ...swatch, class: 'lasm-outline' }),
    label(x + 30, y + 11, name),
    label(x + KEY.width, y + 11, percent(share), { anchor: 'end' }),
  ];
}
