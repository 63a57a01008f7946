/** The Pareto front against its definition, and what counts as hardware. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../../src/sweep/front.ts';
import { paretoFront, resourceNamed, resourcesOf } from '../../src/sweep/front.ts';
import { parseAxes } from '../../src/sweep/plan.ts';
import { machineNamed } from '../support/run.ts';

const seed = 20261122;
const small = fc.integer({ min: 0, max: 5 });

const prices: fc.Arbitrary<Price[]> = fc.integer({ min: 0, max: 3 }).chain((resources) =>
  fc.array(
    fc.record({
      cycles: small,
      amounts: fc.array(small, { minLength: resources, maxLength: resources }),
      group: fc.constantFrom('a', 'a', 'b'),
    }),
    { maxLength: 40 },
  ),
);

/** No other one of the group is nowhere worse, and somewhere better. */
function byDefinition(all: readonly Price[], one: Price): boolean {
  const figures = ({ cycles, amounts }: Price) => [cycles, ...amounts];
  return !all.some((other) => {
    if (other.group !== one.group) return false;
    const pairs = figures(other).map((figure, i) => [figure, figures(one)[i]!] as const);
    return pairs.every(([a, b]) => a <= b) && pairs.some(([a, b]) => a < b);
  });
}

describe('the Pareto front', () => {
  it('is what its definition says', () => {
    const property = fc.property(prices, (all) => {
      expect(paretoFront(all)).toEqual(all.map((one) => byDefinition(all, one)));
    });
    fc.assert(property, { seed, numRuns: 2000 });
  });

  it('never lacks the fastest, and beats everyone else', () => {
    const property = fc.property(prices, (all) => {
      const isOn = paretoFront(all);
      const least = Math.min(...all.map(({ cycles }) => cycles));
      expect(all.length === 0 || all.some(({ cycles }, i) => isOn[i] && cycles === least)).toBe(
        true,
      );
    });
    fc.assert(property, { seed });
  });
});

describe('resources', () => {
  const names = (...vary: string[]) => resourcesOf(parseAxes(vary)).map(({ name }) => name);

  it('are the varied numbers of which more is more hardware', () => {
    expect(names('mxu.count=1,2', 'memory.latencyCycles=1,2', 'pipeline.forwarding=true')).toEqual([
      'mxu.count',
      'memory.latencyCycles',
      'pipeline.forwarding',
    ]);
    expect(names('memory.burstBytes=4,8', 'pipeline.branch=stall', 'param.N=1')).toEqual([]);
    expect(names('machine=ideal')).toContain('mxu.macs');
  });

  it('have amounts, of which latencies are the better the smaller', () => {
    const amount = (name: string, machine: string) =>
      resourceNamed(name).amountOf(machineNamed(machine));
    expect(amount('mxu.macs', 'gemmini16')).toBe(256);
    expect(amount('vec.width', 'gemmini16')).toBe(16);
    expect(amount('cache.sizeBytes', 'gemmini16')).toBe(0);
    expect(amount('cache.sizeBytes', 'cached')).toBe(16_384);
    expect(resourceNamed('memory.latencyCycles').sign).toBe(-1);
    expect(resourceNamed('mxu.count').sign).toBe(1);
  });

  it('that are none are refused', () => {
    expect(() => resourceNamed('mxu.mac')).toThrow('there is no such resource');
    expect(() => resourceNamed('memory.burstBytes')).toThrow('more of it is not more hardware');
  });
});
