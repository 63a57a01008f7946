/** The tables that importers compute: angles of rotary positions, and T5's buckets of distances. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { biasTable, bucketOf } from '../../../src/model/huggingface/buckets.ts';
import { Config } from '../../../src/model/huggingface/config.ts';
import type { Rope } from '../../../src/model/huggingface/rope.ts';
import { frequencies, readRope, ropeTable } from '../../../src/model/huggingface/rope.ts';
import { MAX_ANGLE, sinCos } from '../../../src/model/huggingface/trigonometry.ts';
import { RUNS, fileErrorOf } from '../support.ts';

/** A float32 step may err by half of this, relatively. */
const FLOAT32_EPSILON = 2 ** -23;

const PLAIN: Rope = { base: 10000, scaling: { kind: 'default' } };

const LLAMA3 = {
  rope_type: 'llama3',
  rope_theta: 500000,
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 64,
};

const rope = (values: Readonly<Record<string, unknown>>) =>
  readRope(new Config('config.json', values));

describe('sin and cos', () => {
  test('agree with those of the host to the last bit or two', () => {
    const angle = fc.oneof(
      fc.double({ min: -MAX_ANGLE, max: MAX_ANGLE, noNaN: true }),
      fc.double({ min: -4, max: 4, noNaN: true }),
      fc.integer({ min: 0, max: 131072 }),
    );
    fc.assert(
      fc.property(angle, (x) => {
        const { sin, cos } = sinCos(x);
        // 2⁻⁵² of ours, and half a unit in the last place, 2⁻⁵³, of the host's.
        expect(Math.abs(sin - Math.sin(x))).toBeLessThanOrEqual(2 ** -52 + 2 ** -53);
        expect(Math.abs(cos - Math.cos(x))).toBeLessThanOrEqual(2 ** -52 + 2 ** -53);
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });

  test('are exact at 0, and turn as they should by quarters', () => {
    expect(sinCos(0)).toEqual({ sin: 0, cos: 1 });
    const quarters = [1, 2, 3, 4, -1].map((n) => sinCos((n * Math.PI) / 2));
    const signs = quarters.map(({ sin, cos }) => `${sin.toFixed(0)} ${cos.toFixed(0)}`);
    expect(signs.map((text) => text.replace(/-0/g, '0'))).toEqual([
      '1 0',
      '0 -1',
      '-1 0',
      '0 1',
      '-1 0',
    ]);
  });
});

describe('rotary positions', () => {
  test('frequencies are powers of the base, to four roundings of float32', () => {
    const bases = fc.integer({ min: 2, max: 10_000_000 });
    fc.assert(
      fc.property(bases, fc.integer({ min: 1, max: 64 }), (base, half) => {
        frequencies({ base, scaling: { kind: 'default' } }, 2 * half).forEach((found, i) => {
          // The exponent is rounded too, and the power grows with ln base ≤ 16.2 times as much.
          const bound = (2 + Math.log(base) / 2) * FLOAT32_EPSILON;
          const exact = base ** (-i / half);
          expect(Math.abs(found / exact - 1)).toBeLessThanOrEqual(bound);
        });
      }),
      RUNS,
    );
  });

  test('linear scaling by two is half the positions, exactly', () => {
    const slow = ropeTable('sin', rope({ rope_scaling: { type: 'linear', factor: 2 } }), [8, 4]);
    const fast = ropeTable('sin', PLAIN, [4, 4]);
    for (let position = 0; position < 4; position++) {
      const row = slow.data.subarray(2 * position * 4, (2 * position + 1) * 4);
      expect(row).toEqual(fast.data.subarray(position * 4, (position + 1) * 4));
    }
  });

  test('llama3 keeps short waves, stretches long ones, and mixes those between', () => {
    const width = 32;
    const plain = frequencies({ base: LLAMA3.rope_theta, scaling: { kind: 'default' } }, width);
    const found = frequencies(rope({ rope_parameters: LLAMA3 }), width);
    const kinds = plain.map((frequency, i) => {
      const wave = (2 * Math.PI) / frequency;
      const smooth = (64 / wave - 1) / (4 - 1);
      const kept = Math.min(Math.max(smooth, 0), 1);
      const expected = frequency * (kept + (1 - kept) / 8);
      // Some eight roundings, and 1 − smooth cancels at most to its own size.
      expect(Math.abs(found[i]! / expected - 1)).toBeLessThan(8 * FLOAT32_EPSILON);
      return Math.sign(kept) + Math.sign(1 - kept) * 2;
    });
    expect(new Set(kinds)).toEqual(new Set([1, 3, 2]));
  });

  test('an attention_factor is ignored, as transformers ignores it for these kinds', () => {
    const scaling = { type: 'linear', factor: 2 };
    const factor = { ...scaling, attention_factor: 3 };
    expect(rope({ rope_scaling: factor })).toEqual(rope({ rope_scaling: scaling }));
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['dynamic', { rope_scaling: { type: 'dynamic', factor: 2 } }, /rope_scaling: type "dynamic"/],
    ['yarn', { rope_parameters: { rope_type: 'yarn' } }, /rope_type "yarn" is not supported/],
    ['no factor', { rope_scaling: { type: 'linear' } }, /rope_scaling: factor is missing/],
    ['a factor of 0', { rope_scaling: { type: 'linear', factor: 0 } }, /factor is 0/],
    ['half of a head', { partial_rotary_factor: 0.5 }, /partial_rotary_factor 0.5 is not/],
    ['a base of 0', { rope_theta: 0 }, /rope_theta is 0/],
    ['a text', { rope_scaling: 'linear' }, /rope_scaling is "linear"/],
  ])('%s is refused', (_, values, message) => {
    expect(fileErrorOf(() => rope(values)).message).toMatch(message);
  });
});

describe('buckets of distances', () => {
  const BOTH = { count: 32, maxDistance: 128, bidirectional: true };
  const BACK = { ...BOTH, bidirectional: false };

  test('the borders lie at 8 · 16^(k/8) and, looking back only, at 16 · 8^(k/16)', () => {
    const firsts = (one: typeof BOTH, side: number): number[] => {
      const all = Array.from({ length: 200 }, (_, far) => bucketOf(side * far, one));
      return all.flatMap((bucket, far) => (bucket === all[far - 1] ? [] : [far]));
    };
    const near = [0, 1, 2, 3, 4, 5, 6, 7];
    expect(firsts(BOTH, -1)).toEqual([...near, 8, 12, 16, 23, 32, 46, 64, 91]);
    expect(firsts(BOTH, 1)).toEqual([...near, 8, 12, 16, 23, 32, 46, 64, 91]);
    expect(firsts(BACK, -1)).toEqual([
      ...Array.from({ length: 16 }, (_, far) => far),
      ...[16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113],
    ]);
    expect(firsts(BACK, 1)).toEqual([0]);
  });

  test('are all used, grow with distance, and tell before from behind', () => {
    const sizes = fc
      .integer({ min: 2, max: 32 })
      .chain((half) => fc.tuple(fc.constant(2 * half), fc.integer({ min: half + 1, max: 500 })));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 600 }), ([count, maxDistance], far) => {
        const one = { count, maxDistance, bidirectional: true };
        const [before, behind] = [bucketOf(-far, one), bucketOf(far, one)];
        expect(behind).toBe(before + Math.floor(count / 2));
        expect(bucketOf(-far - 1, one)).toBeGreaterThanOrEqual(before);
        expect(behind).toBeLessThan(count);
        if (far >= maxDistance) expect(behind).toBe(count - 1);
      }),
      RUNS,
    );
  });

  test('the table has the bias of each distance for each head', () => {
    const data = Float32Array.from({ length: 64 }, (_, at) => at);
    const table = biasTable({ dtype: 'f32', shape: [32, 2], data }, 3, BOTH);
    expect(table.shape).toEqual([2, 5]);
    expect([...table.data]).toEqual([4, 2, 0, 34, 36, 5, 3, 1, 35, 37]);
  });
});
