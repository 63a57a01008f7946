/** int8 weights: how far they are from the float ones, and that products are exactly those of integers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantize } from '../../../src/compiler/passes/quantize.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Graph, Weight } from '../../../src/model/graph.ts';
import { runGraph } from '../../support/compile-graph.ts';
import { values } from '../../support/random-graph.ts';

const RUNS = { numRuns: 300, seed: 20260922 } as const;

interface Linear {
  readonly rows: number;
  readonly inner: number;
  readonly out: number;
  readonly transposed: boolean;
  readonly seed: number;
  readonly edge: number;
  /** A row of x and an output of w that are all zeros. */
  readonly zeros: boolean;
}

const linears: fc.Arbitrary<Linear> = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  inner: fc.integer({ min: 1, max: 40 }),
  out: fc.integer({ min: 1, max: 40 }),
  transposed: fc.boolean(),
  seed: fc.nat(100_000),
  edge: fc.constantFrom(4, 16),
  zeros: fc.boolean(),
});

/** The element of w that meets element i of x in output j. */
const at = ({ inner, out, transposed }: Linear, i: number, j: number) =>
  transposed ? j * inner + i : i * out + j;

function weightOf(linear: Linear): readonly number[] {
  const { inner, out, seed, zeros } = linear;
  const w = [...values(seed, inner * out, 3)];
  if (zeros) for (let i = 0; i < inner; i++) w[at(linear, i, 0)] = 0;
  return w;
}

function inputOf({ rows, inner, seed, zeros }: Linear): readonly number[] {
  return values(seed + 1, rows * inner, 2).map((x, i) => (zeros && i < inner ? 0 : x));
}

function graphOf(linear: Linear): Graph {
  const { rows, inner, out, transposed } = linear;
  const graph = new GraphBuilder('linear');
  const x = graph.input('x', 'f32', [rows, inner]);
  const w = graph.constant('w', 'f32', transposed ? [out, inner] : [inner, out], weightOf(linear));
  return graph.finish([graph.add('linear', [x, w], { transposed }, { name: 'y' })]);
}

const find = ({ weights }: Graph, name: string): Weight => weights.find((w) => w.name === name)!;

/** q of in × out, read from where the tiles have it. */
function integersOf(linear: Linear, quantized: Graph): (i: number, j: number) => number {
  const { inner, edge } = linear;
  const { data } = find(quantized, 'w int8').read();
  const down = Math.ceil(inner / edge);
  return (i, j) => {
    const tile = Math.floor(j / edge) * down + Math.floor(i / edge);
    return data[(tile * edge + (i % edge)) * edge + (j % edge)]!;
  };
}

describe('a quantised weight', () => {
  it('is within half a step of the weight, and as large as int8 allows', () => {
    fc.assert(
      fc.property(linears, (linear) => {
        const quantized = quantize(graphOf(linear), linear.edge);
        const q = integersOf(linear, quantized);
        const scales = find(quantized, 'w scale').read().data;
        const w = weightOf(linear);
        for (let j = 0; j < linear.out; j++) {
          const scale = scales[j]!;
          const rows = Array.from({ length: linear.inner }, (_, i) => [w[at(linear, i, j)]!, q(i, j)] as const); // prettier-ignore
          const furthest = Math.max(...rows.map(([weight, n]) => Math.abs(weight - n * scale)));
          // The scale is rounded to float32, by which 127 of them may be off by 127 · 2⁻²⁴.
          expect(furthest).toBeLessThanOrEqual(scale / 2 + 127 * scale * 2 ** -24);
          expect(Math.max(...rows.map(([, n]) => Math.abs(n)))).toBe(scale === 0 ? 0 : 127);
        }
      }),
      RUNS,
    );
  });

  it('is read once, when it is needed, and is the same again', () => {
    const graph = graphOf({ rows: 2, inner: 5, out: 6, transposed: false, seed: 1, edge: 4, zeros: false }); // prettier-ignore
    let reads = 0;
    const [weight] = graph.weights;
    const counted = { ...weight!, read: () => (reads++, weight!.read()) };
    const quantized = quantize({ ...graph, weights: [counted] }, 4);
    expect(reads).toBe(0);
    const first = [...find(quantized, 'w int8').read().data];
    expect([...find(quantized, 'w int8').read().data]).toEqual(first);
    expect(find(quantized, 'w scale').read().data).toHaveLength(6);
    expect(reads).toBe(1);
    expect([...find(quantize(graph, 4), 'w int8').read().data]).toEqual(first);
  });

  it('is made for constants of linear maps only, and once for all that use it', () => {
    const graph = new GraphBuilder('linear');
    const x = graph.input('x', 'f32', [4, 4]);
    const w = graph.constant('w', 'f32', [4, 4], values(1, 16, 1));
    const both = [1, 2].map((i) => graph.add('linear', [x, w], {}, { name: `y${i}` }));
    both.push(graph.add('linear', [x, x], {}, { name: 'square' }));
    const { nodes, weights } = quantize(graph.finish(both), 4);
    expect(nodes.map(({ inputs }) => inputs[1])).toEqual(['w int8', 'w int8', 'x']);
    expect(weights.map(({ name }) => name)).toEqual(['w', 'w int8', 'w scale']);
  });
});

describe('a product with a quantised weight', () => {
  it('has the bits of the same integers multiplied here, at every level', () => {
    fc.assert(
      fc.property(linears, (linear) => {
        const graph = graphOf(linear);
        const [x, expected] = [inputOf(linear), expectedOf(linear, graph)];
        for (const level of [0, 2] as const) {
          const settings = { level, tile: linear.edge, quantize: 'int8' } as const;
          const { outputs } = runGraph(graph, new Map([['x', x]]), settings);
          expect([...outputs.get('y')!]).toEqual(expected);
        }
      }),
      { ...RUNS, numRuns: 60 },
    );
  });
});

/** Rows of x to integers with ties to even, exact sums, and both scales, each step in float32. */
function expectedOf(linear: Linear, graph: Graph): readonly number[] {
  const { rows, inner, out, edge } = linear;
  const f = Math.fround;
  const quantized = quantize(graph, edge);
  const q = integersOf(linear, quantized);
  const scales = find(quantized, 'w scale').read().data;
  const x = inputOf(linear);
  return Array.from({ length: rows * out }, (_, n) => {
    const [i, j] = [Math.floor(n / out), n % out];
    const row = x.slice(i * inner, (i + 1) * inner);
    const largest = Math.max(f(1e-30), ...row.map(Math.abs));
    const factor = f(127 / largest);
    const sum = row.reduce(
      (total, value, k) => total + roundToEven(f(value * factor)) * q(k, j),
      0,
    );
    const rowScale = f(largest * f(1 / 127));
    // + 0: an exact sum of 0 is the integer 0, which has no sign.
    return f(f(f(sum + 0) * rowScale) * scales[j]!);
  });
}

function roundToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
