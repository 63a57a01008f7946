/** Reading graph JSON: what the format says, and each mistake with its place and a way out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRAPH_FILES, parse, refusalOf, textOf } from './graph-support.ts';
import { safetensorsBytes } from './support.ts';
import { readGraph } from '../../src/model/graph-json.ts';
import { parseJson } from '../../src/model/graph-json-text.ts';
import { GraphError } from '../../src/model/graph.ts';
import { formatNpy } from '../../src/model/npy.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import { FileError } from '../../src/model/tensor-file.ts';
import { fillNormal, fillUniform } from '../../src/tensor/random.ts';

const RUNS = { seed: 20261122, numRuns: 300 };

/** A graph with one weight `w` and nothing that uses it. */
const withWeight = (weight: string): string =>
  `{"schema": "lasm-graph/1", "name": "g",
  "inputs": {"x": {"shape": [2]}},
  "weights": {"w": ${weight}},
  "nodes": [], "outputs": ["x"]}`;

const weightOf = (weight: string) => parse(withWeight(weight)).weights[0]!;
const valuesOf = (weight: string): number[] => [...weightOf(weight).read().data];

/** A graph whose only input is x, 2 × 3, and these nodes. */
const withNodes = (nodes: string, outputs = '"x"', more = ''): string =>
  `{"schema": "lasm-graph/1", "name": "g", ${more}
  "inputs": {"x": {"shape": [2, 3]}},
  "nodes": [${nodes}],
  "outputs": [${outputs}]}`;

describe('values', () => {
  it('of seeds are those of the random numbers, rounded once', () => {
    const [normal, uniform] = [new Float32Array(6), new Float32Array(6)];
    fillNormal(normal, 1, 0.5, 7);
    fillUniform(uniform, -1, 2, 8);
    expect(valuesOf('{"shape": [2, 3], "normal": [1, 0.5], "seed": 7}')).toEqual([...normal]);
    expect(valuesOf('{"shape": [6], "uniform": [-1, 2], "seed": 8}')).toEqual([...uniform]);
  });

  it('of whole numbers stop before the last', () => {
    const weight = weightOf('{"dtype": "i32", "shape": [500], "uniform": [-2, 3], "seed": 1}');
    const { dtype, data } = weight.read();
    expect(dtype).toBe('i32');
    expect(new Set(data)).toEqual(new Set([-2, -1, 0, 1, 2]));
  });

  it('may be written nested, flat, as one number, as entries, or all the same', () => {
    expect(valuesOf('{"shape": [2, 2], "values": [[1, 2], [3, 4]]}')).toEqual([1, 2, 3, 4]);
    expect(valuesOf('{"shape": [2, 2], "values": [1, 2, 3, 4]}')).toEqual([1, 2, 3, 4]);
    expect(valuesOf('{"shape": [], "values": 5}')).toEqual([5]);
    expect(valuesOf('{"shape": [3], "fill": -0.5}')).toEqual([-0.5, -0.5, -0.5]);
    const names = '"rows": ["a", "b"], "columns": ["c", "d"]';
    const matrix = `{"shape": [2, 2], ${names}, "entries": {"b": {"c": 3}, "a": {"d": 2}}}`;
    expect(valuesOf(matrix)).toEqual([0, 2, 3, 0]);
    expect(weightOf(matrix)).toMatchObject({ rowNames: ['a', 'b'], colNames: ['c', 'd'] });
    expect(valuesOf('{"shape": [2], "columns": ["c", "d"], "entries": {"d": 1}}')).toEqual([0, 1]);
  });

  it('of bool are float32 1 or 0', () => {
    const { dtype, data } = weightOf('{"dtype": "bool", "shape": [3], "values": [1, 0, 1]}').read();
    expect(dtype).toBe('f32');
    expect([...data]).toEqual([1, 0, 1]);
  });

  it('of an input are an example, which may be missing', () => {
    const text = withNodes('').replace('"x": {', '"e": {"shape": [2], "fill": 3}, "x": {');
    const [e, x] = parse(text).inputs;
    expect([...e!.example!().data]).toEqual([3, 3]);
    expect(x!.example).toBeUndefined();
  });
});

