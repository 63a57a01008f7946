/** Pruned weights: which tiles stay, and that what stays is multiplied in the same order as before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prune, tilesKept } from '../../../src/compiler/passes/prune.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Graph } from '../../../src/model/graph.ts';
import { runGraph } from '../../support/compile-graph.ts';
import { values } from '../../support/random-graph.ts';

const RUNS = { numRuns: 300, seed: 20260923 } as const;

interface Linear {
  readonly rows: number;
  readonly inner: number;
  readonly out: number;
  readonly transposed: boolean;
  readonly seed: number;
  readonly edge: number;
  readonly fraction: number;
}

const linears: fc.Arbitrary<Linear> = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  inner: fc.integer({ min: 1, max: 40 }),
  out: fc.integer({ min: 1, max: 40 }),
  transposed: fc.boolean(),
  seed: fc.nat(100_000),
  edge: fc.constantFrom(4, 16),
  fraction: fc.constantFrom(0.1, 0.25, 0.5, 0.9, 0.99),
});

/** w as in × out or out × in; `drop` says which of its tiles are zeros. */
function graphOf(linear: Linear, drop: (row: number, column: number) => boolean): Graph {
  const { rows, inner, out, transposed, edge } = linear;
  const graph = new GraphBuilder('linear');
  const dense = denseOf(linear);
  const w = Array.from({ length: inner * out }, (_, n) => {
    const [i, j] = transposed ? [n % inner, Math.floor(n / inner)] : [Math.floor(n / out), n % out];
    return drop(Math.floor(i / edge), Math.floor(j / edge)) ? 0 : dense(i, j);
  });
  const x = graph.input('x', 'f32', [rows, inner]);
  const weight = graph.constant('w', 'f32', transposed ? [out, inner] : [inner, out], w);
  const bias = graph.constant('b', 'f32', [out], values(linear.seed + 2, out, 1));
  return graph.finish([graph.add('linear', [x, weight, bias], { transposed }, { name: 'y' })]);
}

function denseOf({ inner, out, seed }: Linear): (i: number, j: number) => number {
  const w = values(seed, inner * out, 1);
  return (i, j) => w[i * out + j]!;
}

const nothing = () => false;

/** The tiles that are left: row and column of each, in their order. */
function keptOf(pruned: Graph): readonly (readonly [row: number, column: number])[] {
  const read = (word: string) =>
    pruned.weights.find(({ name }) => name === `w ${word}`)!.read().data;
  const [starts, which] = [read('starts'), read('which')];
  return Array.from(which, (row, tile) => [row, starts.findIndex((start) => start > tile) - 1]);
}

describe('pruning', () => {
  it('leaves the share that is asked for, and one tile to each column', () => {
    fc.assert(
      fc.property(linears, (linear) => {
        const { inner, out, edge, fraction } = linear;
        const [down, across] = [Math.ceil(inner / edge), Math.ceil(out / edge)];
        const kept = keptOf(prune(graphOf(linear, nothing), edge, fraction));
        const wanted = down * across - Math.floor(down * across * fraction);
        expect(kept).toHaveLength(Math.max(across, wanted));
        expect(tilesKept(inner, out, edge, fraction)).toBe(kept.length);
        expect(new Set(kept.map(([, column]) => column)).size).toBe(across);
        const inOrder = kept.toSorted(([a, b], [c, d]) => b - d || a - c);
        expect(kept).toEqual(inOrder);
        expect(new Set(kept.map(String)).size).toBe(kept.length);
      }),
      RUNS,
    );
  });

  it('drops no tile that is larger than one it leaves, except for the last of a column', () => {
    fc.assert(
      fc.property(linears, (linear) => {
        const { inner, out, edge, fraction } = linear;
        const kept = keptOf(prune(graphOf(linear, nothing), edge, fraction));
        const norm = normOf(linear);
        const isKept = new Set(kept.map(String));
        const spare = kept.filter(([, c]) => kept.filter(([, other]) => other === c).length > 1);
        const least = Math.min(...spare.map(([row, column]) => norm(row, column)));
        for (let row = 0; row < Math.ceil(inner / edge); row++) {
          for (let column = 0; column < Math.ceil(out / edge); column++) {
            if (!isKept.has(String([row, column]))) expect(norm(row, column)).toBeLessThanOrEqual(least); // prettier-ignore
          }
        }
      }),
      RUNS,
    );
  });

  it('leaves the sums of what is left as they were, to the bit', () => {
    fc.assert(
      fc.property(linears, (linear) => {
        const { edge, fraction, rows, inner, seed } = linear;
        const graph = graphOf(linear, nothing);
        const kept = new Set(keptOf(prune(graph, edge, fraction)).map(String));
        // Adding the products of zeros changes no bit of a sum that begins as +0.
        const dense = graphOf(linear, (row, column) => !kept.has(String([row, column])));
        const inputs = new Map([['x', values(seed + 1, rows * inner, 1)]]);
        const expected = runGraph(dense, inputs, { level: 0, tile: edge }).bits;
        for (const level of [0, 2] as const) {
          const settings = { level, tile: edge, prune: fraction };
          expect(runGraph(graph, inputs, settings).bits).toEqual(expected);
        }
      }),
      { ...RUNS, numRuns: 60 },
    );
  });

  it('of a share of less than one tile changes no bit', () => {
    const linear = { rows: 5, inner: 30, out: 21, transposed: true, seed: 7, edge: 4, fraction: 0 };
    const graph = graphOf(linear, nothing);
    const inputs = new Map([['x', values(1, 150, 1)]]);
    const run = (share: number) => runGraph(graph, inputs, { level: 1, tile: 4, prune: share });
    const all = run(0.001);
    expect(all.compiled.text).toContain('w_which');
    expect(all.bits).toEqual(run(0).bits);
  });

  it('leaves a weight of zeros a tile in each column', () => {
    const linear = {
      rows: 2,
      inner: 9,
      out: 9,
      transposed: false,
      seed: 7,
      edge: 4,
      fraction: 0.9,
    };
    const graph = graphOf(linear, () => true);
    expect(keptOf(prune(graph, 4, 0.9))).toEqual([[0, 0], [0, 1], [0, 2]]); // prettier-ignore
    const inputs = new Map([['x', values(1, 18, 1)]]);
    const run = (share: number) =>
      runGraph(graph, inputs, { level: 1, tile: 4, prune: share }).bits;
    expect(run(0.9)).toEqual(run(0));
  });
});

/** The sum of squares of a tile. */
function normOf(linear: Linear): (row: number, column: number) => number {
  const { inner, out, edge } = linear;
  const w = denseOf(linear);
  return (row, column) => {
    let sum = 0;
    for (let i = row * edge; i < Math.min(inner, (row + 1) * edge); i++) {
      for (let j = column * edge; j < Math.min(out, (column + 1) * edge); j++) sum += w(i, j) ** 2;
    }
    return Math.fround(sum);
  };
}
