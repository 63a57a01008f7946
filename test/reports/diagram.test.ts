/** Pipeline diagrams, compared with what one would draw by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiagramOptions } from '../../src/reports/diagram.ts';
import { createDiagram } from '../../src/reports/diagram.ts';
import type { Run } from './programs.ts';
import { CHAIN, EMPTY, loops } from './programs.ts';
import { schedules } from './schedules.ts';
import { CLASSIC, RUNS, eventsOf, headerOf, listingLine } from './support.ts';

function draw({ header, events }: Run, options: DiagramOptions = {}): string {
  const { listen, render } = createDiagram(header, options);
  events.forEach(listen);
  return render();
}

/** Without the line feeds that make the literal readable. */
const picture = (text: string) => text.slice(1, -1);

describe('the diagram of the textbooks', () => {
  it('puts the cause into each waiting cell', () => {
    const listing = [
      listingLine('LOAD t0, [X]', 'dma', [], 0, { line: 12 }),
      listingLine('ADD t1, t0, t0', 'vec', [0], 1, { line: 13 }),
    ];
    const events = eventsOf(
      listing,
      `
0 | IF  ID  EX  MEM WB
1 |     IF  ID  raw0raw0EX  MEM WB`,
    );
    expect(draw({ header: headerOf(CLASSIC, listing), events })).toBe(
      picture(`
                      0   1   2   3   4   5   6   7
#0 12 LOAD t0, [X]    IF  ID  EX  MEM WB
#1 13 ADD t1, t0, t0      IF  ID  raw raw EX  MEM WB

raw   an operand has not been computed or loaded yet
`),
    );
  });

  it('folds cycles in which nothing changes, and breaks into panels', () => {
    expect(draw(CHAIN, { width: 80 })).toBe(
      picture(`
                                  0   1   2   3–6   7   8   9   10  11  12
#0 12 LOAD t0, [X], rows=4, co..  IF  ID  EX  MEM*4 WB
#1 13 ADD t1, t0, t0                  IF  ID  raw*4 raw EX  EX  MEM WB
#2 14 MATMUL t2, t1, t1                   IF  ·     ·   ID  raw raw raw EX
#3 15 STORE [Y], t2, stride=16                          IF  ·   ·   ·   ID
#4 16 HALT                                                              IF

                                  13–19 20  21  22  23–25 26  27  28
#2 14 MATMUL t2, t1, t1           EX*7  MEM WB
#3 15 STORE [Y], t2, stride=16    mxu*7 raw raw EX  MEM*3 MEM WB
#4 16 HALT                        ·     ·   ·   ID  lat*3 EX  MEM WB

raw   an operand has not been computed or loaded yet
mxu   the matrix unit is busy
lat   memory has not answered yet
·     held up behind an older instruction
`),
    );
  });

  it('draws a range of cycles', () => {
    expect(draw(CHAIN, { from: 20, to: 22 })).toBe(
      picture(`
                                20  21  22
#2 14 MATMUL t2, t1, t1         MEM WB
#3 15 STORE [Y], t2, stride=16  raw raw EX
#4 16 HALT                      ·   ·   ID

raw   an operand has not been computed or loaded yet
·     held up behind an older instruction
`),
    );
  });

  it('shows control waits of an instruction that is not fetched yet', () => {
    const listing = [
      listingLine('JAL r1, next', 'alu', [], 33, { line: 1 }),
      listingLine('HALT', 'alu', [], -1, { line: 2 }),
    ];
    const events = eventsOf(
      listing,
      `
0 | IF  ID  EX  EX  MEM WB
1 |             ctl0IF  ID  EX  MEM WB`,
    );
    expect(draw({ header: headerOf(CLASSIC, listing), events })).toContain(
      '#1 2 HALT                      ctl IF  ID  EX  MEM WB',
    );
  });
});

describe('what is not drawn', () => {
  it('folds iterations that look the same', () => {
    const lines = draw(loops()).split('\n');
    const folds = lines.filter((line) => line.includes('identical'));
    expect(folds).toEqual(['  iterations 3–7 identical, II = 7 cycles']);
    const at = lines.indexOf(folds[0]!);
    expect(lines[at - 1]).toMatch(/^#9 /);
    expect(lines[at + 1]).toMatch(/^#22 /);
  });

  it('counts the instructions behind the last row', () => {
    expect(draw(CHAIN, { maxRows: 2 })).toContain('\n… 3 more instructions\n');
    expect(draw(CHAIN, { maxRows: 4 })).toContain('\n… 1 more instruction\n');
  });

  it('says so when there is nothing to draw', () => {
    expect(draw(EMPTY)).toBe('no instruction is in the pipeline in these cycles');
    expect(draw(CHAIN, { from: 100, to: 200 })).toBe(draw(EMPTY));
  });
});

describe('every diagram', () => {
  it('accounts for every instruction, and fits its width', () => {
    fc.assert(
      fc.property(schedules, ({ header, events }) => {
        const text = draw({ header, events }, { width: 72, maxRows: 20 });
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(72);
        const drawn = new Set(text.match(/^#\d+/gm));
        const more = Number(/… (\d+) more/.exec(text)?.[1] ?? 0);
        const executed = events.filter((event) => event.kind === 'retire').length;
        const folded = [...text.matchAll(/iterations (\d+)–(\d+) identical/g)];
        if (folded.length === 0) expect(drawn.size + more).toBe(executed);
        else expect(drawn.size + more).toBeLessThan(executed);
      }),
      RUNS,
    );
  });

  it('shows as many waiting cells as cycles were charged', () => {
    fc.assert(
      fc.property(schedules, ({ header, events }) => {
        const text = draw({ header, events }, { maxRows: Infinity });
        if (text.includes('identical')) return;
        const waits = [...text.matchAll(/\braw(?:\*(\d+))?(?= |$)/gm)];
        const shown = waits.reduce((sum, [, count]) => sum + Number(count ?? 1), 0);
        const charged = events.reduce(
          (sum, e) => (e.kind === 'charge' && e.cause === 'raw' ? sum + e.cycles : sum),
          0,
        );
        const legendLines = text.includes('\nraw   ') ? 1 : 0;
        expect(shown - legendLines).toBe(charged);
      }),
      RUNS,
    );
  });
});
