/** The report as text: read from the top, stop when satisfied. */
import { bullet, decimal, grouped, plural, wrap } from './format.ts';
import type { Report } from './report.ts';
import { causesTable } from './text-causes.ts';
import { linesTable, loopLines, partsTable } from './text-places.ts';
import { unitLines } from './text-units.ts';

export interface TextOptions {
  /** Columns of the terminal; sentences are wrapped and instruction texts clipped to fit. */
  readonly width: number;
  /** Whether headings may be bold; nothing is said by colour alone. */
  readonly colour: boolean;
}

/** Waits that are told one by one. */
const WAITS_TOLD = 5;

const LABEL_WIDTH = 16;

/** The whole report; ends with a line feed. */
export function renderReport(report: Report, { width, colour }: TextOptions): string {
  const heading = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const unit = report.issueWidth === 1 ? 'cycles' : 'issue slots';
  const sections: (readonly [string, readonly string[]])[] = [
    [title(report), headline(report, width)],
    [`Where the ${unit} went`, causesTable(report, width)],
    ['Who waited for whom', waitLines(report, width)],
    ['Units', unitLines(report, width)],
    ['By source line', linesTable(report, width)],
    ['By part of the model', partsTable(report)],
    ['Loops', loopLines(report)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([name, lines]) => `${heading(name)}\n${lines.join('\n')}\n`)
    .join('\n');
}

function title({ program, machine }: Report): string {
  return `${program.name} on ${machine.name} (${machine.title})`;
}

function headline(report: Report, width: number): string[] {
  const { cycles, bound, largestLoss, advice } = report;
  const slower =
    bound.cycles > 0 ? `; the run takes ${decimal(cycles / bound.cycles, 2)} × that` : '';
  const entries: [string, string][] = [
    ['cycles', grouped(cycles)],
    ['instructions', instructionsText(report)],
    ['lower bound', `${grouped(bound.cycles)}, set by ${bound.setBy}: ${bound.sentence}${slower}`],
    ['largest loss', largestLoss?.sentence ?? 'none'],
    ['try', advice],
  ];
  return entries.flatMap(([label, text]) => {
    const lines = wrap(text, width - LABEL_WIDTH);
    return lines.map((line, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH - 2)}${line}`);
  });
}

function instructionsText({ instructions, unfinished, cpi }: Report): string {
  const pace = cpi === null ? '' : `, ${decimal(cpi, 2)} cycles each`;
  const cut = unfinished > 0 ? `; cut off with ${grouped(unfinished)} of them unfinished` : '';
  return `${grouped(instructions)}${pace}${cut}`;
}

/** The heaviest waits as sentences, the others as a sum. */
function waitLines({ edges, issueWidth }: Report, width: number): string[] {
  const told = edges.slice(0, WAITS_TOLD).flatMap(({ sentence }) => bullet(sentence, width));
  const others = edges.slice(WAITS_TOLD);
  if (others.length === 0) return told;
  const slots = others.reduce((sum, edge) => sum + edge.cycles, 0);
  const lost =
    issueWidth === 1 ? `waited ${plural(slots, 'cycle')}` : `lost ${plural(slots, 'slot')}`;
  return [...told, `  - ${plural(others.length, 'other pair')} ${lost}.`];
}
