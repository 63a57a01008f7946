/** The page: well-formed, safe with any names, and the numbers of the report. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writePictures } from '../../src/cli/pictures.ts';
import { entriesByCause } from '../../src/reports/by-cause.ts';
import { grouped, percent } from '../../src/reports/format.ts';
import { renderHtml } from '../../src/reports/html/page.ts';
import type { Edge, Report } from '../../src/reports/report.ts';
import { renderRooflineSvg } from '../../src/reports/svg/roofline.ts';
import { ATTACK, hostile } from './hostile.ts';
import { CHAIN, EMPTY, loops, reportOn } from './programs.ts';
import { outlineOf } from './well-formed.ts';

const chain = reportOn(CHAIN);
const all: readonly (readonly [string, Report])[] = [
  ['a run', chain],
  ['loops', reportOn(loops())],
  ['a run of no cycles', reportOn(EMPTY)],
  ['a hostile run', reportOn(hostile())],
];

/** The cells of the table with this name, row by row; markup inside cells is dropped. */
function cellsOf(page: string, name: string): string[][] {
  const table = page.split(`<table aria-label="${name}">`)[1]!.split('</table>')[0]!;
  return table
    .split('<tr>')
    .slice(1)
    .map((row) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell]) => outlineOf(cell!).text),
    );
}

const jsonOf = (page: string): unknown =>
  JSON.parse(/<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page)![1]!);

