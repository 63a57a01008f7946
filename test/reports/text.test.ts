/** The report as text; what docs/report.md shows is what comes out. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDiagram } from '../../src/reports/diagram.ts';
import { clip, decimal, grouped, table, wrap } from '../../src/reports/format.ts';
import { renderReport } from '../../src/reports/text.ts';
import type { ListingLine } from '../../src/timing/events.ts';
import { CHAIN, EMPTY, loops, reportOn } from './programs.ts';
import { CLASSIC, eventsOf, headerOf, listingLine } from './support.ts';

const plain = { width: 100, colour: false };
const textOf = (run: typeof CHAIN, options = plain) => renderReport(reportOn(run), options);

describe('the text', () => {
  it('is what docs/report.md shows', () => {
    const docs = readFileSync(new URL('../../docs/report.md', import.meta.url), 'utf8');
    const blocks = [...docs.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block]) => block);
    const diagram = (run: typeof CHAIN) => {
      const { listen, render } = createDiagram(run.header);
      run.events.forEach(listen);
      return `${render()}\n`;
    };
    expect(blocks).toEqual([textOf(CHAIN), diagram(CHAIN), diagram(loops())]);
  });

  it('says in bold what it says without', () => {
    const bold = textOf(CHAIN, { ...plain, colour: true });
    expect(bold).toContain('\u001b[1mUnits\u001b[22m\n');
    expect(bold.replace(/\u001b\[\d+m/g, '')).toBe(textOf(CHAIN));
  });

  it('says that an empty program does nothing', () => {
    const lines = textOf(EMPTY).split('\n');
    expect(lines).toContain('  instructions  0');
    expect(lines).toContain('  lower bound   0, set by nothing: no instruction was finished');
    expect(lines).toContain('  total                   0       -');
  });

  it('says that a run was cut off', () => {
    const events = CHAIN.events.filter((e) => e.cycle <= 8 && e.kind !== 'end');
    const run = { ...CHAIN, events: [...events, { kind: 'end', cycle: 8 } as const] };
    expect(textOf(run)).toContain('2, 4.00 cycles each; cut off with 1 of them unfinished\n');
  });

  it('tells loops and sums', () => {
    const text = textOf(loops());
    expect(text).toContain('  line 2 to line 4: iterations 3–7 identical, II = 7 cycles\n');
    expect(text).toContain('  - 2 other pairs waited 4 cycles.\n');
  });

  it('adds a column for causes that were hidden by others', () => {
    const events = CHAIN.events.map((event) =>
      event.kind === 'charge' && event.cause === 'raw' ? { ...event, causes: ~0 } : event,
    );
    const text = textOf({ ...CHAIN, events });
    expect(text).toMatch(/ {2}cause +cycles +share +also true {3}what it means/);
    expect(text).toMatch(/ {2}structural.mxu +7 +24.1 % +10 {3}the matrix unit is busy/);
  });

  it('loses nothing when rows are summed', () => {
    const listing = Array.from({ length: 15 }, (_, i): ListingLine => {
      const place = { line: i + 1, part: `layer ${i}`, file: i < 7 ? 'a.lasm' : 'b.lasm' };
      return listingLine(`LI r${i + 1}, 0`, 'alu', [], 33 + i, place);
    });
    const rows = listing.map((_, i) => `${i} | ${'    '.repeat(i)}IF  ID  EX  MEM WB`);
    const run = { header: headerOf(CLASSIC, listing), events: eventsOf(listing, rows.join('\n')) };
    const text = textOf(run);
    expect(text).toMatch(/ {2}a\.lasm:1 +1 +1 +5\.\d % +LI r1, 0/);
    expect(text).toMatch(/ {2}5 other instructions +5 +5 +26\.\d %/);
    expect(text).toMatch(/ {2}total +15 +19 +100\.0 %/);
    expect(text).toMatch(/ {2}layer 5 +1 +1 +5\.3 %\n {2}9 other parts +9 +9 +47\.\d %/);
  });
});

describe('numbers and tables', () => {
  it('groups thousands', () => {
    expect([0, 999, 1000, 1234567, -1234].map(grouped)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '-1,234',
    ]);
    expect(decimal(12345.678, 2)).toBe('12,345.68');
  });

  it('aligns columns and leaves no trailing spaces', () => {
    const columns = [
      { title: 'a', align: 'left' },
      { title: 'n', align: 'right' },
    ] as const;
    expect(table(columns, [['long', '1'], ['x']])).toEqual(['  a      n', '  long   1', '  x']);
  });

  it('clips and wraps', () => {
    expect(clip('abcdef', 6)).toBe('abcdef');
    expect(clip('abcdefg', 6)).toBe('abcd..');
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  });
});
