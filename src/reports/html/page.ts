/** The report as one HTML file that needs nothing else: no network, no script, no other file. */
import type { Report } from '../report.ts';
import { FIGURE_STYLE } from '../svg/fills.ts';
import type { Markup } from '../svg/markup.ts';
import { block, tag } from '../svg/markup.ts';
import { blameSection, causesSection } from './causes.ts';
import { partsSection } from './parts.ts';
import { linesSection, loopsSection } from './places.ts';
import { PAGE_STYLE } from './style.ts';
import { pageTitle, summary } from './summary.ts';
import { unitsSection } from './units.ts';

/** How every page begins: standards mode, and by whom it was made. */
export const PAGE_START = '<!doctype html>\n<!-- Lasm report -->\n';

export interface HtmlOptions {
  /** The pipeline diagram, as text. */
  readonly diagram?: string;
}

/**
 * The whole report as a page; whatever comes from the program is escaped. The report itself is in
 * it as JSON, in the element with the id `report`. It ends with a line feed.
 */
export function renderHtml(report: Report, { diagram }: HtmlOptions = {}): string {
  const sections = [
    causesSection(report),
    blameSection(report),
    unitsSection(report),
    linesSection(report),
    partsSection(report),
    loopsSection(report),
    diagram === undefined ? undefined : diagramSection(diagram),
  ].filter((section) => section !== undefined);
  const body = block('body', {}, block('main', {}, summary(report), ...sections), json(report));
  return `${PAGE_START}${block('html', { lang: 'en' }, head(report), body).markup}\n`;
}

/** Browsers are told to load and run nothing, should a mistake of ours ever ask them to. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

function head(report: Report): Markup {
  return block(
    'head',
    {},
    tag('meta', { charset: 'utf-8' }),
    tag('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    tag('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    tag('title', {}, pageTitle(report)),
    tag('style', {}, { markup: PAGE_STYLE + FIGURE_STYLE }),
  );
}

/** The box can be scrolled with the keyboard too. */
function diagramSection(diagram: string): Markup {
  const box = { tabindex: 0, role: 'region', 'aria-label': 'Pipeline diagram' };
  return block('section', {}, tag('h2', {}, 'Pipeline diagram'), tag('pre', box, diagram));
}

/** No text in it can end the element: `<` is written as JSON's own escape. */
function json(report: Report): Markup {
  const text = JSON.stringify(report).replace(/</g, '\\u003c');
  return tag('script', { type: 'application/json', id: 'report' }, { markup: text });
}
