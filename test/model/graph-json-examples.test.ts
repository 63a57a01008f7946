/** The graphs in programs/graphs/: each reads, follows the schema, and does what its name says. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { Tensors } from './graph-support.ts';
import {
  GRAPHS,
  GRAPH_FILES,
  allTensors,
  examplesOf,
  graphOf,
  parse,
  rowsOf,
  textOf,
} from './graph-support.ts';
import { OPERATORS } from '../../src/model/operators/index.ts';
import { readGraph } from '../../src/model/graph-json.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../src/model/graph.schema.json', import.meta.url), 'utf8'),
) as {
  definitions: { node: { properties: Record<string, { enum?: string[] }> } };
};
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

/** Outputs are sums of the same products in another order at most: a few roundings of 2⁻⁵³. */
const SAME = 1e-12;

/** The outputs of a graph after a change to its example inputs. */
function outputsOf(path: string, change?: (inputs: Tensors) => void): Map<string, number[][]> {
  const graph = graphOf(path);
  const inputs = examplesOf(graph);
  change?.(inputs);
  const outputs = evaluateGraph(graph, inputs);
  return new Map([...outputs].map(([name, value]) => [name, rowsOf(value)]));
}

/** Adds 1 to all elements of some rows; takes 1 from tokens, which 0 becomes. */
const bump = (name: string, rows: readonly number[]) => (inputs: Tensors) => {
  const { shape, data } = inputs.get(name)!;
  const width = data.length / shape[0]!;
  for (const row of rows) {
    for (let at = row * width; at < (row + 1) * width; at++) {
      data[at] = shape.length > 1 ? data[at]! + 1 : Math.abs(data[at]! - 1);
    }
  }
};

function expectClose(found: readonly number[][], wanted: readonly number[][]): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(Math.abs(value - wanted[i]![j]!)).toBeLessThan(SAME);
    });
  });
}

describe('every graph in programs/graphs/', () => {
  it('is there', () => {
    expect(GRAPH_FILES.length).toBeGreaterThanOrEqual(17);
  });

  it.each(GRAPH_FILES)('%s follows the schema and its own name', (path) => {
    validate(JSON.parse(textOf(path)));
    expect(validate.errors).toBeNull();
    expect(path.endsWith(`${graphOf(path).name}.json`)).toBe(true);
    expect(graphOf(path).doc).not.toBe('');
  });

  it.each(GRAPH_FILES)('%s computes finite numbers that differ', (path) => {
    for (const [, rows] of outputsOf(path)) {
      expect(rows.flat().every(Number.isFinite)).toBe(true);
      expect(new Set(rows.flat()).size).toBeGreaterThan(1);
    }
  });
});

describe('the schema', () => {
  it('knows the operators and their attributes, which no other key of a step hides', () => {
    const { properties } = schema.definitions.node;
    expect(properties.op!.enum).toEqual(OPERATORS.map(({ name }) => name));
    const own = ['op', 'name', 'inputs', 'output', 'outputs', 'part'];
    const attributes = new Set(OPERATORS.flatMap((operator) => Object.keys(operator.attributes)));
    expect(new Set(Object.keys(properties))).toEqual(new Set([...own, ...attributes]));
    expect([...own, 'nodes', 'repeat', 'weights'].filter((key) => attributes.has(key))).toEqual([]);
  });

  const good = JSON.parse(textOf('mlp.json')) as Record<string, object>;
  const without = (key: string) =>
    Object.fromEntries(Object.entries(good).filter(([k]) => k !== key));
  const weight = (changes: object) => ({
    ...good,
    weights: { ...good.weights, w1: { shape: [20, 40], ...changes } },
  });
  const bad: readonly (readonly [string, object])[] = [
    ['another schema', { ...good, schema: 'lasm-graph/2' }],
    ['a key too many', { ...good, node: [] }],
    ...['name', 'inputs', 'nodes', 'outputs'].map((key) => [`no ${key}`, without(key)] as const),
    ['a weight without values', weight({})],
    ['two sources of values', weight({ fill: 1, file: 'w.npy' })],
    ['no seed', weight({ normal: [0, 1] })],
    ['a negative dimension', weight({ fill: 1, shape: [20, -40] })],
    ['an unknown operator', { ...good, nodes: [{ op: 'lineer', inputs: ['x'], output: 'y' }] }],
    [
      'an unknown attribute',
      { ...good, nodes: [{ op: 'relu', inputs: ['x'], output: 'y', a: 1 }] },
    ],
    ['no output', { ...good, nodes: [{ op: 'relu', inputs: ['x'] }] }],
    ['a group without a part', { ...good, nodes: [{ nodes: [] }] }],
  ];

  it.each(bad)('refuses %s, as the reader does', (_, value) => {
    expect(validate(value)).toBe(false);
    expect(() => parse(JSON.stringify(value))).toThrow(/^bad\.json:1:/);
  });
});

