/** Matrix products against the float64 evaluator, within the bound of a float32 sum. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerMatmul } from '../../../src/compiler/lower/matmul.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Dim, Graph } from '../../../src/model/graph.ts';
import type { Counts, Values } from '../../support/kernel-run.ts';
import { expected, runKernel, runLevels } from '../../support/kernel-run.ts';
import type { Shape } from '../../support/random-tensors.ts';
import { RUNS, broadcastOf, edge, shapeOf, valuesOf } from '../../support/random-tensors.ts';

const UNIT = 2 ** -24;

/**
 * |fl(Σ a·b) − Σ a·b| ≤ γₙ Σ|a·b|, γₙ = n u / (1 − n u) with n = k (Higham, 2002, §3.1); the sum of
 * magnitudes is the same product of |a| and |b|.
 */
function expectWithin(
  graph: Graph,
  inputs: Values,
  inner: number,
  tile: number,
  counts: Counts = {},
) {
  const found = runLevels(graph, lowerMatmul, inputs, { tile, counts }).get('y')!;
  const wanted = expected(graph, inputs, counts).get('y')!;
  const sizes = new Map([...inputs].map(([name, values]) => [name, values.map(Math.abs)]));
  const magnitudes = expected(graph, sizes, counts).get('y')!;
  const gamma = (inner * UNIT) / (1 - inner * UNIT);
  const wrong = found.findIndex((value, i) => !(Math.abs(value - wanted[i]!) <= gamma * magnitudes[i]!)); // prettier-ignore
  expect(found).toHaveLength(wanted.length);
  expect(wrong).toBe(-1);
}

function graphOf(a: readonly Dim[], b: readonly Dim[], transposed: boolean): Graph {
  const builder = new GraphBuilder('product', { rows: 64 });
  const names = [builder.input('a', 'f32', a), builder.input('b', 'f32', b)];
  return builder.finish([builder.add('matmul', names, { transposed }, { name: 'y' })]);
}

const side = fc.integer({ min: 1, max: 40 });
const sides = { m: side, k: side, n: side, transposed: fc.boolean(), tile: edge, seed: fc.nat(1_000_000) }; // prettier-ignore

const f32 = (shape: Shape, seed: number) => valuesOf({ dtype: 'f32', shape }, seed);

describe('a product', () => {
  it('of matrices sums in ascending order at every level', () => {
    fc.assert(
      fc.property(fc.record(sides), ({ m, k, n, transposed, tile, seed }) => {
        const [a, b] = [[m, k], transposed ? [n, k] : [k, n]];
        const inputs = new Map([['a', f32(a, seed)], ['b', f32(b, seed + 1)]]); // prettier-ignore
        expectWithin(graphOf(a, b, transposed), inputs, k, tile);
      }),
      RUNS,
    );
  });

  it('of batches broadcasts what stands before the last two dimensions', () => {
    const small = fc.integer({ min: 1, max: 9 });
    const batches = shapeOf(12, { minLength: 0, maxLength: 3 }).chain((shape) =>
      fc.tuple(broadcastOf(shape), fc.constant(shape), fc.boolean()),
    );
    const drawn = fc.record({ ...sides, m: small, k: small, n: small });
    fc.assert(
      fc.property(drawn, batches, ({ m, k, n, transposed, tile, seed }, [one, other, swap]) => {
        const [before, after] = swap ? [other, one] : [one, other];
        const a = [...before, m, k];
        const b = [...after, ...(transposed ? [n, k] : [k, n])];
        const inputs = new Map([['a', f32(a, seed)], ['b', f32(b, seed + 1)]]); // prettier-ignore
        expectWithin(graphOf(a, b, transposed), inputs, k, tile);
      }),
      RUNS,
    );
  });

  it('has as many rows as a count says', () => {
    fc.assert(
      fc.property(fc.record(sides), ({ m, k, n, transposed, tile, seed }) => {
        const b = transposed ? [n, k] : [k, n];
        const inputs = new Map([['a', f32([m, k], seed)], ['b', f32(b, seed + 1)]]); // prettier-ignore
        expectWithin(graphOf(['rows', k], b, transposed), inputs, k, tile, { rows: m });
      }),
      { ...RUNS, numRuns: 100 },
    );
  });

  it('of matrices has its epilogue applied before it is stored', () => {
    const builder = new GraphBuilder('product');
    const names = [builder.input('a', 'f32', [18, 9]), builder.input('b', 'f32', [9, 21])];
    builder.input('bias', 'f32', [21]);
    const graph = builder.finish([builder.add('matmul', names, {}, { name: 'y' })]);
    const epilogue = [
      { op: 'add', other: 'bias', left: false },
      { op: 'relu', other: undefined, left: false },
    ];
    const inputs = new Map([['a', f32([18, 9], 1)], ['b', f32([9, 21], 2)], ['bias', f32([21], 3)]]); // prettier-ignore
    const plain = runLevels(graph, lowerMatmul, inputs, { tile: 16 }).get('y')!;
    const fused = runLevels(graph, (step, context) => lowerMatmul({ ...step, epilogue }, context), inputs, { tile: 16 }); // prettier-ignore
    const bias = inputs.get('bias')!;
    expect(fused.get('y')).toEqual(plain.map((sum, i) => Math.max(0, Math.fround(sum + bias[i % 21]!)))); // prettier-ignore
  });

  it('over no elements is zeros', () => {
    const inputs = new Map([['a', []], ['b', []]]); // prettier-ignore
    const found = runLevels(graphOf([2, 0], [0, 3], false), lowerMatmul, inputs, { tile: 16 });
    expect(found.get('y')).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('loads a tile of a once for eight tiles of b from level 1 on', () => {
    const [a, b] = [[16, 16], [16, 128]]; // prettier-ignore
    const inputs = new Map([['a', f32(a!, 1)], ['b', f32(b!, 2)]]); // prettier-ignore
    const loads = ([0, 1] as const).map((level) => {
      const { text } = runKernel(graphOf(a!, b!, false), lowerMatmul, inputs, { tile: 16, level });
      return text.match(/LOAD /g)!.length;
    });
    expect(loads).toEqual([2, 9]); // level 0 loads both in a loop over the columns
  });

  it('keeps the order of the sum when it is cut into tiles', () => {
    const k = 40;
    const a = f32([1, k], 7);
    const b = f32([k, 1], 8);
    let sum = 0;
    for (let i = 0; i < k; i++) sum = Math.fround(sum + Math.fround(a[i]! * b[i]!));
    const inputs = new Map([['a', a], ['b', b]]); // prettier-ignore
    const found = runLevels(graphOf([1, k], [k, 1], false), lowerMatmul, inputs, { tile: 4 });
    expect(found.get('y')).toEqual([sum]);
  });
});
