/** Fills the parts of written pages that are derived: `<!-- generated: NAME -->` to `<!-- end -->`. */
import { format } from 'prettier';
import { numberLines } from '../../src/debug/matrix-text.ts';
import type { Graph } from '../../src/model/graph.ts';
import { adder } from '../../src/model/handmade/adder.ts';
import { reverse } from '../../src/model/handmade/reverse.ts';
import { operatorManual } from '../../src/model/operators/manual.ts';

/** What makes each section, by its name. */
const SECTIONS: Readonly<Record<string, () => string>> = {
  operators: operatorManual,
  'reverse tiles': () => tiles(reverse(), ['wq', 'wv']),
  'adder tiles': () => tiles(adder(2), ['wk', 'wo', 'w1']),
};

/** The page with its derived sections as they are now; throws when it names one that is not there. */
export async function refreshSections(page: string): Promise<string> {
  const pieces = page.split(/(<!-- generated: .+? -->\n)[\s\S]*?(?=<!-- end -->)/);
  const filled = pieces.map(async (piece) => {
    const name = /^<!-- generated: (.+) -->\n$/.exec(piece)?.[1];
    if (name === undefined) return piece;
    const make = SECTIONS[name];
    if (!make) throw new Error(`no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}`);
    return `${piece}\n${await format(make(), { parser: 'markdown' })}\n`;
  });
  return (await Promise.all(filled)).join('');
}

/** Weights of a graph, as matrices with the names of their rows and columns. */
function tiles({ weights }: Graph, names: readonly string[]): string {
  const shown = names.flatMap((name) => {
    const { shape, read, rowNames, colNames } = weights.find((weight) => weight.name === name)!;
    const [rows, cols] = shape as [number, number];
    const { data } = read();
    const isInteger = data.every(Number.isInteger);
    const lines = numberLines({ rows, cols, values: data, isInteger, rowNames, colNames });
    return [`${name}, ${rows} × ${cols}:`, ...lines, ''];
  });
  return ['```text', ...shown.slice(0, -1), '```'].join('\n');
}