describe('docs/graphs.md', () => {
  const page = readFileSync(new URL('../../docs/graphs.md', import.meta.url), 'utf8');
  const [whole, repeat] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!);

  it('shows programs/graphs/mlp.json as it is', () => {
    expect(whole).toBe(textOf('mlp.json'));
  });

  it('shows a repeat that is one', () => {
    const inputs = { h0: { shape: [3, 24] } };
    const nodes = [JSON.parse(repeat!) as object];
    const graph = { schema: 'lasm-graph/1', name: 'page', inputs, nodes, outputs: ['h2'] };
    validate(graph);
    expect(validate.errors).toBeNull();
    expect(parse(JSON.stringify(graph)).nodes.map(({ part }) => part)).toEqual([
      'layer 0/feed-forward',
      'layer 0',
      'layer 1/feed-forward',
      'layer 1',
    ]);
  });

  it('shows an error as it is', () => {
    const shown = /`(mlp\.json:.*)`/.exec(page)![1]!;
    const wrong = textOf('mlp.json').replace('"shape": [20, 40]', '"shape": [24, 40]');
    expect(() => readGraph(wrong, 'mlp.json', openFolder(GRAPHS))).toThrow(shown);
  });
});

describe('attention', () => {
  it('gives weights that sum to 1 and rows between the values', () => {
    const graph = graphOf('self-attention.json');
    const tensors = allTensors(graph, examplesOf(graph));
    for (const row of rowsOf(tensors.get('weights')!)) {
      expect(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(SAME);
    }
    const values = rowsOf(tensors.get('v')!);
    for (const row of rowsOf(tensors.get('y')!)) {
      row.forEach((y, j) => {
        const column = values.map((value) => value[j]!);
        expect(y).toBeGreaterThan(Math.min(...column));
        expect(y).toBeLessThan(Math.max(...column));
      });
    }
  });

  it.each(['multi-head-attention.json', 'encoder.json'])('of %s knows no order of rows', (path) => {
    const name = graphOf(path).inputs[0]!.name;
    const turned = outputsOf(path, (inputs) => {
      const { shape, data } = inputs.get(name)!;
      inputs.set(name, {
        shape,
        data: Float64Array.from(rowsOf({ shape, data }).reverse().flat()),
      });
    });
    expectClose(turned.get('y')!, outputsOf(path).get('y')!.toReversed());
  });

  it('does not see what a mask hides, and sees the rest', () => {
    const path = 'cross-attention.json';
    const y = outputsOf(path).get('y')!;
    expect(outputsOf(path, bump('source', [7, 8])).get('y')).toEqual(y);
    expect(outputsOf(path, bump('source', [6])).get('y')).not.toEqual(y);
  });

  it.each([
    ['decoder.json', 'tokens', 'logits'],
    ['cross-layer-attention.json', 'x', 'y'],
    ['encoder-decoder.json', 'target', 'logits'],
  ])('of %s is causal', (path, input, output) => {
    const before = outputsOf(path).get(output)!;
    const row = 3;
    const after = outputsOf(path, bump(input, [row])).get(output)!;
    expectClose(after.slice(0, row), before.slice(0, row));
    for (let i = row; i < before.length; i++) expect(after[i]).not.toEqual(before[i]);
  });

  it('of a decoder sees every row of the encoder', () => {
    const before = outputsOf('encoder-decoder.json').get('logits')!;
    for (let row = 0; row < 9; row++) {
      const after = outputsOf('encoder-decoder.json', bump('source', [row])).get('logits')!;
      after.forEach((each, i) => {
        expect(each).not.toEqual(before[i]);
      });
    }
  });
});

describe('recurrent layers', () => {
  it.each(['elman.json', 'gru.json', 'lstm.json'])('of %s go one step after another', (path) => {
    const before = outputsOf(path);
    const after = outputsOf(path, bump('x', [4]));
    // Two rows of the batch for each of six steps.
    expect(after.get('hs')!.slice(0, 8)).toEqual(before.get('hs')!.slice(0, 8));
    for (let i = 8; i < 12; i++) expect(after.get('hs')![i]).not.toEqual(before.get('hs')![i]);
    if (before.has('h')) expect(before.get('h')).toEqual(before.get('hs')!.slice(10));
  });
});

describe('products', () => {
  it('of embedding.json are (token + position) · table', () => {
    const graph = graphOf('embedding.json');
    const table = (name: string) => {
      const { shape, data } = graph.weights.find((weight) => weight.name === name)!.read();
      return rowsOf({ shape, data: Float64Array.from(data) });
    };
    const tokens = examplesOf(graph).get('tokens')!.data;
    const [wte, wpe] = [table('wte'), table('wpe')];
    const wanted = Array.from(tokens, (token, i) =>
      wte.map((row) => row.reduce((sum, w, j) => sum + (wte[token]![j]! + wpe[i]![j]!) * w, 0)),
    );
    expectClose(outputsOf('embedding.json').get('logits')!, wanted);
  });

  it('of mlp.json are linear before the GELU', () => {
    const graph = graphOf('mlp.json');
    const inputs = examplesOf(graph);
    const h = rowsOf(allTensors(graph, inputs).get('h')!);
    const x = inputs.get('x')!;
    const twice = new Map([['x', { ...x, data: x.data.map((value) => 2 * value) }]]);
    const bias = [...graph.weights.find(({ name }) => name === 'b1')!.read().data];
    const wanted = h.map((row) => row.map((value, j) => 2 * value - bias[j]!));
    expectClose(rowsOf(allTensors(graph, twice).get('h')!), wanted);
  });
});
