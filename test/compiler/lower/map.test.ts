/** Elementwise kernels against the float64 evaluator, on operands that broadcast. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerMap } from '../../../src/compiler/lower/map.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Attributes, Dim, ElementType } from '../../../src/model/graph.ts';
import { expected, runLevels } from '../../support/kernel-run.ts';
import type { Counts } from '../../support/kernel-run.ts';
import type { Shape } from '../../support/random-tensors.ts';
import { RUNS, broadcastOf, edge, shapeOf, valuesOf } from '../../support/random-tensors.ts';

interface Case {
  readonly op: string;
  readonly operands: readonly { readonly dtype: ElementType; readonly shape: readonly Dim[] }[];
  readonly attributes?: Attributes;
  readonly tile: number;
  readonly seed: number;
  readonly counts?: Counts;
}

/** What the machine computes, and what the evaluator does, rounded to float32 once. */
function both({ op, operands, attributes = {}, tile, seed, counts = {} }: Case) {
  const builder = new GraphBuilder('map', { rows: 64 });
  const names = operands.map(({ dtype, shape }, i) => builder.input(`x${i}`, dtype, shape));
  const graph = builder.finish([builder.add(op, names, attributes)]);
  const inputs = new Map(
    operands.map(({ dtype, shape }, i) => {
      const known = shape.map((dim) => (typeof dim === 'number' ? dim : counts[dim]!));
      return [`x${i}`, valuesOf({ dtype, shape: known }, seed + i)];
    }),
  );
  const [name] = graph.outputs;
  const found = runLevels(graph, lowerMap, inputs, { tile, counts }).get(name!)!;
  return { found, wanted: expected(graph, inputs, counts).get(name!)!.map(Math.fround) };
}

/** Functions are within one ULP of the true result, which is 2⁻²³ of it; +0 and −0 are one zero. */
function expectClose({ found, wanted }: ReturnType<typeof both>): void {
  const isClose = (a: number, b: number) =>
    Object.is(a, b) || Math.abs(a - b) <= 2 ** -23 * Math.abs(b) + 2 ** -149;
  expect(found.findIndex((value, i) => !isClose(value, wanted[i]!))).toBe(-1);
}

const some = (dtype: ElementType) => (shape: Shape) => ({ dtype, shape });
const seed = fc.nat(1_000_000);
const common = { tile: edge, seed };

/** Two or three shapes that broadcast to one. */
const together = (count: number) =>
  shapeOf().chain((shape) =>
    fc.tuple(...Array.from({ length: count }, () => broadcastOf(shape)), fc.nat(count - 1)).map(
      (drawn) => {
        const shapes = drawn.slice(0, count) as Shape[];
        return shapes.with(drawn[count] as number, shape);
      },
    ),
  ); // prettier-ignore

describe('an elementwise kernel', () => {
  it('of two operands is correctly rounded, however they broadcast', () => {
    const op = fc.constantFrom('add', 'sub', 'mul', 'div', 'max', 'min', 'less', 'equal');
    fc.assert(
      fc.property(fc.record({ op, shapes: together(2), ...common }), ({ shapes, ...rest }) => {
        const { found, wanted } = both({ operands: shapes.map(some('f32')), ...rest });
        expect(found).toEqual(wanted);
      }),
      RUNS,
    );
  });

  it('chooses between operands of three shapes', () => {
    fc.assert(
      fc.property(fc.record({ shapes: together(3), ...common }), ({ shapes, ...rest }) => {
        const [condition, a, b] = shapes.map(some('f32'));
        const operands = [{ ...condition!, dtype: 'bool' as const }, a!, b!];
        const { found, wanted } = both({ op: 'where', operands, ...rest });
        expect(found).toEqual(wanted);
      }),
      RUNS,
    );
  });

  it('of one operand is its function', () => {
    const names = 'neg exp erf relu sigmoid tanh silu gelu gelu_tanh reciprocal'.split(' ');
    const op = fc.constantFrom(...names);
    fc.assert(
      fc.property(fc.record({ op, shape: shapeOf(), ...common }), ({ shape, ...rest }) => {
        expectClose(both({ operands: [some('f32')(shape)], ...rest }));
      }),
      RUNS,
    );
  });

  it('casts between all types', () => {
    const dtype = fc.constantFrom<ElementType>('f32', 'i32', 'bool');
    fc.assert(
      fc.property(
        fc.record({ shape: shapeOf(), from: dtype, to: dtype, ...common }),
        ({ shape, from, to, ...rest }) => {
          fc.pre(from !== 'i32' || to !== 'i32');
          const operands = [{ dtype: from, shape }];
          const { found, wanted } = both({ op: 'cast', operands, attributes: { to }, ...rest });
          expect(found).toEqual(wanted);
        },
      ),
      RUNS,
    );
  });

  it('follows a count of the run', () => {
    const rows = fc.integer({ min: 1, max: 40 });
    const other = fc.constantFrom('matrix', 'vector', 'column', 'number');
    fc.assert(
      fc.property(
        fc.record({ rows, width: rows, other, swap: fc.boolean(), ...common }),
        ({ rows: count, width, other: kind, swap, ...rest }) => {
          const shapes = { matrix: ['rows', width], vector: [width], column: ['rows', 1], number: [] }; // prettier-ignore
          const pair = [['rows', width], shapes[kind]] as const;
          const operands = (swap ? pair.toReversed() : pair).map((shape) => ({
            dtype: 'f32' as const,
            shape: shape as readonly Dim[],
          }));
          const { found, wanted } = both({ op: 'sub', operands, counts: { rows: count }, ...rest });
          expect(found).toEqual(wanted);
        },
      ),
      RUNS,
    );
  });

  it('keeps integers that a tile would round', () => {
    const builder = new GraphBuilder('map');
    const graph = builder.finish([builder.add('cast', [builder.input('x', 'i32', [40])], { to: 'i32' })]); // prettier-ignore
    const inputs = new Map([['x', valuesOf({ dtype: 'i32', shape: [40] }, 1)]]);
    expect(runLevels(graph, lowerMap, inputs, { tile: 4 })).toEqual(expected(graph, inputs));
  });

  it('does nothing where there are no elements', () => {
    const operands = [some('f32')([3, 0, 2]), some('f32')([2])];
    expect(both({ op: 'add', operands, tile: 16, seed: 1 }).found).toEqual([]);
  });
});
