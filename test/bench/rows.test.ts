/** Rows with known times: ratios, spreads, limits, and a second look before a row fails. */
import { describe, expect, it } from 'vitest';
import { CLOCK, isFine } from './clock.ts';
import type { Other, Row } from './rows.ts';
import { duration, isWithinLimit, judgeRow, measureRow, rateOf } from './rows.ts';
import { complain, showResult } from './table.ts';

/** A side that takes these nanoseconds in turn, and the last one from then on. */
function side(...times: readonly number[]) {
  let round = 0;
  return { nanoseconds: () => times[Math.min(round++, times.length - 1)]! };
}

const row = (mine: Row['mine'], other: Other['side'], limit: number): Row => ({
  name: 'row',
  mine,
  other: { name: 'other', side: other },
  figure: duration,
  limit,
});

/** A row whose other side is a part of the work. */
const whole = (mine: Row['mine'], part: Other['side'], limit: number): Row => ({
  ...row(mine, part, limit),
  other: { name: 'other', side: part, isPart: true },
});

const EFFORT = { rounds: 3, pieces: 1, pieceMs: 0.01 };

describe('a row', () => {
  it('has the median of the ratios of its rounds, and their range', async () => {
    const result = await measureRow('group', row(side(10, 20, 40), side(100, 100, 100), 3), EFFORT);
    expect(result.ratio).toEqual({ median: 5, low: 2.5, high: 10 });
    expect(result.fastestRatio).toBe(10);
    expect(result.nanoseconds).toEqual({ median: 20, low: 10, high: 40 });
    expect(showResult(result)).toMatch(
      /^row +other +5\.00 × as fast +\(2\.50 to 10\.0\) +20 ns +at least 3$/,
    );
  });

  it('has the inverse ratio beside a part of its work', async () => {
    const result = await measureRow('group', whole(side(10, 20, 40), side(5), 3), EFFORT);
    expect(result.ratio).toEqual({ median: 4, low: 2, high: 8 });
    expect(result.fastestRatio).toBe(2);
    expect(showResult(result)).toMatch(
      /^row +other +4\.00 × as long +\(2\.00 to 8\.00\) +20 ns +at most 3$/,
    );
  });

  it('counts what the other side did less', async () => {
    const part = { ...row(side(10), side(10), 1), other: { name: 'part', side: side(10), share: 0.1 } }; // prettier-ignore
    const { ratio } = await measureRow('group', part, EFFORT);
    expect(ratio!.median).toBe(10);
  });

  it('calls functions as often as a timing needs', async () => {
    let calls = 0;
    const counted = () => {
      calls++;
    };
    const { nanoseconds, ratio } = await measureRow('group', { name: 'row', mine: counted, figure: duration }, EFFORT); // prettier-ignore
    expect(calls).toBeGreaterThan(EFFORT.rounds);
    expect(nanoseconds.median).toBeGreaterThan(0);
    expect(ratio).toBeUndefined();
  });

  it('prepares each call, and does not time that', async () => {
    const order: string[] = [];
    const spin = (calls: number) => {
      for (const end = CLOCK.nanoseconds() + calls; CLOCK.nanoseconds() < end;);
    };
    const mine = {
      before: () => {
        order.push('before');
        spin(5e6);
      },
      run: () => {
        order.push('run');
        spin(1e6);
      },
    };
    const { nanoseconds } = await measureRow('group', { name: 'row', mine, figure: duration }, { ...EFFORT, pieceMs: 0.5 }); // prettier-ignore
    expect(order.filter((_, i) => i % 2 === 0).every((what) => what === 'before')).toBe(true);
    expect(order.filter((_, i) => i % 2 === 1).every((what) => what === 'run')).toBe(true);
    expect(nanoseconds.low).toBeGreaterThanOrEqual(1e6);
    expect(nanoseconds.low).toBeLessThan(4e6);
  });
});

describe('a limit', () => {
  it('is missed when the median and the fastest times miss it', async () => {
    const noisy = await measureRow('group', row(side(10, 90, 90), side(50), 3), EFFORT);
    expect(isWithinLimit(noisy)).toBe(true);
    const slow = await measureRow('group', row(side(40, 90, 90), side(50), 3), EFFORT);
    expect(isWithinLimit(slow)).toBe(false);
    expect(complain(slow)).toBe('group: row is 0.56 × as fast as other; it should be at least 3');
  });

  it('is the largest ratio beside a part', async () => {
    const noisy = await measureRow('group', whole(side(10, 90, 90), side(10), 3), EFFORT);
    expect(isWithinLimit(noisy)).toBe(true);
    const slow = await measureRow('group', whole(side(40, 90, 90), side(10), 3), EFFORT);
    expect(isWithinLimit(slow)).toBe(false);
    expect(complain(slow)).toBe('group: row is 9.00 × as long as other; it should be at most 3');
  });

  it('gets a second look', async () => {
    const disturbed = Array.from({ length: 5 }, () => 100);
    const recovered = await judgeRow('group', row(side(...disturbed, 10), side(50), 3));
    expect(isWithinLimit(recovered)).toBe(true);
    expect(recovered.ratio!.median).toBe(5);
    const slow = await judgeRow('group', row(side(100), side(50), 3));
    expect(isWithinLimit(slow)).toBe(false);
  });
});

describe('a clock', () => {
  it('is fine when it moves between most readings, and coarse when it stands still', () => {
    let reading = 0;
    expect(isFine({ name: 'fine', nanoseconds: () => reading++ })).toBe(true);
    const coarse = () => Math.floor(reading++ / 500);
    expect(isFine({ name: 'coarse', nanoseconds: coarse })).toBe(false);
  });
});

describe('figures', () => {
  it('have the unit that suits them', () => {
    expect([5, 5e3, 5e6].map(duration)).toEqual(['5 ns', '5.00 µs', '5.00 ms']);
    expect(rateOf(32, 'flop')(1)).toBe('32.0 G flop/s');
    expect(rateOf(1000, 'lines')(1e6)).toBe('1.00 M lines/s');
    expect(rateOf(10, 'lines')(1e6)).toBe('10.0 k lines/s');
    expect(rateOf(1, 'tokens')(4e6)).toBe('250 tokens/s');
  });
});
