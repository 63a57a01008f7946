/** Places: what a person would call by one name is one row, however often it was expanded. */
import { describe, expect, it } from 'vitest';
import { assembleText, recordRun } from '../support/run.ts';

const REPEATED = `
      .tile     2
      .text
      .part     "a"
      .rept     3, i
      FILL      t\\i, 1, rows=2, cols=2
      ADD       t7, t\\i, t\\i
      .endr
      .part     "b"
      ADD       t7, t7, t7
      HALT
`;

describe('lines of a report', () => {
  const { report } = recordRun(assembleText(REPEATED), 'classic5');

  it('sum the expansions of a repeated line that write the same register', () => {
    const rows = report.lines.map(({ line, part, text, instructions }) => [
      line,
      part,
      text.split(',')[0],
      instructions,
    ]);
    expect(rows).toEqual([
      [6, 'a', 'FILL t0', 1],
      [7, 'a', 'ADD t7', 3],
      [6, 'a', 'FILL t1', 1],
      [6, 'a', 'FILL t2', 1],
      [10, 'b', 'ADD t7', 1],
      [11, 'b', 'HALT', 1],
    ]);
  });

  it('still sum to all that was charged to an instruction', () => {
    const charged = report.lines.reduce((sum, line) => sum + line.slotsTotal, 0);
    const { fill = 0, drain = 0 } = report.slots;
    expect(charged + fill + drain).toBe(report.cycles);
  });
});
