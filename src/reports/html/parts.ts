/** Parts of the model as a tree that unfolds. */
import { grouped, plural } from '../format.ts';
import { parentOf } from '../places.ts';
import type { PartUse, Report } from '../report.ts';
import type { Markup } from '../svg/markup.ts';
import { block, tag } from '../svg/markup.ts';
import { showShare } from '../text-causes.ts';
import { slotNoun } from './causes.ts';
import { waits } from './places.ts';

/** In program order; each part holds what is below it. */
export function partsSection(report: Report): Markup | undefined {
  const { parts } = report;
  if (parts.length === 0) return undefined;
  const below = new Map<string | undefined, PartUse[]>();
  for (const part of parts) {
    const parent = parentOf(part.path);
    const siblings = below.get(parent);
    if (siblings) siblings.push(part);
    else below.set(parent, [part]);
  }
  const list = (parent: string | undefined): Markup =>
    block('ul', { class: 'parts' }, ...below.get(parent)!.map((part) => item(part)));
  const item = (part: PartUse): Markup => {
    const text = partText(part, report);
    if (!below.has(part.path)) return tag('li', {}, ...text);
    const isTop = parentOf(part.path) === undefined;
    const folded = block(
      'details',
      isTop ? { open: '' } : {},
      tag('summary', {}, ...text),
      list(part.path),
    );
    return tag('li', {}, folded);
  };
  return block('section', {}, tag('h2', {}, 'By part of the model'), list(undefined));
}

/** `head 1: 6 cycles, 20.7 %, 1 executed`, and below it what these cycles were. */
function partText(part: PartUse, report: Report): (Markup | string)[] {
  const { path, instructions, slotsTotal, sharePercent, slots } = part;
  const share = showShare(sharePercent, report.slotsTotal);
  const counts = `${plural(slotsTotal, slotNoun(report))}, ${share}, ${grouped(instructions)} executed`;
  const causes = waits(slots);
  return [
    tag('strong', {}, nameOf(path)),
    ` ${counts}`,
    ...(causes === '' ? [] : [tag('span', { class: 'causes' }, causes)]),
  ];
}

function nameOf(path: string): string {
  return path === '' ? '(no part)' : path.split('/').at(-1)!;
}
