/** The laws of the report, on random legal schedules. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apportion, entriesByCause, nest, sumCounts } from '../../src/reports/by-cause.ts';
import type { ByCause, Report } from '../../src/reports/report.ts';
import { renderReport } from '../../src/reports/text.ts';
import { CAUSES, possibleCauses } from '../../src/timing/causes.ts';
import type { RunHeader, TimingEvent } from '../../src/timing/events.ts';
import { CHAIN, EMPTY, loops, reportOn } from './programs.ts';
import { schedules } from './schedules.ts';
import { RUNS } from './support.ts';

const total = (nested: ByCause) => sumCounts(entriesByCause(nested).map(([, value]) => value));
const sumOf = <T>(items: readonly T[], value: (item: T) => number) =>
  items.reduce((sum, item) => sum + value(item), 0);
const outside = ({ slots }: Report) => (slots.fill ?? 0) + (slots.drain ?? 0);

function holds(law: (report: Report, cycles: number, header: RunHeader) => void): void {
  fc.assert(
    fc.property(schedules, ({ header, events, cycles }) => {
      law(reportOn({ header, events }), cycles, header);
    }),
    RUNS,
  );
}

describe('the books balance', () => {
  it('over causes, lines, parts and edges', () => {
    holds((report, cycles) => {
      expect(report.cycles).toBe(cycles);
      expect(report.unattributed).toBe(0);
      expect(total(report.slots)).toBe(cycles);
      expect(sumOf(report.lines, (line) => line.slotsTotal) + outside(report)).toBe(cycles);
      for (const line of report.lines) expect(total(line.slots)).toBe(line.slotsTotal);
      const waited = sumOf(report.edges, (edge) => edge.cycles);
      expect(waited + report.slots.issue! + outside(report)).toBe(cycles);
      expect(report.slots.issue).toBe(report.instructions);
    });
  });

  it('over the parts, each of which holds what is below it', () => {
    holds((report, cycles) => {
      if (report.parts.length === 0) return;
      expect(sumOf(report.parts, (part) => part.ownSlots) + outside(report)).toBe(cycles);
      for (const { path, slotsTotal } of report.parts) {
        const below = report.parts.filter((p) => p.path === path || p.path.startsWith(`${path}/`));
        expect(sumOf(below, (part) => part.ownSlots)).toBe(slotsTotal);
      }
    });
  });

  it('lists the causes that the machine can produce, and no others', () => {
    holds((report, _, { machine }) => {
      const listed = entriesByCause(report.slots).map(([cause]) => cause);
      expect(listed).toEqual(possibleCauses(machine));
    });
  });

  it('with no unit above its capacity', () => {
    holds((report, cycles) => {
      for (const { count, busyCycles, idleCycles } of report.units) {
        expect(busyCycles + idleCycles).toBe(count * cycles);
        expect(idleCycles).toBeGreaterThanOrEqual(0);
      }
      expect(report.mac.wasted).toBeGreaterThanOrEqual(0);
      const { roofline } = report;
      if (roofline && report.memory.bytesPerCycle <= report.memory.peakBytesPerCycle) {
        // One rounding on each side of the division by bytes.
        expect(roofline.attained).toBeLessThanOrEqual(roofline.roof * (1 + 4 * Number.EPSILON));
      }
    });
  });
});

describe('shares', () => {
  it('sum to exactly 100.0', () => {
    holds((report, cycles) => {
      const tenths = entriesByCause(report.shares).map(([, share]) => Math.round(share * 10));
      expect(sumCounts(tenths)).toBe(cycles === 0 ? 0 : 1000);
    });
  });

  it('are each within a tenth of the exact share', () => {
    const counts = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(counts, (values) => {
        const all = sumCounts(values);
        const shares = apportion(values, all);
        expect(sumCounts(shares.map((share) => Math.round(share * 10)))).toBe(all === 0 ? 0 : 1000);
        // 1e-9 is above the rounding of a division of numbers below 1e9, and far below a tenth.
        shares.forEach((share, i) => {
          const exact = all === 0 ? 0 : (values[i]! * 100) / all;
          expect(Math.abs(share - exact)).toBeLessThan(0.1 + 1e-9);
        });
      }),
      RUNS,
    );
  });
});

describe('the lower bound', () => {
  it('is never above the cycles of a legal schedule', () => {
    holds(({ bound }, cycles) => {
      expect(bound.cycles).toBeLessThanOrEqual(cycles);
      expect(bound.cycles).toBe(Math.max(0, ...bound.all.map((b) => b.cycles)));
    });
  });
});

describe('one event log, many views', () => {
  it('gives the same report live and replayed', () => {
    fc.assert(
      fc.property(schedules, ({ header, events }) => {
        const replay = JSON.parse(JSON.stringify({ header, events })) as {
          header: RunHeader;
          events: TimingEvent[];
        };
        expect(reportOn(replay)).toEqual(reportOn({ header, events }));
      }),
      RUNS,
    );
  });

  it('is plain data under its schema', () => {
    const path = new URL('../../src/reports/report.schema.json', import.meta.url);
    const validate = new Ajv({ allErrors: true }).compile(
      JSON.parse(readFileSync(path, 'utf8')) as object,
    );
    const check = (report: Report) => {
      const parsed: unknown = JSON.parse(JSON.stringify(report));
      expect(parsed).toEqual(report);
      validate(parsed);
      expect(validate.errors).toBeNull();
      validate({ ...report, extra: 1 });
      expect(validate.errors).not.toBeNull();
    };
    [CHAIN, EMPTY, loops()].forEach((run) => check(reportOn(run)));
    holds(check);
  });

  it('fits the terminal as text', () => {
    holds((report) => {
      const lines = renderReport(report, { width: 80, colour: false }).split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    });
  });
});

describe('numbers by cause', () => {
  it('come back out of their nesting', () => {
    const counts = fc.array(fc.nat(), { minLength: CAUSES.length, maxLength: CAUSES.length });
    fc.assert(
      fc.property(counts, fc.subarray([...CAUSES]), (values, causes) => {
        const expected = causes.map((cause) => [cause, values[CAUSES.indexOf(cause)]]);
        expect(entriesByCause(nest(values, causes))).toEqual(expected);
      }),
      RUNS,
    );
  });
});
