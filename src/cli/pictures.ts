/** The report as files to look at: an SVG picture and an HTML page. */
import { PAGE_START, renderHtml } from '../reports/html/page.ts';
import type { Report } from '../reports/report.ts';
import { FIGURE_START } from '../reports/svg/panel.ts';
import { renderRooflineSvg } from '../reports/svg/roofline.ts';
import { writeWhole } from './files.ts';

const SVG = { name: 'picture made by lasm', magic: FIGURE_START };
const HTML = { name: 'page made by lasm', magic: PAGE_START };

export interface Pictures {
  /** Where the picture goes. */
  readonly svg?: string;
  /** Where the page goes. */
  readonly html?: string;
  /** The pipeline diagram for the page, as text. */
  readonly diagram?: string;
}

/** Writes what is asked for; throws a Failure when a file is in the way or cannot be written. */
export function writePictures(report: Report, { svg, html, diagram }: Pictures): void {
  if (svg !== undefined) writeWhole(svg, renderRooflineSvg(report), SVG);
  if (html === undefined) return;
  writeWhole(html, renderHtml(report, diagram === undefined ? {} : { diagram }), HTML);
}
