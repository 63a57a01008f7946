/** Greedy choice: the first of the best logits, whatever the vocabulary and the tile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniform01 } from '../../../src/tensor/random.ts';
import { finish, stubProgram } from './support.ts';

const TILES = [2, 4, 16, 256];
const VOCABULARIES = [1, 2, 3, 16, 17, 67, 256, 257, 272, 5000];
const ROWS = 3;

/** As ARGMAX: the first NaN, else the first of the largest. */
function argmax(row: readonly number[]): number {
  const nan = row.findIndex(Number.isNaN);
  if (nan >= 0) return nan;
  return row.indexOf(row.reduce((a, b) => Math.max(a, b), -Infinity));
}

function expectGreedy(program: ReturnType<typeof stubProgram>, rows: readonly number[][]): void {
  const { tokens } = finish(program, rows.flat(), { promptTokens: [0] });
  expect(tokens).toEqual(rows.map(argmax));
}

describe('greedy choice', () => {
  for (const tile of TILES) {
    for (const vocabulary of VOCABULARIES) {
      const program = stubProgram({ vocabulary, tile, maxNewTokens: ROWS }, ROWS);

      it(`finds each of a few positions among ${vocabulary}, tile ${tile}`, () => {
        const last = vocabulary - 1;
        for (const at of new Set([0, 1, tile - 1, tile, tile * tile - 1, tile * tile, last])) {
          if (at > last) continue;
          const row = Array.from({ length: vocabulary }, (_, i) => (i === at ? -1 : -2));
          expectGreedy(program, [row, row, row]);
        }
      });

      // Few different values, so that there are ties. Large vocabularies and large tiles take long.
      const numRuns = vocabulary > 1000 || tile > 16 ? 10 : 100;
      it(`takes the first of the best of ${vocabulary}, tile ${tile}`, () => {
        const value = fc.constantFrom(-Infinity, -2, -1, -0, 0, 1, 3);
        const row = fc
          .tuple(fc.array(value, { minLength: 1, maxLength: 12 }), fc.nat(2 ** 31 - 1))
          .map(([values, seed]) =>
            Array.from(
              { length: vocabulary },
              (_, i) => values[Math.floor(uniform01(seed, i) * values.length)]!,
            ),
          );
        const rows = fc.array(row, { minLength: ROWS, maxLength: ROWS });
        fc.assert(
          fc.property(rows, (table) => {
            expectGreedy(program, table);
          }),
          { numRuns, seed: 20250301 },
        );
      });
    }
  }

  it('takes the first NaN, which shows that something went wrong', () => {
    const row = Array.from({ length: 300 }, (_, i) => (i === 123 || i === 200 ? NaN : i));
    expectGreedy(stubProgram({ vocabulary: 300, maxNewTokens: ROWS }, ROWS), [row, row, row]);
  });

  it('takes token 0 when nothing is possible', () => {
    const row = new Array<number>(300).fill(-Infinity);
    expectGreedy(stubProgram({ vocabulary: 300, maxNewTokens: ROWS }, ROWS), [row, row, row]);
  });

  it('finds its way among 200,000', () => {
    const vocabulary = 200_000;
    const program = stubProgram({ vocabulary, maxNewTokens: ROWS }, ROWS);
    const row = (at: number) => Array.from({ length: vocabulary }, (_, i) => (i === at ? 1 : 0.5));
    expectGreedy(program, [row(199_999), row(131_072), row(4097)]);
  });
});
