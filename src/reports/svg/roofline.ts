/** The report as pictures: SVG without scripts, fonts or files from elsewhere. */
import { clip, percent, plural } from '../format.ts';
import type { Report } from '../report.ts';
import { causesPanel } from './causes-panel.ts';
import type { Markup } from './markup.ts';
import type { Panel } from './panel.ts';
import { MARGIN, figure, label } from './panel.ts';
import { rooflinePanel } from './roofline-panel.ts';
import { usePanel } from './use-panel.ts';

/** Characters of a heading, and of the line below it, that fit into the width. */
const TITLE_CHARACTERS = 72;
const LINE_CHARACTERS = 104;

/**
 * The whole picture, a file of its own: what ran where, the roofline, how much of the machine was
 * used, and where the cycles went. It ends with a line feed.
 */
export function renderRooflineSvg(report: Report): string {
  const id = 'lasm';
  const panels = [
    headPanel(report),
    rooflinePanel(report),
    usePanel(report, id),
    causesPanel(report, id),
  ];
  const title = titleOf(report);
  return `${figure(panels, { id, title, standalone: true }).markup}\n`;
}

/** Where the cycles went, for a page that has FIGURE_STYLE. */
export function causesFigure(report: Report): Markup {
  const id = 'lasm-causes';
  const title = `Causes: ${titleOf(report)}`;
  return figure([causesPanel(report, id)], { id, title, standalone: false });
}

/** The roofline and what was used, for a page that has FIGURE_STYLE. */
export function unitsFigure(report: Report): Markup {
  const id = 'lasm-units';
  const title = `Units: ${titleOf(report)}`;
  const panels = [rooflinePanel(report), usePanel(report, id)];
  return figure(panels, { id, title, standalone: false });
}

function titleOf({ program, machine }: Report): string {
  return `${program.name} on ${machine.name}`;
}

function headPanel(report: Report): Panel {
  const { cycles, instructions, machine, mac } = report;
  const counts = `${plural(cycles, 'cycle')}, ${plural(instructions, 'instruction')}`;
  const use = mac.useful > 0 ? `, ${percent(mac.utilisation * 100)} of the MACs possible` : '';
  const line = `${counts}${use}; ${machine.title}`;
  return {
    height: 66,
    content: [
      label(MARGIN, 30, clip(titleOf(report), TITLE_CHARACTERS), { look: 'title' }),
      label(MARGIN, 50, clip(line, LINE_CHARACTERS), { look: 'quiet' }),
    ],
    fills: [],
    words: `${counts}.`,
  };
}
