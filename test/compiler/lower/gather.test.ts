/** Slices named by integers, against the evaluator: exact, whatever the elements are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerGather } from '../../../src/compiler/lower/gather.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Dim, ElementType, Graph } from '../../../src/model/graph.ts';
import { expected, runLevels } from '../../support/kernel-run.ts';
import type { Shape } from '../../support/random-tensors.ts';
import { RUNS, edge, shapeOf, valuesOf } from '../../support/random-tensors.ts';

function graphOf(dtype: ElementType, table: Shape, indices: readonly Dim[], axis: number): Graph {
  const builder = new GraphBuilder('gather', { rows: 64 });
  const names = [builder.input('x', dtype, table), builder.input('at', 'i32', indices)];
  return builder.finish([builder.add('gather', names, { axis }, { name: 'y' })]);
}

const indicesOf = (shape: Shape, length: number, seed: number) =>
  valuesOf({ dtype: 'i32', shape }, seed).map((value) => Math.abs(value) % length);

describe('gather', () => {
  it('takes slices along any axis', () => {
    const tables = shapeOf(400, { minLength: 1, maxLength: 4 }).chain((shape) =>
      fc.tuple(fc.constant(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
    );
    const dtype = fc.constantFrom<ElementType>('f32', 'f32', 'i32', 'bool');
    const places = shapeOf(12, { minLength: 0, maxLength: 3 });
    fc.assert(
      fc.property(tables, places, dtype, edge, fc.nat(1_000_000), ([shape, axis], named, type, tile, seed) => {
        const graph = graphOf(type, shape, named, axis);
        const inputs = new Map([
          ['x', valuesOf({ dtype: type, shape }, seed, { awkward: true })],
          ['at', indicesOf(named, shape.at(axis)!, seed + 1)],
        ]);
        expect(runLevels(graph, lowerGather, inputs, { tile })).toEqual(expected(graph, inputs));
      }),
      RUNS,
    ); // prettier-ignore
  });

  it('takes as many rows as a count says', () => {
    for (const rows of [1, 7, 40]) {
      const graph = graphOf('f32', [50, 37], ['rows'], 0);
      const inputs = new Map([
        ['x', valuesOf({ dtype: 'f32', shape: [50, 37] }, 1)],
        ['at', indicesOf([rows], 50, rows)],
      ]);
      const found = runLevels(graph, lowerGather, inputs, { tile: 16, counts: { rows } });
      expect(found).toEqual(expected(graph, inputs, { rows }));
    }
  });
});