describe.each(all)('the page of %s', (_name, report) => {
  const page = renderHtml(report, { diagram: '#0 12 LOAD t0  IF  ID' });
  const { elements, ids } = outlineOf(page);

  it('is well-formed, whole and the same each time', () => {
    expect(page.startsWith('<!doctype html>\n')).toBe(true);
    expect(page.endsWith('</html>\n')).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(renderHtml(report, { diagram: '#0 12 LOAD t0  IF  ID' })).toBe(page);
    expect(page).not.toMatch(/>[^<{]*(undefined|NaN)/);
  });

  it('needs nothing from elsewhere and runs nothing', () => {
    expect(elements.filter((name) => name === 'script')).toHaveLength(1);
    for (const name of ['img', 'link', 'iframe', 'object', 'base']) {
      expect(elements).not.toContain(name);
    }
    const tags = [...page.matchAll(/<[a-z][^>]*>/g)].map(([tag]) =>
      tag.replace(/ (xmlns|id)="[^"]*"/g, ''),
    );
    expect(tags.filter((tag) => / (on\w+|src|href)=|https?:/.test(tag))).toEqual([]);
    expect(page).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"`,
    );
  });

  it('has real tables', () => {
    const headings = [...page.matchAll(/<th(?= |>)[^>]*>/g)].map(([tag]) => tag);
    expect(headings.length).toBeGreaterThan(0);
    for (const tag of headings) expect(tag).toMatch(/ scope="(row|col)"/);
  });

  it('has the whole report in it as JSON', () => {
    expect(jsonOf(page)).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('has a closed table of causes', () => {
    const rows = cellsOf(page, 'Where the cycles went');
    const shares = new Map(entriesByCause(report.shares));
    const share = (part: number) => (report.cycles === 0 ? '-' : percent(part));
    expect(rows.slice(1).map((row) => row.slice(0, 3))).toEqual([
      ...entriesByCause(report.slots).map(([cause, slots]) => [
        cause,
        grouped(slots),
        share(shares.get(cause)!),
      ]),
      ['unattributed', '0', share(0)],
      ['total', grouped(report.cycles), share(100)],
    ]);
  });

  it('has every unit', () => {
    expect(cellsOf(page, 'Units').slice(1)).toEqual(
      report.units.map((use) => [
        use.unit,
        ...[use.count, use.instructions, use.busyCycles, use.idleCycles].map(grouped),
        percent(use.utilisation * 100),
        grouped(use.blockedCycles),
      ]),
    );
  });
});

describe('the page', () => {
  const page = renderHtml(chain, { diagram: 'IF <ID> & EX' });
  const { text } = outlineOf(page);

  it('says in its head what the text says', () => {
    for (const said of [chain.bound.sentence, chain.largestLoss!.sentence, chain.advice]) {
      expect(text).toContain(said);
    }
    for (const { sentence } of chain.edges) expect(text).toContain(sentence);
    expect(cellsOf(page, 'Lower bounds').slice(1)).toHaveLength(chain.bound.all.length);
  });

  it('gives every line its cycles, and they sum to the run', () => {
    const rows = cellsOf(page, 'By source line').slice(1);
    const cycles = rows.map((row) => Number(row[2]));
    expect(cycles.at(-1)).toBe(chain.cycles);
    expect(cycles.slice(0, -1).reduce((a, b) => a + b)).toBe(chain.cycles);
    expect(rows[0]!.slice(0, 4)).toEqual(['line 15', '1', '10', '34.5 %']);
    expect(rows.at(-1)).toEqual(['total', '5', '29', '100.0 %', '', '']);
  });

  it('unfolds parts, and shows loops and the diagram', () => {
    expect(page).toMatch(
      /<details open="">\n<summary><strong>layer 0<\/strong> 7 cycles, 24\.1 %, 2 executed/,
    );
    expect(page).toContain('<li><strong>head 1</strong> 6 cycles, 20.7 %, 1 executed');
    expect(page).toContain('>IF &lt;ID&gt; &amp; EX</pre>');
    expect(cellsOf(renderHtml(reportOn(loops())), 'Loops')[1]).toEqual([
      'line 2 to line 4',
      '3–7',
      '7 cycles',
    ]);
    expect(renderHtml(chain)).not.toContain('<pre');
  });

  it('folds waits and sums what is not told', () => {
    const edge = chain.edges[0]!;
    const edges = Array.from({ length: 210 }, (): Edge => ({ ...edge, cycles: 2 }));
    const long = outlineOf(renderHtml({ ...chain, edges })).text;
    expect(long).toContain('202 other pairs waited 404 cycles.');
    expect(long).toContain('Not told: 2 other pairs waited 4 cycles.');
    expect(long.split(edge.sentence)).toHaveLength(209);
  });

  it('sums lines beyond those shown', () => {
    const line = chain.lines[0]!;
    const lines = Array.from({ length: 260 }, (_, pc) => ({
      ...line,
      pc,
      slotsTotal: 1,
      sharePercent: 0.1,
    }));
    const rows = cellsOf(renderHtml({ ...chain, slotsTotal: 1000, lines }), 'By source line');
    expect(rows).toHaveLength(1 + 250 + 3);
    expect(rows.at(-3)!.slice(0, 4)).toEqual(['10 other instructions', '10', '10', '1.0 %']);
  });

  it('speaks of issue slots on a machine that issues several instructions', () => {
    const wide = outlineOf(renderHtml({ ...chain, issueWidth: 2 })).text;
    expect(wide).toContain('Where the issue slots went');
  });

  it('shows hostile names as they are', () => {
    const attack = ATTACK.replace(/[\0\ud800]/g, '\ufffd');
    const hostilePage = renderHtml(reportOn(hostile()), { diagram: ATTACK });
    expect(outlineOf(hostilePage).text).toContain(`${attack} on ${attack}`);
    expect(hostilePage).not.toContain('<img');
    expect(hostilePage.match(/<\/script/g)).toHaveLength(1);
  });
});

describe('picture files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lasm-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const svg = join(folder, 'run.svg');
  const html = join(folder, 'run.html');

  it('are written, and written over', () => {
    for (let round = 0; round < 2; round++) writePictures(chain, { svg, html, diagram: 'IF' });
    expect(readFileSync(svg, 'utf8')).toBe(renderRooflineSvg(chain));
    expect(readFileSync(html, 'utf8')).toBe(renderHtml(chain, { diagram: 'IF' }));
  });

  it('never replace what lasm did not make', () => {
    const own = join(folder, 'own.html');
    writeFileSync(own, '<!doctype html>\n<title>mine</title>\n');
    expect(() => writePictures(chain, { html: own })).toThrow('is not a page made by lasm');
    expect(() => writePictures(chain, { svg: own })).toThrow('is not a picture made by lasm');
    expect(readFileSync(own, 'utf8')).toContain('mine');
  });
});
