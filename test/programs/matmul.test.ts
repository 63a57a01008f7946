/** matmul-tiled: blocks of every ragged size give the bits of the plain triple loop. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matmul as exactMatmul } from '../../src/reference/linear.ts';
import { matmul as plainMatmul } from '../support/bounds/float32.ts';
import { matmul } from '../support/bounds/index.ts';
import { SMALL, expectWithin, fills, finish, programNamed, randomData, seeds } from './support.ts';

const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 15, 16, 17, 32, 33));

function check(params: Record<string, number>, prepare?: ReturnType<typeof randomData>): void {
  const run = finish(programNamed('matmul-tiled', params), prepare);
  const [a, b] = [run.input('A'), run.input('B')];
  const actual = run.output('C');
  expectWithin(actual, matmul(a, b), exactMatmul(a.value, b.value));
  const tile = ({ rows, cols, data }: typeof a.value) => ({ rows, cols, data: [...data] });
  expect([...actual]).toEqual(plainMatmul(tile(a.value), tile(b.value)).data);
}

describe('matmul-tiled', () => {
  it('is A · B as it stands', () => {
    check({});
  });

  it('is A · B for any sizes and data', () => {
    const sizes = fc.record({ M: size, K: size, N: size });
    fc.assert(
      fc.property(sizes, seeds, fills, (params, seed, A) => {
        check(params, randomData(seed, { A }));
      }),
      SMALL,
    );
  });
});
