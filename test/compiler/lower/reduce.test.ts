/** Reductions against the float64 evaluator, within the bound of a float32 sum. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerReduce } from '../../../src/compiler/lower/reduce.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Dim, ElementType, Graph } from '../../../src/model/graph.ts';
import type { Counts, Values } from '../../support/kernel-run.ts';
import { expected, runLevels } from '../../support/kernel-run.ts';
import { RUNS, edge, shapeOf, valuesOf } from '../../support/random-tensors.ts';

const UNIT = 2 ** -24;

interface Case {
  readonly op: string;
  readonly shape: readonly Dim[];
  readonly axes: readonly number[];
  readonly keep: boolean;
  readonly dtype?: ElementType;
}

function graphOf({ op, shape, axes, keep, dtype = 'f32' }: Case): Graph {
  const builder = new GraphBuilder('reduction', { rows: 64 });
  const x = builder.input('x', dtype, shape);
  return builder.finish([builder.add(op, [x], { axes, keep }, { name: 'y' })]);
}

/**
 * However n numbers are added up, the error is at most γₙ Σ|x| (Higham, 2002, §4.2); a mean divides
 * once more. A maximum is exact.
 */
function expectWithin(graph: Graph, inputs: Values, tile: number, counts: Counts = {}): void {
  const found = runLevels(graph, lowerReduce, inputs, { tile, counts }).get('y')!;
  const wanted = expected(graph, inputs, counts).get('y')!;
  const isExact = graph.nodes[0]!.op === 'reduce_max';
  const sizes = new Map([['x', inputs.get('x')!.map(Math.abs)]]);
  const magnitudes = expected(graph, sizes, counts).get('y')!;
  const n = inputs.get('x')!.length + 1;
  const gamma = isExact ? 0 : (n * UNIT) / (1 - n * UNIT);
  const isWithin = (value: number, i: number) =>
    value === wanted[i] || Math.abs(value - wanted[i]!) <= gamma * magnitudes[i]!;
  expect(found).toHaveLength(wanted.length);
  expect(found.findIndex((value, i) => !isWithin(value, i))).toBe(-1);
}

const op = fc.constantFrom('reduce_sum', 'reduce_mean', 'reduce_max');
const seed = fc.nat(1_000_000);

describe('a reduction', () => {
  it('works along any axes', () => {
    const drawn = shapeOf().chain((shape) =>
      fc.record({
        op,
        shape: fc.constant(shape),
        axes: fc.subarray(shape.map((_, axis) => axis)),
        keep: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(drawn, edge, seed, (given, tile, from) => {
        const inputs = new Map([['x', valuesOf({ dtype: 'f32', shape: given.shape }, from)]]);
        expectWithin(graphOf(given), inputs, tile);
      }),
      RUNS,
    );
  });

  it('of as many rows as a count says goes along them or across', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const along = fc.constantFrom(['reduce_sum', 0], ['reduce_max', 0], ['reduce_mean', 1]);
    fc.assert(
      fc.property(along, side, side, edge, seed, ([name, axis], rows, width, tile, from) => {
        const graph = graphOf({ op: name as string, shape: ['rows', width], axes: [axis as number], keep: true }); // prettier-ignore
        const inputs = new Map([['x', valuesOf({ dtype: 'f32', shape: [rows, width] }, from)]]);
        expectWithin(graph, inputs, tile, { rows });
      }),
      RUNS,
    );
  });

  it('finds whether anything is true', () => {
    const given = { op: 'reduce_max', shape: [7, 20], axes: [-1], keep: false, dtype: 'bool' } as const; // prettier-ignore
    const x = Array.from({ length: 140 }, (_, i) => (i === 45 ? 1 : 0));
    const found = runLevels(graphOf(given), lowerReduce, new Map([['x', x]]), { tile: 4 });
    expect(found.get('y')).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });

  it('lets NaN through', () => {
    const x = [1, NaN, 3, 4, 5, 6];
    for (const name of ['reduce_sum', 'reduce_max']) {
      const graph = graphOf({ op: name, shape: [2, 3], axes: [1], keep: false });
      const found = runLevels(graph, lowerReduce, new Map([['x', x]]), { tile: 16 }).get('y')!;
      expect(found).toEqual([NaN, name === 'reduce_sum' ? 15 : 6]);
    }
  });

  it('of nothing is what it begins with', () => {
    const of = (name: string) =>
      runLevels(
        graphOf({ op: name, shape: [3, 0], axes: [1], keep: false }),
        lowerReduce,
        new Map([['x', []]]),
        { tile: 16 },
      ).get('y');
    expect(of('reduce_sum')).toEqual([0, 0, 0]);
    expect(of('reduce_max')).toEqual([-Infinity, -Infinity, -Infinity]);
  });

  it('adds pieces of a row in ascending order', () => {
    const x = [1, 2 ** -24, 2 ** -24, 2 ** -24, 2 ** -24];
    const graph = graphOf({ op: 'reduce_sum', shape: [1, 5], axes: [1], keep: false });
    // Two pieces: 1 + 3·2⁻²⁴ in lanes and a tree, (1 + 2⁻²⁴) + (2⁻²⁴ + 2⁻²⁴), then the last.
    const pair = (a: number, b: number) => Math.fround(a + b);
    const first = pair(pair(1, 2 ** -24), pair(2 ** -24, 2 ** -24));
    const found = runLevels(graph, lowerReduce, new Map([['x', x]]), { tile: 4 });
    expect(found.get('y')).toEqual([pair(first, 2 ** -24)]);
  });
});
