/** Rows with known times: ratios, spreads, floors, and a second look before a row fails. */
import { describe, expect, it } from 'vitest';
import type { Row } from './rows.ts';
import { duration, isAboveFloor, judgeRow, measureRow, rateOf } from './rows.ts';
import { showResult } from './table.ts';

/** A side that takes these nanoseconds in turn, and the last one from then on. */
function side(...times: readonly number[]) {
  let round = 0;
  return { nanoseconds: () => times[Math.min(round++, times.length - 1)]! };
}

const row = (mine: Row['mine'], other: Row['mine'], floor: number): Row => ({
  name: 'row',
  mine,
  other: { name: 'other', side: other },
  figure: duration,
  floor,
});

const EFFORT = { rounds: 3, pieces: 1, pieceMs: 0.01 };

describe('a row', () => {
  it('has the median of the ratios of its rounds, and their range', async () => {
    const result = await measureRow('group', row(side(10, 20, 40), side(100, 100, 100), 3), EFFORT);
    expect(result.ratio).toEqual({ median: 5, low: 2.5, high: 10 });
    expect(result.fastestRatio).toBe(10);
    expect(result.nanoseconds).toEqual({ median: 20, low: 10, high: 40 });
    expect(showResult(result)).toMatch(
      /^row +other +5\.00 × +\(2\.50 to 10\.0\) +20 ns {2}\(floor 3\)$/,
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

  it('is below its floor when the median and the fastest times are', async () => {
    const noisy = await measureRow('group', row(side(10, 90, 90), side(50), 3), EFFORT);
    expect(isAboveFloor(noisy)).toBe(true);
    const slow = await measureRow('group', row(side(40, 90, 90), side(50), 3), EFFORT);
    expect(isAboveFloor(slow)).toBe(false);
  });

  it('gets a second look', async () => {
    const disturbed = Array.from({ length: 5 }, () => 100);
    const recovered = await judgeRow('group', row(side(...disturbed, 10), side(50), 3));
    expect(isAboveFloor(recovered)).toBe(true);
    expect(recovered.ratio!.median).toBe(5);
    const slow = await judgeRow('group', row(side(100), side(50), 3));
    expect(isAboveFloor(slow)).toBe(false);
  });
});

describe('figures', () => {
  it('have the unit that suits them', () => {
    expect([5, 5e3, 5e6].map(duration)).toEqual(['5 ns', '5.00 µs', '5.00 ms']);
    expect(rateOf(32, 'flop')(1)).toBe('32.0 G flop/s');
    expect(rateOf(1000, 'lines')(1e6)).toBe('1.00 M lines/s');
    expect(rateOf(10, 'lines')(1e6)).toBe('10.0 k lines/s');
  });
});
