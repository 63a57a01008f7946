/** Plans: lists of values, every combination once, shards that share them out, and what is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARAMETERS, keyNamed, parameterOf, withParameter } from '../../src/sweep/keys.ts';
import type { Plan } from '../../src/sweep/plan.ts';
import { MOST_POINTS, fileNameOf, makePlan, parseAxes, referenceOf, shardOf, showValues } from '../../src/sweep/plan.ts'; // prettier-ignore
import { SweepError } from '../../src/sweep/problem.ts';
import { parseValues } from '../../src/sweep/values.ts';
import { machineNamed } from '../support/run.ts';

const seed = 20261122;

function plan(texts: readonly string[], machine = 'gemmini16', skipImpossible = false): Plan {
  const options = { machineFor: machineNamed, skipImpossible };
  return makePlan(parseAxes(texts), machineNamed(machine), options);
}

function refusal(action: () => unknown): { message: string; hint: string | undefined } {
  try {
    action();
  } catch (error) {
    if (error instanceof SweepError) return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('lists of values', () => {
  it.each([
    ['mxu.count', '1,2,4', [1, 2, 4]],
    ['mxu.count', '1..4', [1, 2, 3, 4]],
    ['memory.rowMissCycles', '0..100+25', [0, 25, 50, 75, 100]],
    ['memory.bytesPerCycle', '16..256*2', [16, 32, 64, 128, 256]],
    ['memory.bytesPerCycle', '3..20*3, 64', [3, 9, 64]],
    ['pipeline.forwarding', 'true,false', [true, false]],
    ['pipeline.execution', 'overlapped, tomasulo', ['overlapped', 'tomasulo']],
    ['param.SCALE', '-1.5,0..1+0.5', [-1.5, 0, 0.5, 1]],
    ['machine', 'cached,ideal', ['cached', 'ideal']],
    ['level', '0..2', [0, 1, 2]],
  ])('%s=%s', (key, list, values) => {
    expect(parseValues(keyNamed(key), list)).toEqual(values);
  });

  it.each([
    ['mxu.cont=1', 'there is no parameter mxu.cont', 'did you mean mxu.count?'],
    ['mxu=1', 'there is no parameter mxu', 'mxu has mxu.count, mxu.rows'],
    ['lanes=1', 'there is no parameter lanes', 'did you mean vec.lanes or sfu.lanes?'],
    ['name=x', 'there is no parameter name', undefined],
    ['mxu.count', 'write KEY=LIST', 'mxu.count=1,2,4'],
    ['mxu.count=', 'a value is missing', undefined],
    ['mxu.count=0..4', '0 is not possible; it must be a whole number from 1 to 64', undefined],
    ['mxu.count=1.5', '1.5 is not possible', undefined],
    ['mxu.count=two', 'two is not possible', undefined],
    ['mxu.count=true', 'true is not possible', undefined],
    ['pipeline.execution=tomasula', 'it must be one of', 'did you mean tomasulo?'],
    ['mxu.count=1,2,1', '1 stands there twice', undefined],
    ['mxu.count=4..1', '4..1 is no range', 'ranges go up'],
    ['mxu.count=1..8*1', 'is no range', 'ranges go up'],
    ['mxu.count=1..8..2', 'is no range', 'ranges go up'],
    ['memory.latencyCycles=1..100000', 'more than 1000 values', 'take larger steps'],
    ['param.X=a', 'a is not possible; it must be a number', undefined],
    ['level=3', '3 is not possible; it must be 0, 1 or 2', undefined],
  ])('%s is refused', (text, message, hint) => {
    const told = refusal(() => parseAxes([text]));
    expect(told.message).toContain(message);
    if (hint !== undefined) expect(told.hint).toContain(hint);
  });
});

describe('a plan', () => {
  it('has every combination once, the last key changing first', () => {
    const { axes, points } = plan(['mxu.count=1,2', 'vec.lanes=8,16,32']);
    expect(points.map(({ values }) => values)).toEqual([
      [1, 8],
      [1, 16],
      [1, 32],
      [2, 8],
      [2, 16],
      [2, 32],
    ]);
    expect(points.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { values, machine } of points) {
      expect([machine.mxu.count, machine.vec.lanes]).toEqual(values);
    }
    expect(showValues(axes, points[4]!.values)).toBe('mxu.count=2 vec.lanes=16');
  });

  it('varies whole machines, and parameters of each', () => {
    const { points } = plan(['machine=cached,tomasulo', 'mxu.count=1,2']);
    expect(points.map(({ machine }) => [machine.name, machine.mxu.count])).toEqual([
      ['cached', 1],
      ['cached', 2],
      ['tomasulo', 1],
      ['tomasulo', 2],
    ]);
  });

  it('can vary every parameter of a machine', () => {
    const machine = machineNamed('cached');
    for (const name of PARAMETERS.keys()) {
      const value = parameterOf(machine, name)!;
      expect(withParameter(machine, name, value)).toEqual(machine);
      const changed = withParameter(machine, name, 'changed');
      expect(parameterOf(changed, name)).toBe('changed');
      expect(changed).not.toEqual(machine);
    }
  });

  it('knows which point is the machine as it is', () => {
    const base = plan(['memory.bytesPerCycle=8,16,32']);
    expect(referenceOf(base)).toEqual({ point: base.points[1], isBase: true });
    const other = plan(['memory.bytesPerCycle=8,32']);
    expect(referenceOf(other)).toEqual({ point: other.points[0], isBase: false });
  });

  it('refuses combinations that make no machine, unless they are to be left out', () => {
    const texts = ['pipeline.execution=overlapped,tomasulo', 'pipeline.width=1,2'];
    const { message, hint } = refusal(() => plan(texts));
    expect(message).toContain('1 combination makes no machine');
    expect(message).toContain('pipeline.execution=overlapped pipeline.width=2: pipeline.width must be 1'); // prettier-ignore
    expect(hint).toContain('--skip-impossible');
    const { points, impossible } = plan(texts, 'gemmini16', true);
    expect(points.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(impossible.map(({ values }) => values)).toEqual([['overlapped', 2]]);
  });

  it('refuses parameters of what a machine has not, keys given twice, and too many points', () => {
    expect(refusal(() => plan(['cache.ways=1'])).message).toContain('gemmini16 has no cache');
    const twice = refusal(() => plan(['mxu.count=1', 'mxu.count=2']));
    expect(twice.hint).toBe('put all its values into one list');
    const many = refusal(() => plan(['mxu.count=1..64', 'vec.count=1..64', 'alu.count=1..64']));
    expect(many.message).toBe('64 × 64 × 64 = 262144 points are too many');
    expect(many.hint).toContain(String(MOST_POINTS));
    expect(refusal(() => plan([])).message).toBe('nothing varies');
  });

  it('is shared out by shards: each point is in exactly one', () => {
    const { points } = plan(['mxu.count=1..5', 'vec.lanes=1..7']);
    for (let of = 1; of <= points.length + 2; of++) {
      const shards = Array.from({ length: of }, (_, i) => shardOf(points, { number: i + 1, of }));
      const sizes = shards.map((shard) => shard.length);
      expect(shards.flat().toSorted((a, b) => a.index - b.index)).toEqual(points);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('has a file name for each point, whatever its values', () => {
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.string());
    const pairs = fc.uniqueArray(fc.tuple(value, value), {
      selector: ([a, b]) => `${String(a)} vec.lanes=${String(b)}`,
    });
    const { axes } = plan(['mxu.count=1', 'vec.lanes=1']);
    fc.assert(
      fc.property(pairs, (all) => {
        const names = all.map((values) => fileNameOf(axes, values));
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) expect(name).toMatch(/^[\w.=-]{1,120}\.json$/);
      }),
      { seed },
    );
  });
});
