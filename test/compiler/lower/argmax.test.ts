/** The largest element of rows of any width, the first of equal ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerArgmax } from '../../../src/compiler/lower/argmax.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Dim, Graph } from '../../../src/model/graph.ts';
import { expected, runLevels } from '../../support/kernel-run.ts';
import { RUNS, edge, shapeOf, valuesOf } from '../../support/random-tensors.ts';

function graphOf(shape: readonly Dim[]): Graph {
  const builder = new GraphBuilder('argmax', { rows: 64 });
  return builder.finish([builder.add('argmax', [builder.input('x', 'f32', shape)], {}, { name: 'y' })]); // prettier-ignore
}

/** Few different values, so that the largest is there more than once. */
const coarse = (shape: readonly number[], seed: number) =>
  valuesOf({ dtype: 'f32', shape }, seed).map((value) => Math.round(value));

describe('argmax', () => {
  it('finds the first of the largest elements of every row', () => {
    const shapes = fc.oneof(
      shapeOf(800, { minLength: 1, maxLength: 4 }),
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 })),
    );
    fc.assert(
      fc.property(shapes, edge, fc.nat(1_000_000), (shape, tile, seed) => {
        const inputs = new Map([['x', coarse(shape, seed)]]);
        const graph = graphOf(shape);
        expect(runLevels(graph, lowerArgmax, inputs, { tile })).toEqual(expected(graph, inputs));
      }),
      RUNS,
    );
  });

  it('has as many rows as a count says', () => {
    for (const rows of [1, 5, 16, 21]) {
      const inputs = new Map([['x', coarse([rows, 50], rows)]]);
      const graph = graphOf(['rows', 50]);
      const found = runLevels(graph, lowerArgmax, inputs, { tile: 16, counts: { rows } });
      expect(found).toEqual(expected(graph, inputs, { rows }));
    }
  });

  it('takes NaN for the largest, and zeros of either sign for equal', () => {
    const rows = [
      [1, 2, NaN, 9, NaN, 3],
      [-1, -0, 0, -2, -0, 0],
      [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
      [5, 4, 3, 2, 1, NaN],
    ];
    const inputs = new Map([['x', rows.flat()]]);
    const found = runLevels(graphOf([rows.length, 6]), lowerArgmax, inputs, { tile: 4 });
    expect(found.get('y')).toEqual([2, 1, 0, 5]);
  });

  it('finds it anywhere in a vocabulary', () => {
    const width = 5000;
    for (const largest of [0, 15, 16, 4095, 4096, 4992, 4999]) {
      const x = Array.from({ length: width }, (_, i) => (i === largest ? 1 : 0));
      const found = runLevels(graphOf([1, width]), lowerArgmax, new Map([['x', x]]), { tile: 16 });
      expect(found.get('y')).toEqual([largest]);
    }
  });
});
