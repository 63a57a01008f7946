/** The first screen: what ran where, the five lines, and every lower bound. */
import { decimal, grouped } from '../format.ts';
import type { Report } from '../report.ts';
import type { Markup } from '../svg/markup.ts';
import { block, group, tag } from '../svg/markup.ts';
import { definitions, tableOf } from './table.ts';

export function pageTitle({ program, machine }: Report): string {
  return `${program.name} on ${machine.name}`;
}

/** Heading and headline. */
export function summary(report: Report): Markup {
  const { machine, engine, bound, largestLoss, advice } = report;
  return group(
    block(
      'header',
      {},
      tag('h1', {}, pageTitle(report)),
      tag('p', { class: 'quiet' }, `${machine.title}; ${engine} engine`),
    ),
    definitions({ class: 'headline' }, [
      ['cycles', tag('strong', {}, grouped(report.cycles))],
      ['instructions', instructionsText(report)],
      ['lower bound', boundText(report)],
      ['largest loss', largestLoss?.sentence ?? 'none'],
      ['try', advice],
    ]),
    ...(bound.all.length > 0 ? [bounds(report)] : []),
  );
}

function instructionsText({ instructions, unfinished, cpi }: Report): string {
  const pace = cpi === null ? '' : `, ${decimal(cpi, 2)} cycles each`;
  const cut = unfinished > 0 ? `; cut off with ${grouped(unfinished)} of them unfinished` : '';
  return `${grouped(instructions)}${pace}${cut}`;
}

function boundText({ cycles, bound }: Report): string {
  const ratio =
    bound.cycles > 0 ? `; the run takes ${decimal(cycles / bound.cycles, 2)} × that` : '';
  return `${grouped(bound.cycles)}, set by ${bound.setBy}: ${bound.sentence}${ratio}`;
}

function bounds({ bound }: Report): Markup {
  const rows = [...bound.all]
    .sort((a, b) => b.cycles - a.cycles)
    .map(({ name, cycles }) => [name, grouped(cycles)]);
  const columns = [
    { title: 'set by', kind: 'text' },
    { title: 'cycles', kind: 'number' },
  ] as const;
  const table = tableOf('Lower bounds', columns, { body: rows });
  return block('details', {}, tag('summary', {}, 'Every lower bound'), table);
}
