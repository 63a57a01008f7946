/** Kernels that move elements against the float64 evaluator: exact, whatever the elements are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lowering } from '../../../src/compiler/lower/context.ts';
import { lowerMove } from '../../../src/compiler/lower/move.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Attributes, Dim, ElementType } from '../../../src/model/graph.ts';
import { expected, runKernel, runLevels } from '../../support/kernel-run.ts';
import type { Shape } from '../../support/random-tensors.ts';
import { RUNS, broadcastOf, edge, shapeOf, valuesOf } from '../../support/random-tensors.ts';

interface Case {
  readonly shapes: readonly Shape[];
  readonly attributes: Attributes;
  readonly dtype: ElementType;
  readonly tile: number;
  readonly seed: number;
}

const lowering: Lowering = lowerMove;

function expectMoved(op: string, { shapes, attributes, dtype, tile, seed }: Case): void {
  const builder = new GraphBuilder('move');
  const names = shapes.map((shape, i) => builder.input(`x${i}`, dtype, shape));
  const graph = builder.finish([builder.add(op, names, attributes, { name: 'y' })]);
  const inputs = new Map(
    shapes.map((shape, i) => [`x${i}`, valuesOf({ dtype, shape }, seed + i, { awkward: true })]),
  );
  expect(runLevels(graph, lowering, inputs, { tile })).toEqual(expected(graph, inputs));
}

const common = {
  dtype: fc.constantFrom<ElementType>('f32', 'f32', 'i32', 'bool'),
  tile: edge,
  seed: fc.nat(1_000_000),
};

const check = (op: string, what: fc.Arbitrary<Pick<Case, 'shapes' | 'attributes'>>) =>
  fc.assert(
    fc.property(what, fc.record(common), (given, rest) => expectMoved(op, { ...given, ...rest })),
    RUNS,
  );

describe('a moving kernel', () => {
  it('transposes any axes', () => {
    const drawn = shapeOf(800).chain((shape) =>
      fc
        .shuffledSubarray(shape.map((_, axis) => axis), { minLength: shape.length })
        .map((perm) => ({ shapes: [shape], attributes: { perm } })),
    ); // prettier-ignore
    check('transpose', drawn);
  });

  it('slices with steps of either sign', () => {
    const along = (dim: number) =>
      fc.tuple(fc.nat(dim - 1), fc.integer({ min: -3, max: 3 }), fc.nat(dim)).map(
        ([start, drawn, wanted]) => {
          const step = drawn === 0 ? 1 : drawn;
          const room = step > 0 ? dim - 1 - start : start;
          return [start, Math.min(wanted + 1, Math.floor(room / Math.abs(step)) + 1), step];
        },
      ); // prettier-ignore
    const drawn = shapeOf(800).chain((shape) =>
      fc.tuple(...shape.map(along)).map((cuts) => {
        const column = (i: number) => cuts.map((cut) => cut[i]!);
        const attributes = { starts: column(0), counts: column(1), steps: column(2) };
        return { shapes: [shape], attributes };
      }),
    );
    check('slice', drawn);
  });

  it('repeats along axes', () => {
    const drawn = shapeOf(800).chain((shape) =>
      broadcastOf(shape).map((from) => ({ shapes: [from], attributes: { shape } })),
    );
    check('expand', drawn);
  });

  it('puts operands one behind the other', () => {
    const drawn = shapeOf(300, { minLength: 1, maxLength: 4 }).chain((shape) =>
      fc
        .tuple(
          fc.integer({ min: -shape.length, max: shape.length - 1 }),
          fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }),
        )
        .map(([axis, lengths]) => ({
          shapes: lengths.map((length) => shape.with(axis, length)),
          attributes: { axis },
        })),
    );
    check('concat', drawn);
  });

  it('copies what is reshaped', () => {
    const drawn = shapeOf(800).map((shape) => ({
      shapes: [shape],
      attributes: { shape: shape.toReversed() },
    }));
    check('reshape', drawn);
  });

  it('puts columns side by side in as many rows as a count says', () => {
    const builder = new GraphBuilder('move', { rows: 64 });
    const shapes: readonly (readonly Dim[])[] = [['rows', 5], ['rows', 18]]; // prettier-ignore
    const names = shapes.map((shape, i) => builder.input(`x${i}`, 'f32', shape));
    const graph = builder.finish([builder.add('concat', names, { axis: 1 })]);
    for (const rows of [1, 3, 16, 37]) {
      const values = (cols: number, seed: number) =>
        valuesOf({ dtype: 'f32', shape: [rows, cols] }, seed);
      const inputs = new Map([['x0', values(5, 1)], ['x1', values(18, 2)]]); // prettier-ignore
      const counts = { rows };
      const found = runLevels(graph, lowering, inputs, { tile: 16, counts });
      expect(found).toEqual(expected(graph, inputs, counts));
    }
  });

  it('turns whole tiles of a matrix', () => {
    const builder = new GraphBuilder('move');
    const x = builder.input('x', 'f32', [32, 48]);
    const graph = builder.finish([builder.add('transpose', [x], { perm: [1, 0] }, { name: 'y' })]);
    const inputs = new Map([['x', valuesOf({ dtype: 'f32', shape: [32, 48] }, 1)]]);
    const { outputs, text } = runKernel(graph, lowering, inputs, { tile: 16, level: 0 });
    expect(outputs).toEqual(expected(graph, inputs));
    expect(text.match(/\b(LOAD|TRANSPOSE|STORE)\b/g)).toEqual(['LOAD', 'TRANSPOSE', 'STORE']);
  });
});
