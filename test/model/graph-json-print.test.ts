/** Printing graph JSON: what is read again is the same graph, bit for bit, and laid out for people. */
import fc from 'fast-check';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { GRAPH_FILES, graphOf, parse, textOf } from './graph-support.ts';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import { layOut } from '../../src/model/graph-json-layout.ts';
import { printGraph } from '../../src/model/graph-json-print.ts';
import type { Graph } from '../../src/model/graph.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';

const RUNS = { seed: 20261122, numRuns: 300 };
const pretty = (text: string): Promise<string> => format(text, { parser: 'json', printWidth: 100 });

/** All that a graph says, with its weights as values. */
function meaningOf(graph: Graph): object {
  const { name, limits, states, nodes, outputs, types } = graph;
  const inputs = graph.inputs.map(({ name: input, dtype, shape }) => ({ input, dtype, shape }));
  const weights = graph.weights.map((weight) => ({ ...weight, read: weight.read() }));
  return { name, limits, inputs, states, nodes, outputs, types, weights };
}

describe('a printed file', () => {
  it.each(GRAPH_FILES)('of %s reads as the same graph, and prints the same again', (path) => {
    const graph = graphOf(path);
    const again = parse(printGraph(graph));
    expect(meaningOf(again)).toEqual(meaningOf(graph));
    expect(again.doc).toBe(graph.doc);
    expect(again.bases).toEqual(graph.bases);
    expect(again.recipes).toEqual(graph.recipes);
    expect(printGraph(again)).toBe(printGraph(graph));
  });

  it.each(GRAPH_FILES)('of %s is laid out as prettier does it', async (path) => {
    const printed = printGraph(graphOf(path));
    expect(await pretty(printed)).toBe(printed);
    expect(await pretty(textOf(path))).toBe(textOf(path));
  });

  it('keeps every value, minus zero too', () => {
    const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });
    const rows = fc.array(
      fc.array(fc.oneof(float32, fc.constantFrom(0, -0)), { minLength: 3, maxLength: 3 }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(rows, fc.boolean(), (matrix, isNamed) => {
        const b = new GraphBuilder('values');
        const shape = [matrix.length, 3];
        const tensor: HostTensor = { dtype: 'f32', shape, data: Float32Array.from(matrix.flat()) };
        const rowNames = isNamed ? matrix.map((_, i) => `row:${i}`) : [];
        const colNames = isNamed ? ['__proto__', '1', 'c'] : [];
        b.weight({ name: 'w', dtype: 'f32', shape, read: () => tensor, rowNames, colNames });
        const graph = b.finish(['w']);
        expect(meaningOf(parse(printGraph(graph)))).toEqual(meaningOf(graph));
      }),
      RUNS,
    );
  });

  it('keeps whole numbers, which need more digits', () => {
    const b = new GraphBuilder('whole');
    const values = [2147483520, 2147483647, -2147483648, 16777217];
    const graph = b.finish([b.constant('w', 'i32', [4], values)]);
    expect([...parse(printGraph(graph)).weights[0]!.read().data]).toEqual(values);
  });

  it('keeps the order of names that are numbers', () => {
    const b = new GraphBuilder('order');
    const names = ['10', '9', 'x', '__proto__'];
    for (const name of names) b.input(name, 'f32', [1]);
    const weights = names.map((name) => b.constant(`${name}!`, 'f32', [1], [1]));
    const graph = b.finish(weights);
    expect(meaningOf(parse(printGraph(graph)))).toEqual(meaningOf(graph));
  });

  it('says only what is not implied', () => {
    const b = new GraphBuilder('short');
    const x = b.input('x', 'f32', [4, 1, 3]);
    const [w, r] = ['w', 'r'].map((name, i) =>
      b.constant(name, 'f32', [2, 3 - i], [1, 2, 3, 4, 5, 6].slice(2 * i)),
    );
    b.addAll('rnn', [x, w!, r!], {}, { name: 'one' });
    b.addAll('rnn', [x, w!, r!], { activations: ['relu'] }, { name: 'two', outputs: ['', 'h'] });
    b.add('softmax', ['one'], {}, { name: 'y', part: 'end' });
    const graph = b.finish(['y', 'h']);
    const text = printGraph(graph);
    expect(text).toContain('{ "op": "rnn", "inputs": ["x", "w", "r"], "output": "one" }');
    expect(text).toContain('"outputs": ["", "h"]');
    expect(text).toContain('"part": "end"');
    expect(text).not.toContain('linear_before_reset');
    expect(meaningOf(parse(text))).toEqual(meaningOf(graph));
  });

  it('keeps large weights, and infinities, in files', () => {
    const b = new GraphBuilder('large');
    const large = b.constant('a/b', 'f32', [4097], new Float32Array(4097).fill(2));
    const endless = b.constant('c', 'f32', [1], [Infinity]);
    const flags = b.constant('d', 'bool', [4097], new Float32Array(4097).fill(1));
    const graph = b.finish([large, endless, flags]);
    expect(() => printGraph(graph)).toThrow(/weight a\/b has 4097 elements/);
    const kept = new Map<string, HostTensor>();
    const text = printGraph(graph, (file, tensor) => kept.set(file, tensor));
    expect([...kept.keys()]).toEqual(['a%2Fb.npy', 'c.npy', 'd.npy']);
    expect(kept.get('d.npy')!.dtype).toBe('i32');
    expect(text).toContain('"a/b": { "shape": [4097], "file": "a%2Fb.npy" }');
    expect(kept.get('c.npy')!.data).toEqual(Float32Array.of(Infinity));
  });
});

describe('the layout', () => {
  it('is that of prettier for any JSON', async () => {
    const word = fc.string({ unit: fc.constantFrom(...'abcdefgh_"'), maxLength: 12 });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        word,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        tie('list'),
        tie('numbers'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 6 }),
      numbers: fc.array(
        fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
        { maxLength: 30 },
      ),
      object: fc.dictionary(word, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    }));
    const holds = async (json: unknown): Promise<void> => {
      const text = layOut(json);
      // Prettier keeps keys as they are, and writes numbers as JSON does but for e+ and capitals.
      expect(await pretty(text)).toBe(text);
      expect(JSON.parse(text)).toEqual(json);
    };
    await fc.assert(fc.asyncProperty(value, holds), RUNS);
  });
});
