/** Integer kernels against the float64 evaluator, which is exact on int32. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerIntegerMap } from '../../../src/compiler/lower/integers.ts';
import { lowerReduce } from '../../../src/compiler/lower/reduce.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import { expected, runKernel, runLevels } from '../../support/kernel-run.ts';
import { RUNS, broadcastOf, shapeOf, valuesOf } from '../../support/random-tensors.ts';

const seed = fc.nat(1_000_000);
const shapes = shapeOf(100).chain((shape) => fc.tuple(fc.constant(shape), broadcastOf(shape)));

/** Small enough that no product or sum of them leaves int32; never 0, for a divisor. */
const small = (shape: readonly number[], from: number) =>
  valuesOf({ dtype: 'i32', shape }, from).map((value) => (value % 1000 === 0 ? 7 : value % 1000));

function graphOf(op: string, a: readonly number[], b: readonly number[]) {
  const builder = new GraphBuilder('integers');
  const names = [builder.input('a', 'i32', a), builder.input('b', 'i32', b)];
  return builder.finish([builder.add(op, names, {}, { name: 'y' })]);
}

describe('an integer kernel', () => {
  it('computes what integers do, however they broadcast', () => {
    const op = fc.constantFrom('add', 'sub', 'mul', 'div', 'rem', 'max', 'min');
    fc.assert(
      fc.property(op, shapes, fc.boolean(), seed, (name, drawn, swap, from) => {
        const [a, b] = swap ? drawn.toReversed() : drawn;
        const graph = graphOf(name, a!, b!);
        const inputs = new Map([['a', small(a!, from)], ['b', small(b!, from + 1)]]); // prettier-ignore
        const found = runLevels(graph, lowerIntegerMap, inputs, { tile: 16 });
        expect(found).toEqual(expected(graph, inputs));
      }),
      RUNS,
    );
  });

  it.each([
    ['div', 7, 2, 3],
    ['div', -7, 2, -3],
    ['div', 7, -2, -3],
    ['div', -7, -2, 3],
    ['rem', -7, 2, -1],
    ['rem', 7, -2, 1],
  ])('rounds %s of %i and %i towards zero', (op, a, b, wanted) => {
    const inputs = new Map([['a', [a]], ['b', [b]]]); // prettier-ignore
    const result = runKernel(graphOf(op, [1], [1]), lowerIntegerMap, inputs, { tile: 16, level: 0 }); // prettier-ignore
    expect(result.outputs.get('y')).toEqual([wanted]);
  });

  it.each([
    ['div', 1, 0, 'division by zero'],
    ['add', 2 ** 31 - 1, 1, 'does not fit an int32'],
  ])('traps in %s of %i and %i', (op, a, b, message) => {
    const inputs = new Map([['a', [a]], ['b', [b]]]); // prettier-ignore
    const run = () => runKernel(graphOf(op, [1], [1]), lowerIntegerMap, inputs, { tile: 16, level: 0 }); // prettier-ignore
    expect(run).toThrow(message);
  });

  it('reduces along any axes', () => {
    const op = fc.constantFrom('reduce_sum', 'reduce_mean', 'reduce_max');
    const axes = shapeOf(100).chain((shape) =>
      fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, axis) => axis))),
    );
    fc.assert(
      fc.property(op, axes, fc.boolean(), seed, (name, [shape, reduced], keep, from) => {
        const builder = new GraphBuilder('integers');
        const x = builder.input('x', 'i32', shape);
        const graph = builder.finish([builder.add(name, [x], { axes: reduced, keep })]);
        const inputs = new Map([['x', small(shape, from)]]);
        const found = runLevels(graph, lowerReduce, inputs, { tile: 16 });
        expect(found).toEqual(expected(graph, inputs));
      }),
      RUNS,
    );
  });
});