describe('files', () => {
  let folder: string;
  const MATRIX = { dtype: 'f32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } as const;
  const read = (weight: string) =>
    readGraph(withWeight(weight), 'g.json', openFolder(folder)).weights[0]!.read();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lasm-graph-'));
    writeFileSync(join(folder, 'w.npy'), formatNpy(MATRIX));
    const entry = { dtype: 'BOOL', shape: [2], data_offsets: [0, 2] };
    writeFileSync(
      join(folder, 'm.safetensors'),
      safetensorsBytes({ b: entry }, Uint8Array.of(1, 0)),
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('are read when the weight is', () => {
    expect(read('{"shape": [2, 2], "file": "w.npy"}')).toEqual(MATRIX);
    const bool = '{"dtype": "bool", "shape": [2], "file": "m.safetensors", "tensor": "b"}';
    expect(read(bool)).toEqual({ dtype: 'f32', shape: [2], data: Float32Array.of(1, 0) });
  });

  it('must hold what the graph says', () => {
    const wrong = /w\.npy: w is 2×3 f32, but the file has 2×2 f32/;
    expect(() => read('{"shape": [2, 3], "file": "w.npy"}')).toThrow(wrong);
    expect(() => read('{"dtype": "i32", "shape": [2, 2], "file": "w.npy"}')).toThrow(GraphError);
  });

  it('outside the folder are out of reach', () => {
    expect(() => read('{"shape": [2, 2], "file": "../w.npy"}')).toThrow(FileError);
    expect(() => read('{"shape": [2, 2], "file": "/etc/w.npy"}')).toThrow(FileError);
  });
});

describe('repeat', () => {
  const layers = parse(
    withNodes(
      `{"repeat": 3, "part": "layer",
        "weights": {"w{i}": {"shape": [3, 3], "normal": [0, 1], "seed": 5}},
        "nodes": [
          {"part": "block", "nodes": [{"op": "linear", "inputs": ["h{i}", "w{i}"], "output": "y{i}"}]},
          {"op": "relu", "inputs": ["y{i}"], "output": "h{i+1}"}]}`,
      '"h3"',
    ).replaceAll('"x"', '"h0"'),
  );

  it('makes copies with parts and names of their own', () => {
    expect(layers.nodes.map(({ name, inputs, part }) => [name, inputs.join(), part])).toEqual([
      ['y0', 'h0,w0', 'layer 0/block'],
      ['h1', 'y0', 'layer 0'],
      ['y1', 'h1,w1', 'layer 1/block'],
      ['h2', 'y1', 'layer 1'],
      ['y2', 'h2,w2', 'layer 2/block'],
      ['h3', 'y2', 'layer 2'],
    ]);
  });

  it('gives each copy weights of its own', () => {
    const [w0, w1, w2] = layers.weights.map((weight) => [...weight.read().data]);
    const first = new Float32Array(9);
    fillNormal(first, 0, 1, 5);
    expect(w0).toEqual([...first]);
    expect(new Set([w0, w1, w2].map((w) => w!.join())).size).toBe(3);
  });

  it('leaves braces alone outside', () => {
    const text = withNodes('{"op": "relu", "inputs": ["x"], "output": "y{i}"}', '"y{i}"');
    expect(parse(text).outputs).toEqual(['y{i}']);
  });
});

describe('a graph', () => {
  it('may have counts, limits and states', () => {
    const graph = parse(`{"schema": "lasm-graph/1", "name": "g", "limits": {"rows": 4},
      "inputs": {"x": {"shape": ["rows", 3]}},
      "states": {"cache": {"shape": [8, 3]}},
      "nodes": [{"op": "append", "inputs": ["x"], "output": "y", "state": "cache", "count": "context"}],
      "outputs": ["y"]}`);
    expect(graph.limits).toEqual({ rows: 4 });
    expect(graph.states).toEqual([{ name: 'cache', dtype: 'f32', shape: [8, 3] }]);
    expect(graph.types.get('y')!.shape).toEqual(['context', 3]);
  });

  it('names what is not used with nothing', () => {
    const nodes = '{"op": "rnn", "inputs": ["s", "w", "r"], "outputs": ["", "h"], "name": "cell"}';
    const text = withNodes(nodes, '"h"').replace(
      '"inputs": {"x": {"shape": [2, 3]}}',
      '"inputs": {"s": {"shape": [4, 1, 3]}, "w": {"shape": [2, 3]}, "r": {"shape": [2, 2]}}',
    );
    expect(parse(text).nodes[0]).toMatchObject({ name: 'cell', outputs: ['', 'h'] });
  });
});

describe('mistakes', () => {
  const relu = (more: string) => `{"op": "relu", "inputs": ["x"], ${more}}`;
  // prettier-ignore
  const cases: readonly (readonly [string, string])[] = [
    ['[]', 'bad.json:1:1: must be an object, is a list of 0'],
    ['{"schema": 1', 'bad.json:1:13: a comma or } must stand here, found the end'],
    ['{"a": 1, "a": 2}', 'bad.json:1:10: there are two keys "a"'],
    ['{"a": tru}', 'bad.json:1:7: a value must stand here, found "t"'],
    ['{"a": 1e999}', 'bad.json:1:7: the number is too large'],
    ['{} x', 'bad.json:1:4: the value has ended, but the text goes on'],
    ['{"a" 1}', 'bad.json:1:6: a colon must stand here, found "1"'],
    ['['.repeat(20), 'bad.json:1:18: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: more than 16 lists in one another'],
    ['{"schemaa": ""}', 'bad.json:1:13: schemaa: there is no such key here | did you mean schema?'],
    ['{"schema": "lasm-graph/9"}', 'bad.json:1:12: schema: there is no "lasm-graph/9" here | there are lasm-graph/1'],
    ['{"schema": "lasm-graph/1"}', 'bad.json:1:1: name is missing'],
    [withWeight('{"shape": [2]}'), 'bad.json:3:20: weights.w: values are missing | give normal, values, file …'],
    [withWeight('{"shape": [2.5], "fill": 1}'), 'bad.json:3:31: weights.w.shape[0]: must be a whole number from 0 to 67108864, is 2.5'],
    [withWeight('{"shape": [65536, 65536], "fill": 1}'), 'bad.json:3:30: weights.w.shape: a tensor has at most 67108864 elements'],
    [withWeight('{"shape": ["rows"], "fill": 1}'), 'bad.json:3:30: weights.w.shape: rows is known only when running | whole numbers are needed here'],
    [withWeight('{"shape": [2], "normal": [0, 1]}'), 'bad.json:3:20: weights.w: seed is missing'],
    [withWeight('{"shape": [2], "fill": 1, "seed": 1}'), 'bad.json:3:54: weights.w.seed: seed goes with normal or uniform only'],
    [withWeight('{"shape": [2], "fill": 1, "file": "w.npy"}'), 'bad.json:3:20: weights.w: values come from fill and from file'],
    [withWeight('{"shape": [2], "values": [1]}'), 'bad.json:3:45: weights.w.values: must be a list of 2, is a list of 1'],
    [withWeight('{"shape": [1], "values": [1e39]}'), 'bad.json:3:46: weights.w.values[0]: 1e+39 is not an element of type f32'],
    [withWeight('{"dtype": "i32", "shape": [1], "values": [0.5]}'), 'bad.json:3:62: weights.w.values[0]: 0.5 is not an element of type i32'],
    [withWeight('{"dtype": "i32", "shape": [1], "normal": [0, 1], "seed": 1}'), 'bad.json:3:61: weights.w.normal: normal numbers are not i32'],
    [withWeight('{"dtype": "bool", "shape": [1], "uniform": [0, 3], "seed": 1}'), 'bad.json:3:63: weights.w.uniform: 2 is not an element of type bool'],
    [withWeight('{"dtype": "i32", "shape": [1], "uniform": [3, 3], "seed": 1}'), 'bad.json:3:62: weights.w.uniform: must be [from, to] of whole numbers, from < to, is a list of 2'],
    [withWeight('{"shape": [2], "columns": ["a"], "fill": 1}'), 'bad.json:3:46: weights.w.columns: 1 names for a dimension of 2'],
    [withWeight('{"shape": [2], "columns": ["a", "a"], "fill": 1}'), 'bad.json:3:52: weights.w.columns[1]: the name "a" stands here twice'],
    [withWeight('{"shape": [2], "columns": "toks", "fill": 1}'), 'bad.json:3:46: weights.w.columns: there is no basis "toks"'],
    [withWeight('{"shape": [2], "rows": ["a", "b"], "fill": 1}'), 'bad.json:3:43: weights.w.rows: only matrices have names of rows | names of a vector are its columns'],
    [withWeight('{"shape": [2], "entries": {"a": 1}}'), 'bad.json:3:46: weights.w.entries: entries need names | give the names of columns, and of a matrix’s rows'],
    [withWeight('{"shape": [1], "columns": ["tok:a"], "entries": {"tok:b": 1}}'), 'bad.json:3:78: weights.w.entries["tok:b"]: there is no row or column "tok:b" | did you mean tok:a?'],
    [withNodes('', '"z"'), 'bad.json:4:15: outputs[0]: there is no tensor z'],
    [withNodes(relu('"output": "x"')), 'bad.json:3:13: nodes[0]: there are two tensors x'],
    [withNodes(relu('"outputs": ["y"], "output": "y"')), 'bad.json:3:56: nodes[0].outputs: there is an output already'],
    [withNodes(relu('"outputs": [""]')), 'bad.json:3:56: nodes[0].outputs: one output at least must have a name'],
    [withNodes(relu('"output": ""')), 'bad.json:3:55: nodes[0].output: the name "" is not good | a name is one line of 1 to 200 characters'],
    [withNodes('{"op": "relu", "inputs": ["x"]}'), 'bad.json:3:13: nodes[0]: output is missing | it names the result'],
    [withNodes('{"op": "softmx", "inputs": ["x"], "output": "y"}'), 'bad.json:3:20: nodes[0].op: there is no operator softmx | did you mean softmax?'],
    [withNodes('{"op": "linear", "inputs": ["x", "x"], "output": "y", "transpose": true}'), 'bad.json:3:80: nodes[0].transpose: there is no such key here | did you mean transposed?'],
    [withNodes('{"op": "linear", "inputs": ["x", "x"], "output": "y"}'), 'bad.json:3:13: nodes[0]: node y (linear): x is 2×3 f32 and w is 2×3 f32: inner dimensions 3 and 2'],
    [withNodes('{"op": "reshape", "inputs": ["x"], "output": "y", "shape": [3, "a"]}'), 'bad.json:3:72: nodes[0].shape: must be a list of numbers or of texts, is a list of 2'],
    [withNodes('{"repeat": 0, "part": "p", "nodes": []}'), 'bad.json:3:24: nodes[0].repeat: must be a whole number from 1 to 1000, is 0'],
    [withNodes('{"part": "p", "nodes": [{"op": "neg"}]}'), 'bad.json:3:37: nodes[0].nodes[0]: inputs is missing'],
    [withNodes('{"repeat": 1, "part": "p", "nodes": [{"repeat": 1, "part": "p", "nodes": []}]}'), 'bad.json:3:61: nodes[0].nodes[0].repeat: a repeat cannot be in a repeat'],
    [withNodes('{"repeat": 2, "part": "p", "nodes": [{"op": "neg", "inputs": ["x"], "output": "y"}]}'), 'bad.json:3:50: nodes[0].nodes[0]: there are two nodes y'],
  ];

  it.each(cases)('of %s', (text, complaint) => {
    expect(refusalOf(text)).toBe(complaint);
  });
});

describe('the JSON reader', () => {
  const plain = (json: ReturnType<typeof parseJson>): unknown => {
    const { value } = json;
    if (Array.isArray(value)) return value.map(plain);
    if (!(value instanceof Map)) return value;
    return Object.fromEntries(
      [...value].map(([key, member]) => [key, plain(member as typeof json)]),
    );
  };

  it('reads what JSON.parse reads', () => {
    const depth = { maxDepth: 4, noUnicodeString: false };
    fc.assert(
      fc.property(fc.json(depth), fc.constantFrom(0, 2), (text, indent) => {
        const pretty = JSON.stringify(JSON.parse(text), null, indent);
        const read = plain(parseJson({ file: 'x', text: pretty }));
        expect(JSON.stringify(read)).toBe(JSON.stringify(JSON.parse(text)));
      }),
      RUNS,
    );
  });

  it('refuses what JSON.parse refuses, with a GraphError', () => {
    const texts = GRAPH_FILES.map(textOf).filter((text) => text.length < 3000);
    const damage = fc.tuple(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.constantFrom('', '"', ',', '}', '\\', '0', '-', '\u0001', 'x'),
    );
    fc.assert(
      fc.property(damage, ([text, seed, insert]) => {
        const at = seed % text.length;
        const damaged = text.slice(0, at) + insert + text.slice(at + 1);
        let valid = true;
        try {
          JSON.parse(damaged);
        } catch {
          valid = false;
        }
        const read = () => parse(damaged);
        if (!valid) expect(read).toThrow(GraphError);
        else tolerate(read);
      }),
      { ...RUNS, numRuns: 1000 },
    );
  });

  it('refuses a few characters that ask for all memory', () => {
    const names = JSON.stringify(Array.from({ length: 1025 }, (_, i) => String(i)));
    const many = `{"shape": [1025, 1025], "rows": ${names}, "columns": ${names}, "entries": {}}`;
    expect(refusalOf(withWeight(many))).toMatch(/1050625 elements \| a file can hold so many/);
    const weights = Array.from({ length: 200 }, (_, i) => `"w${i}-{i}": {"shape": [], "fill": 1}`);
    const copies = `{"repeat": 1000, "part": "p", "weights": {${weights.join()}}, "nodes": []}`;
    expect(refusalOf(withNodes(copies))).toMatch(/more than 100000 tensors/);
  });

  it('refuses texts that belong into files', () => {
    const text = ' '.repeat(2 ** 22 + 1);
    expect(refusalOf(text)).toMatch(/at most 4194304 are read \| large weights belong/);
  });
});

/** Valid JSON may be a graph or not; what is thrown must be a GraphError. */
function tolerate(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
  }
}
