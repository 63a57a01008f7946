/** The evaluator itself: what it asks for, what it tells, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import { OPERATORS } from '../../src/model/operators/index.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import { OPERATIONS } from '../../src/reference/graph/operations.ts';
import { given } from './graph-support.ts';

/** y = last row of (x + w), z = its double. */
function sumGraph(read: () => Float32Array) {
  const builder = new GraphBuilder('sum', { rows: 8 });
  const x = builder.input('x', 'f32', ['rows', 2]);
  const shape = [2];
  const w = builder.weight({
    name: 'w',
    dtype: 'f32',
    shape,
    read: () => ({ dtype: 'f32', shape, data: read() }),
  });
  const sum = builder.add('add', [x, w], {}, { name: 'sum' });
  const y = builder.add('last', [sum], {}, { name: 'y' });
  const z = builder.add('add', [y, y], {}, { name: 'z' });
  return builder.finish([y, z, w]);
}

const X = new Map([['x', given([2, 2], [1, 2, 3, 4])]]);
const ROWS = { counts: { rows: 2 } };
const W = () => Float32Array.of(0.5, -1);

describe('the table of operations', () => {
  it('has every operator of model graphs, and no other', () => {
    const names = OPERATORS.map(({ name }) => name).toSorted();
    expect(Object.keys(OPERATIONS).toSorted()).toEqual(names);
  });
});

describe('evaluateGraph', () => {
  it('gives the outputs by name, weights among them', () => {
    const outputs = evaluateGraph(sumGraph(W), X, ROWS);
    expect([...outputs.keys()]).toEqual(['y', 'z', 'w']);
    expect(outputs.get('y')).toEqual({ shape: [1, 2], data: Float64Array.of(3.5, 3) });
    expect(outputs.get('z')!.data).toEqual(Float64Array.of(7, 6));
    expect(outputs.get('w')).toEqual({ shape: [2], data: Float64Array.of(0.5, -1) });
  });

  it('reads a weight once, however many passes there are', () => {
    let reads = 0;
    const graph = sumGraph(() => {
      reads++;
      return W();
    });
    for (let pass = 0; pass < 3; pass++) evaluateGraph(graph, X, ROWS);
    expect(reads).toBe(1);
  });

  it('tells of each tensor that a node computes, in order', () => {
    const seen: string[] = [];
    evaluateGraph(sumGraph(W), X, {
      ...ROWS,
      visit: (node, name, value) => seen.push(`${node.op} ${name} ${value.shape.join('×')}`),
    });
    expect(seen).toEqual(['add sum 2×2', 'last y 1×2', 'add z 1×2']);
  });

  it('leaves out outputs without a name', () => {
    const builder = new GraphBuilder('final state');
    const x = builder.input('x', 'f32', [2, 1, 1]);
    const w = builder.constant('w', 'f32', [1, 1], [1]);
    const r = builder.constant('r', 'f32', [1, 1], [0]);
    builder.addAll('rnn', [x, w, r], { activations: ['relu'] }, { outputs: ['', 'h'] });
    const seen: string[] = [];
    const outputs = evaluateGraph(
      builder.finish(['h']),
      new Map([['x', given([2, 1, 1], [5, 7])]]),
      {
        visit: (_, name) => seen.push(name),
      },
    );
    expect([...outputs.get('h')!.data]).toEqual([7]);
    expect(seen).toEqual(['h']);
  });

  it('takes the context to be position + rows unless it is told', () => {
    const builder = new GraphBuilder('context', { context: 9 });
    const table = builder.constant('table', 'f32', [9, 1], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const y = builder.add('window', [table], { count: 'context' });
    const graph = builder.finish([y]);
    const rowsOf = (counts: object) => evaluateGraph(graph, new Map(), { counts }).get(y)!.shape[0];
    expect(rowsOf({ rows: 2, position: 3 })).toBe(5);
    expect(rowsOf({ rows: 2, position: 3, context: 4 })).toBe(4);
    expect(() => rowsOf({ rows: 2 })).toThrow('the count context is not given');
  });
});

describe('what does not fit is an error that names it', () => {
  const graph = sumGraph(W);

  it('an input that is absent or has another shape', () => {
    expect(() => evaluateGraph(graph, new Map(), ROWS)).toThrow('the input x is not given');
    expect(() => evaluateGraph(graph, X, { counts: { rows: 3 } })).toThrow(
      'x is [2, 2], not [3, 2]',
    );
  });

  it('a count that nobody gave', () => {
    expect(() => evaluateGraph(graph, X)).toThrow('the count rows is not given');
  });

  it('a weight with more values than its shape', () => {
    const long = sumGraph(() => Float32Array.of(1, 2, 3));
    expect(() => evaluateGraph(long, X, ROWS)).toThrow(
      'node sum (add): 3 elements for the shape [2]',
    );
  });

  it('a state that the graph does not declare', () => {
    const builder = new GraphBuilder('forgetful');
    const y = builder.add('recall', [], { state: 'cache', count: 1, width: 1 });
    const recall = () => evaluateGraph(builder.finish([y]), new Map());
    expect(recall).toThrow('node recall (recall): there is no state cache');
  });

  it('a tensor whose computed shape is not the declared one', () => {
    const y = graph.nodes[1];
    const wrong = {
      ...graph,
      types: new Map(graph.types).set('y', { dtype: 'f32', shape: [2, 2] } as const),
    };
    expect(() => evaluateGraph(wrong, X, ROWS)).toThrow(
      `node ${y.name} (last): y is [1, 2], not [2, 2]`,
    );
  });

  it('other errors pass as they are', () => {
    const broken = sumGraph(() => {
      throw new TypeError('the file is gone');
    });
    expect(() => evaluateGraph(broken, X, ROWS)).toThrow(new TypeError('the file is gone'));
  });
});
