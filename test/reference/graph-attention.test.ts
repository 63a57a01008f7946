/** Attention, rotary positions and caches, against the hand-written references and by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import { multiHeadAttention } from '../../src/reference/attention.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import type { RefTensor } from '../../src/reference/graph.ts';
import { rotate } from '../../src/reference/rotary.ts';
import { RUNS, matrices, side } from './random.ts';
import { apply, expectNear, given, matrix, tensors } from './graph-support.ts';

const LOG3 = Math.log(3);
const ONE_HEAD = { heads: 1, kv_heads: 1, scale: 1 };

describe('attention', () => {
  // Scores 0 and log 3 give the weights 1/4 and 3/4.
  const q = given([1, 1], [1]);
  const k = given([2, 1], [0, LOG3]);
  const v = given([2, 2], [4, 0, 8, 4]);

  it('weighs values by the softmax of the scores', () => {
    expectNear(apply('attention', [q, k, v], ONE_HEAD), [1, 2], [7, 3]);
    const half = { ...ONE_HEAD, scale: 0 };
    expectNear(apply('attention', [q, k, v], half), [1, 2], [6, 2]);
  });

  it('adds a mask of one row to all, and one of many to each', () => {
    const two = given([2, 1], [1, 1]);
    const forAll = given([1, 2], [0, -Infinity]);
    expectNear(apply('attention', [two, k, v, forAll], ONE_HEAD), [2, 2], [4, 0, 4, 0]);
    const each = given([2, 2], [-Infinity, 0, LOG3, 0]);
    expectNear(apply('attention', [two, k, v, each], ONE_HEAD), [2, 2], [8, 4, 6, 2]);
  });

  it('gives zeros where a row sees nothing', () => {
    const mask = given([1, 2], [-Infinity, -Infinity]);
    expectNear(apply('attention', [q, k, v, mask], ONE_HEAD), [1, 2], [0, 0]);
    const none = apply('attention', [q, given([0, 1], []), given([0, 2], [])], ONE_HEAD);
    expectNear(none, [1, 2], [0, 0]);
    const three = given([3, 1], [1, 1, 1]); // the first of three rows is before both columns
    const causal = apply('attention', [three, k, v], { ...ONE_HEAD, causal: true });
    expectNear(causal, [3, 2], [0, 0, 4, 0, 7, 3]);
  });

  it('adds what each head holds about distances, also to rows behind a cache', () => {
    const zero = given([3, 1], [0, 0, 0]);
    const values = given([3, 1], [1, 10, 100]);
    // Distances −2 … 2: only the column before the row counts, or the row's own.
    const before = [0, 0, -Infinity, -Infinity, -Infinity].with(1, 5);
    const relative = given([1, 5], [-Infinity, ...before.slice(1)]);
    const options = { ...ONE_HEAD, centre: 2 };
    const all = apply('attention', [zero, zero, values, undefined, relative], options);
    expectNear(all, [3, 1], [0, 1, 10]);
    const last = apply(
      'attention',
      [given([1, 1], [0]), zero, values, undefined, relative],
      options,
    );
    expectNear(last, [1, 1], [10]);
  });

  it('needs no distances for columns that are hidden', () => {
    const zero = given([2, 1], [0, 0]);
    const relative = given([1, 2], [LOG3, 0]); // distances −1 and 0
    const causal = { ...ONE_HEAD, centre: 1, causal: true };
    const values = given([2, 1], [4, 8]);
    const y = apply('attention', [zero, zero, values, undefined, relative], causal);
    expectNear(y, [2, 1], [4, 5]);
    const seen = () =>
      apply('attention', [zero, zero, values, undefined, relative], { ...causal, causal: false });
    expect(seen).toThrow('node y (attention): distance 2 of 2');
  });

  it('is that of the hand-written reference, with grouped heads, causal and padded', () => {
    const sizes = fc.record({ rows: side, columns: side, kvHeads: side, group: side, width: side });
    const cases = sizes.chain((size) => {
      const { rows, columns, kvHeads, group, width } = size;
      return fc.tuple(
        fc.constant({ ...size, heads: kvHeads * group }),
        matrices(rows, kvHeads * group * width),
        matrices(columns, kvHeads * width),
        matrices(columns, kvHeads * 2), // values two wide, whatever the keys are
        fc.boolean(),
        fc.nat(columns),
      );
    });
    fc.assert(
      fc.property(cases, ([{ rows, columns, kvHeads, heads }, q, k, v, causal, keyLength]) => {
        const mask = causal ? { keyLength, causalOffset: columns - rows } : { keyLength };
        const expected = multiHeadAttention(q, k, v, { heads, kvHeads, scale: 0.5, ...mask });
        const padding = Array.from({ length: columns }, (_, j) => (j < keyLength ? 0 : -Infinity));
        const operands = [matrix(q), matrix(k), matrix(v), given([1, columns], padding)];
        const y = apply('attention', operands, { heads, kv_heads: kvHeads, scale: 0.5, causal });
        expectNear(y, [rows, heads * 2], expected.data);
      }),
      RUNS,
    );
  });
});

describe('rope', () => {
  const cos = given([2, 1], [1, 0]);
  const sin = given([2, 1], [0, 1]); // position 1 turns by a right angle

  it('turns pairs of each head, and leaves the columns behind them', () => {
    const x = given([1, 6], [1, 2, 9, 3, 4, 8]); // two heads of three columns, two of which turn
    const options = { heads: 2, start: 1 };
    expectNear(apply('rope', [x, cos, sin], options), [1, 6], [-2, 1, 9, -4, 3, 8]);
    expectNear(apply('rope', [x, cos, sin], { heads: 2 }), [1, 6], x.data);
  });

  it('pairs halves, or neighbours when interleaved', () => {
    const two = [given([1, 2], [0, 1]), given([1, 2], [1, 0])]; // the first pair by 90°, the second not
    const x = given([1, 4], [1, 2, 3, 4]);
    expectNear(apply('rope', [x, ...two], { heads: 1 }), [1, 4], [-3, 2, 1, 4]);
    const interleaved = apply('rope', [x, ...two], { heads: 1, interleaved: true });
    expectNear(interleaved, [1, 4], [-2, 1, 3, 4]);
  });

  it('is that of the hand-written reference, from any position on', () => {
    const sizes = fc.tuple(side, side, side, fc.nat(5));
    const cases = sizes.chain(([rows, heads, half, start]) =>
      fc.tuple(matrices(rows, heads * half * 2), fc.constant({ heads, half, start })),
    );
    fc.assert(
      fc.property(cases, ([x, { heads, half, start }]) => {
        const positions = Array.from({ length: x.rows }, (_, i) => start + i);
        const frequencies = Array.from({ length: half }, (_, j) => 1 / (j + 1));
        const table = (f: (angle: number) => number) =>
          given(
            [start + x.rows, half],
            Array.from({ length: start + x.rows }, (_, p) =>
              frequencies.map((w) => f(p * w)),
            ).flat(),
          );
        const y = apply('rope', [matrix(x), table(Math.cos), table(Math.sin)], { heads, start });
        expectNear(y, [x.rows, x.cols], rotate(x, { positions, frequencies }).data);
      }),
      RUNS,
    );
  });

  it('refuses positions that the tables lack', () => {
    const x = given([2, 2], [1, 2, 3, 4]);
    expect(() => apply('rope', [x, cos, sin], { heads: 1, start: 1 })).toThrow('rows 1 to 2 of 2');
  });
});

describe('states', () => {
  const builder = new GraphBuilder('cache', { rows: 4, position: 4, context: 4 });
  const x = builder.input('x', 'f32', ['rows', 2]);
  const state = builder.state('cache', [4, 2]);
  const y = builder.add('append', [x], { state, start: 'position', count: 'context' });
  const top = builder.add('recall', [], { state, count: 1, width: 2 });
  const graph = builder.finish([y, top]);
  const append = (states: Map<string, RefTensor>, position: number, values: readonly number[]) => {
    const rows = values.length / 2;
    const inputs = new Map([['x', given([rows, 2], values)]]);
    return evaluateGraph(graph, inputs, { counts: { rows, position }, states });
  };

  it('outlive a pass, and show their rows so far', () => {
    const states = new Map<string, RefTensor>();
    append(states, 0, [1, 2, 3, 4]);
    const second = append(states, 2, [5, 6]);
    expect([...second.get(y)!.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...second.get(top)!.data]).toEqual([1, 2]);
    expect([...states.get('cache')!.data]).toEqual([1, 2, 3, 4, 5, 6, NaN, NaN]);
  });

  it('do not change what was read from them before', () => {
    const states = new Map<string, RefTensor>();
    const first = append(states, 0, [1, 2]);
    append(states, 0, [7, 8]);
    expect([...first.get(y)!.data]).toEqual([1, 2]);
  });

  it('are NaN where nothing was written', () => {
    const seen = append(new Map<string, RefTensor>(), 1, [5, 6]);
    expect([...seen.get(y)!.data]).toEqual([NaN, NaN, 5, 6]);
  });

  it('end at their capacity', () => {
    const states = new Map<string, RefTensor>();
    expect(() => append(states, 3, [1, 2, 3, 4])).toThrow('rows 3 to 4 of a state 4×2');
  });

  it('keep to themselves what other passes write', () => {
    fc.assert(
      fc.property(tensors([2, 2]), tensors([1, 2]), (a, b) => {
        const states = new Map<string, RefTensor>();
        append(states, 0, [...a.data]);
        const { data } = append(states, 2, [...b.data]).get(y)!;
        expect([...data]).toEqual([...a.data, ...b.data]);
      }),
      RUNS,
    );
  });
});
