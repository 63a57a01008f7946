/** The closing sentence: what it says of one key and of several. */
import { describe, expect, it } from 'vitest';
import type { Cost } from '../../src/sweep/cost.ts';
import { paretoFront, resourcesOf } from '../../src/sweep/front.ts';
import { lesson } from '../../src/sweep/lesson.ts';
import { makePlan, parseAxes } from '../../src/sweep/plan.ts';
import { machineNamed } from '../support/run.ts';

/** The lesson of points that take these cycles, in the order of the plan; NaN: none. */
function taught(vary: readonly string[], cycles: readonly number[]): string {
  const axes = parseAxes(vary);
  const options = { machineFor: machineNamed, skipImpossible: false };
  const { points } = makePlan(axes, machineNamed('tomasulo'), options);
  expect(cycles.length).toBe(points.length);
  const resources = resourcesOf(axes);
  const prices = points.map(({ machine }, i) => {
    const amounts = resources.map(({ amountOf, sign }) => amountOf(machine) * sign);
    return { cycles: cycles[i]!, amounts, group: '' };
  });
  const front = paretoFront(prices);
  const pupils = points.map((point, i) => {
    const cost = Number.isNaN(cycles[i]) ? undefined : ({ cycles: cycles[i]! } as Cost);
    return { point, cost, isOnFront: front[i]! };
  });
  return lesson(axes, pupils);
}

describe('of one key', () => {
  it.each([
    ['mxu.count=1,2,3,4', [1000, 600, 595, 594], 'Beyond mxu.count=2 more buys less than 2 %.'],
    ['mxu.count=4,3,2,1', [594, 595, 600, 1000], 'Beyond mxu.count=2 more buys less than 2 %.'],
    [
      'memory.latencyCycles=10,20,40',
      [600, 605, 900],
      'Beyond memory.latencyCycles=20 more buys less than 2 %.',
    ],
    [
      'mxu.count=1,2',
      [1000, 600],
      'More still helps at the end: from mxu.count=1 to 2 it saves 40.0 % of the cycles.',
    ],
    [
      'mxu.count=1,2,3',
      [1000, 990, 985],
      'mxu.count hardly matters: no step from mxu.count=1 on buys 2 %.',
    ],
    ['mxu.count=1,2', [700, 700], 'mxu.count makes no difference: it is 700 cycles in each case.'],
    [
      'pipeline.branch=stall,two-bit',
      [1000, 900],
      'pipeline.branch=two-bit takes the fewest cycles: 10.0 % less than stall, which takes the most.',
    ],
    ['mxu.count=1,2', [700, NaN], 'One point has a result, so there is nothing to compare.'],
    ['mxu.count=1', [NaN], 'No point has a result.'],
  ])('%s: %j', (vary, cycles, sentence) => {
    expect(taught([vary], cycles)).toBe(sentence);
  });
});

it('of several keys says which matters, and what is nearly as fast', () => {
  expect(taught(['mxu.count=1,2', 'pipeline.width=1,2'], [1000, 990, 505, 500])).toBe(
    'On average mxu.count decides 49.5 % of the cycles, pipeline.width 1.0 %; mxu.count=2 ' +
      'pipeline.width=2 is the fastest, but mxu.count=2 pipeline.width=1 comes within 2 % of it ' +
      'with less hardware.',
  );
  expect(taught(['mxu.count=1,2', 'pipeline.width=1,2'], [1000, 900, 800, 500])).toContain(
    'nothing smaller comes within 2 % of it.',
  );
});
