/** Banks and the cache as hazards, in diagrams worked out by hand. */
import { describe, expect, it } from 'vitest';
import { assembleFixture, assembleText, machineNamed, recordRun } from '../support/run.ts';

/** X and Y lie in two lines of one row. */
const loads = (...operands: string[]) =>
  assembleText(`
      .tile     2
      .data
X:    .f32      2, 2 = [[1, 2], [3, 4]]
Y:    .f32      2, 2 = [[1, 2], [3, 4]]
      .text
      ${operands.map((operand) => `LOAD ${operand}`).join('\n')}
      HALT
`);

describe('memory hazards', () => {
  it('a row that is being opened keeps its bank busy (UA-28, UA-40)', () => {
    // X = 4. First: s = 3 + 20, bank ready in 27, d = 83, done in 87. Second: the bus is spoken for
    // through 5, the bank is not ready in c + 1 through 25; then d = 87, done in 91.
    const { diagram } = recordRun(loads('t0, [X]', 't1, [Y]'), 'gemmini16');
    expect(diagram.slice(0, 2)).toEqual([
      '0: IF ID EX MEM*84 WB',
      '1: IF ID memory.bandwidth*3 structural.bank*20 EX MEM*64 WB',
    ]);
  });

  it('a line that was fetched for one access is there for the next (UA-42)', () => {
    // Looked up in 3: requested in 5, s = 5 + 20, d = 55, done in 56. Then a hit: done in 4 + 2.
    const { diagram, report } = recordRun(loads('t0, [X]', 't1, [X]'), 'cached');
    expect(diagram.slice(0, 2)).toEqual(['0: IF ID EX MEM*53 WB', '1: IF ID EX MEM*2 WB']);
    expect(report.cycles).toBe(57);
  });

  it('EX waits behind a miss on a blocking machine (UA-23, UA-46)', () => {
    const machine = { ...machineNamed('classic5'), cache: machineNamed('cached').cache };
    const program = assembleFixture('programs/hazards/memory-latency.lasm');
    // Done in 3 + 2 + 12 + 1 = 18; only the last of these cycles moves data.
    expect(recordRun(program, machine).diagram).toEqual([
      '0: IF ID EX MEM*15 WB',
      '1: IF ID EX*15 MEM WB',
      '2: IF ID structural.vec memory.miss*12 memory.bandwidth EX*2 MEM WB',
      '3: IF*15 ID structural.vec EX MEM WB',
    ]);
  });

  it('a hit could overtake the miss before it, so WAW holds it (UA-24)', () => {
    // The second would be in WB in c + 3; the first is written back in 56, so it issues in 55, for
    // it could be in WB in 57 at the earliest.
    expect(recordRun(loads('t0, [X]', 't0, [X]'), 'cached').diagram.slice(0, 2)).toEqual([
      '0: IF ID EX MEM*53 WB',
      '1: IF ID waw*52 EX MEM*2 WB',
    ]);
  });
});
