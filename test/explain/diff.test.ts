/** The difference of two runs: its parts sum to it, exactly, whatever the runs are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffReports } from '../../src/explain/diff.ts';
import { identity, inCycles, renderDiff, signed } from '../../src/explain/diff-text.ts';
import { readReport } from '../../src/explain/read-report.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Report } from '../../src/reports/report.ts';
import { randomMachine } from '../support/random-machine.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, assembleText, recordRun } from '../support/run.ts';

const reportOn = (text: string, machine = 'multicycle') =>
  recordRun(assembleText(text), machine).report;

const sum = (rows: readonly { readonly difference: number }[]) =>
  rows.reduce((total, { difference }) => total + difference, 0);

describe('parts', () => {
  const machines = fc.oneof(fc.constantFrom(...PRESETS), randomMachine({ tile: 8 }));

  it('sum exactly to the difference of any two runs', () => {
    fc.assert(
      fc.property(
        randomProgram(),
        randomProgram(),
        fc.boolean(),
        machines,
        machines,
        (first, second, same, machineA, machineB) => {
          const a = recordRun(first.program, machineA).report;
          const b = recordRun(same ? first.program : second.program, machineB).report;
          const diff = diffReports(a, b);
          const { cycles, partsPerCycle, causes, lines, elsewhere } = diff;
          const whole = (b.cycles - a.cycles) * partsPerCycle;
          expect(cycles.difference).toBe(b.cycles - a.cycles);
          expect(sum(causes)).toBe(whole);
          expect(sum(lines) + elsewhere.difference).toBe(whole);
          const parts = [causes, lines].flat();
          for (const { before, after } of [...parts, elsewhere]) {
            expect(Number.isSafeInteger(before) && Number.isSafeInteger(after)).toBe(true);
          }
          expect(renderDiff(diff, { width: 100, colour: false })).not.toMatch(/NaN|undefined/);
        },
      ),
      { numRuns: 300, seed: 97 },
    );
  });

  it('of a run and itself are nothing', () => {
    const report = recordRun(assembleFixture('programs/matmul-tiled.lasm'), 'tomasulo').report;
    const diff = diffReports(report, report);
    expect(identity(diff)).toBe('1174 → 1174 (0): every cause is the same');
    expect([...diff.lines, ...diff.notes]).toEqual([]);
  });

  it('are told as an identity, the largest first', () => {
    const program = assembleFixture('programs/hazards/war.lasm');
    const [a, b] = ['classic5', 'multicycle'].map((name) => recordRun(program, name).report);
    const line = identity(diffReports(a!, b!));
    const parts = [...line.matchAll(/([−+])(\d+)(?=,|$)/g)].map(
      ([, sign, size]) => Number(size) * (sign === '+' ? 1 : -1),
    );
    expect(line).toMatch(new RegExp(`^${a!.cycles} → ${b!.cycles} \\(`));
    expect(parts.reduce((x, y) => x + y)).toBe(b!.cycles - a!.cycles);
    const sizes = parts.map(Math.abs);
    expect(sizes).toEqual([...sizes].sort((x, y) => y - x));
  });
});

describe('fractions', () => {
  it('are exact, with their sign', () => {
    expect(inCycles(5, 2)).toBe('2 1/2');
    expect(inCycles(-5, 2, signed)).toBe('−2 1/2');
    expect(inCycles(-1, 4, signed)).toBe('−1/4');
    expect(inCycles(3, 4, signed)).toBe('+3/4');
    expect(inCycles(8, 4, signed)).toBe('+2');
    expect(inCycles(0, 4, signed)).toBe('0');
  });

  it('appear when the widths differ, which is said', () => {
    const program = assembleFixture('programs/matmul-tiled.lasm');
    const a = recordRun(program, 'tomasulo').report;
    const b = recordRun(program, 'tomasulo4').report;
    const diff = diffReports(a, b);
    expect(diff.partsPerCycle).toBe(4);
    expect(diff.notes).toEqual([
      '2 and 4 instructions can issue in a cycle: a slot counts as that fraction of it',
    ]);
  });
});

describe('lines', () => {
  const BEFORE = '.text\nLI r1, 1\nIADD r2, r1, 1\nHALT\n';
  const AFTER = '.text\nLI r1, 1\nLI r3, 3\nIADD r2, r1, 1\nHALT\n';

  it('of different programs are the same where they say the same', () => {
    const diff = diffReports(reportOn(BEFORE), reportOn(AFTER));
    expect(diff.notes[0]).toMatch(/^the programs differ \(/);
    const added = diff.lines.find(({ text }) => text === 'LI r3, 3')!;
    expect(added).toMatchObject({ placeBefore: null, placeAfter: { line: 3 }, before: 0 });
    const text = renderDiff(diff, { width: 100, colour: false });
    expect(text).toMatch(/only after: line 3 +0 +1 +\+1 +LI r3, 3\n/);
  });

  it('of the same program are the same where they stand', () => {
    const twice = '.text\nLI r1, 1\nLI r1, 1\nHALT\n';
    const diff = diffReports(reportOn(twice, 'classic5'), reportOn(twice, 'tomasulo'));
    for (const { placeBefore, placeAfter } of diff.lines) expect(placeBefore).toEqual(placeAfter);
  });
});

describe('a report file', () => {
  const report = reportOn('.text\nLI r1, 1\nHALT\n');
  const read = (change: object) => readReport(JSON.stringify({ ...report, ...change }));

  it('is read as it was written', () => {
    expect(read({}).report).toEqual(JSON.parse(JSON.stringify(report)) as Report);
  });

  const bad: readonly (readonly [object, string])[] = [
    [{ schema: 'lasm-report/2' }, 'is a lasm-report/2, not a lasm-report/1'],
    [{ schema: 'lasm-machine/1' }, 'is a lasm-machine/1, not a lasm-report/1'],
    [{ schema: 3 }, 'is not a report: it names no schema'],
    [{ program: null }, 'is not a whole report: program has no name and hash'],
    [{ machine: {} }, 'is not a whole report: machine has no name and hash'],
    [{ issueWidth: 0 }, 'is not a whole report: issueWidth is no number of instructions'],
    [
      { cycles: -1 },
      'is not a whole report: cycles, instructions, unfinished or slotsTotal is no count',
    ],
    [{ slots: { raw: 'x' } }, 'is not a whole report: slots are not numbers by cause'],
    [{ slots: {} }, 'is not a whole report: its causes do not sum to its cycles'],
    [{ cycles: 9 }, 'is not a whole report: its causes do not sum to its cycles'],
    [{ lines: [{}] }, 'is not a whole report: a line has no place or no slots'],
    [{ units: 'x' }, 'is not a whole report: a unit has no busy cycles'],
  ];

  it.each(bad)('with %o is refused', (change, problem) => {
    expect(read(change)).toEqual({ report: undefined, problem });
  });

  it('that is something else is refused', () => {
    expect(readReport('{').problem).toBe('is not JSON');
    for (const text of ['null', '[]', '3', '{}']) {
      expect(readReport(text).problem).toBe('is not a report: it names no schema');
    }
  });
});
