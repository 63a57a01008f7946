/** The example with which architecture courses explain out-of-order execution, drawn by hand. */
import { describe, expect, it } from 'vitest';
import type { TimingEvent } from '../../src/timing/events.ts';
import { assembleText, machineNamed, recordRun } from '../support/run.ts';

/**
 * Hennessy and Patterson, 6th ed., ch. 3: L.D F6; L.D F2; MUL.D F0,F2,F4; SUB.D F8,F6,F2;
 * DIV.D F10,F0,F6; ADD.D F6,F8,F2 — on tiles, the product of t2 and t6 in place of F4. The DIV
 * reads the old t6 that the ADD overwrites.
 *
 * UA-10 to UA-14 on both machines: a LOAD of one burst is 1 in EX and 13 in MEM, the MATMUL of
 * 2×2 takes 48, SUB and ADD 2, DIV 6 (it reads its tiles for 2 of them), HALT 1.
 */
const TEXT = `
      .tile     2
      .data
X:    .f32      2, 2 = [[1, 2], [3, 4]]
Y:    .f32      2, 2 = [[1, 2], [3, 4]]
      .text
      LOAD      t6, [X]
      LOAD      t2, [Y]
      MATMUL    t0, t2, t6
      SUB       t8, t6, t2
      DIV       t10, t0, t6
      ADD       t6, t8, t2
      HALT
`;
const PROGRAM = assembleText(TEXT);

describe('the textbook example', () => {
  it('on the scoreboard: the ADD waits at write until the DIV has read t6 (UA-50 to UA-52)', () => {
    const { diagram, report } = recordRun(PROGRAM, 'scoreboard');
    expect(diagram).toEqual([
      // Done in 4 + 13 = 17.
      '0: IF ID RO EX MEM*13 WB',
      // There is one unit for memory, reserved through WB(0) = 17, so dispatch is in 18.
      '1: IF ID*2 structural.dma*14 RO EX MEM*13 WB',
      // t2 can be read from WB(1) + 1 = 34 on.
      '2: IF*16 ID RO raw*14 EX*48 WB',
      // Both sources are there in 34, but the MATMUL is older: 35. The other vec is free for it.
      '18: IF ID RO*15 EX*2 WB',
      // t0 is written in 82: issue in 83, done in 89; it reads t6 in 83 and 84.
      '19: IF ID RO*15 raw*47 EX*6 WB',
      // Issues in 38 and is done in 40; WAR on t6 holds it through 84.
      '20: IF ID RO*16 EX*47 WB',
      '21: IF ID RO EX WB',
    ]);
    expect(report.cycles).toBe(90);
  });

  it('on tomasulo1: the ADD has a t6 of its own and is done at once (UA-60 to UA-65)', () => {
    const { diagram, report } = recordRun(PROGRAM, 'tomasulo1');
    expect(diagram).toEqual([
      '0: IF ID RS EX MEM*13 WB CT',
      // Issues behind the first, for its bus time is one cycle; done in 18, WB in 18.
      '1: IF ID RS EX MEM*13 WB CT',
      // The bus brings t2 in 18: issue in 18, done in 66.
      '2: IF ID RS raw*13 EX*48 WB CT',
      // Ready in 18 too, but one instruction issues in a cycle: 19. It commits behind the MATMUL.
      '3: IF ID RS*14 EX*2 WB*47 CT',
      // Waits for t0 until 66; its t6 is that of the first LOAD.
      '4: IF ID RS*14 raw*46 EX*6 WB CT',
      // t8 comes in 21; written in 23, long before the DIV even starts. Commits in 74.
      '5: IF ID RS*14 EX*2 WB*51 CT',
      '6: IF ID RS EX WB*65 CT',
    ]);
    expect(report.cycles).toBe(76);
  });

  it('blames the reader of the old value for what a held result delays (UA-53)', () => {
    const reader = assembleText(TEXT.replace('HALT', 'RELU t9, t6\n      HALT'));
    const run = recordRun(reader, 'scoreboard');
    // Needs the vec of the SUB, reserved through 37, and then t6: in 84 the ADD is done, but held
    // by the DIV; in 85 it is written, so that the RELU reads it in 86.
    expect(run.diagram[6]).toBe('21: IF ID*16 RO*46 war raw EX*2 WB');
    expect(chargesOf(run.events, 6)).toEqual([
      { cycle: 84, cycles: 1, cause: 'war', producer: 4, register: 6 },
      { cycle: 85, cycles: 1, cause: 'raw', producer: 5, register: 6 },
      { cycle: 86, cycles: 1, cause: 'issue', producer: -1, register: -1 },
    ]);
  });

  it('blames it, too, for the unit that a held result keeps (UA-32, UA-53)', () => {
    const scoreboard = machineNamed('scoreboard');
    const machine = { ...scoreboard, vec: { ...scoreboard.vec, count: 1 } };
    const other = assembleText(TEXT.replace('HALT', 'RELU t9, t2\n      HALT'));
    // The ADD keeps the only vec from 38 to 85. Up to 82 the slot is the DIV's, which is older.
    // The RELU is dispatched in 86, and that cycle is still lost to the wait before.
    expect(chargesOf(recordRun(other, machine).events, 6)).toEqual([
      { cycle: 84, cycles: 1, cause: 'war', producer: 4, register: 6 },
      { cycle: 85, cycles: 2, cause: 'structural.vec', producer: 5, register: -1 },
      { cycle: 87, cycles: 1, cause: 'issue', producer: -1, register: -1 },
    ]);
  });
});

/** What is charged to an instruction. */
function chargesOf(events: readonly TimingEvent[], id: number) {
  return events.flatMap((event) => {
    if (event.kind !== 'charge' || event.id !== id) return [];
    const { cycle, cycles, cause, producer, register } = event;
    return [{ cycle, cycles, cause, producer, register }];
  });
}
