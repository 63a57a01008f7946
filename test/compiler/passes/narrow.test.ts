/** 16-bit weights: half of the bytes, and the bits of a float32 program whose weights were rounded before. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../src/asm/assemble.ts';
import { narrow } from '../../../src/compiler/passes/narrow.ts';
import type { Build } from '../../../src/inference/build.ts';
import { buildGraph, buildLanguageModel } from '../../../src/inference/build.ts';
import { programFiles } from '../../../src/inference/weights-file.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Graph, HalfFormat, Weight } from '../../../src/model/graph.ts';
import { safetensorsChunks } from '../../../src/model/safetensors-write.ts';
import { openSafetensors } from '../../../src/model/safetensors.ts';
import type { Program } from '../../../src/program/program.ts';
import { symbolBytes } from '../../../src/program/program.ts';
import { FORMATS } from '../../../src/tensor/formats.ts';
import { LEVELS, MODELS, TILE, generate, languageSource } from '../../inference/support.ts';
import { compileGraph, runGraph } from '../../support/compile-graph.ts';
import { values } from '../../support/random-graph.ts';

const HALVES = ['f16', 'bf16'] as const;

/** The graph with float32 weights of the values that the format has, of linear maps alone. */
function roundedBefore(graph: Graph, format: HalfFormat): Graph {
  const { encode, decode } = FORMATS[format];
  const rounded = (weight: Weight): Weight => {
    const data = Float32Array.from(weight.read().data, (value) => decode(encode(value)));
    const read = () => ({ dtype: 'f32', shape: weight.shape, data }) as const;
    return { ...weight, name: `${weight.name} rounded`, read };
  };
  const isWeight = (name: string) => graph.weights.some((weight) => weight.name === name);
  const nodes = graph.nodes.map((node) => {
    const [x, w, ...rest] = node.inputs;
    if (node.op !== 'linear' || !isWeight(w!)) return node;
    return { ...node, inputs: [x!, `${w} rounded`, ...rest] };
  });
  const weights = [...graph.weights, ...graph.weights.map(rounded)];
  const types = new Map([...graph.types, ...weights.map((w) => [w.name, w] as const)]);
  return { ...graph, nodes, weights, types };
}

const linears = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  inner: fc.integer({ min: 1, max: 40 }),
  out: fc.integer({ min: 1, max: 40 }),
  transposed: fc.boolean(),
  biased: fc.boolean(),
  seed: fc.nat(100_000),
  tile: fc.constantFrom(4, 16),
});

describe('a product with a narrow weight', () => {
  it('has the bits of the product with the rounded weight, at every level', () => {
    fc.assert(
      fc.property(linears, fc.constantFrom(...HALVES), (linear, format) => {
        const { rows, inner, out, transposed, biased, seed, tile } = linear;
        const builder = new GraphBuilder('linear');
        const x = builder.input('x', 'f32', [rows, inner]);
        const shape = transposed ? [out, inner] : [inner, out];
        const w = builder.constant('w', 'f32', shape, values(seed, inner * out, 3));
        const bias = biased ? [builder.constant('b', 'f32', [out], values(seed + 2, out, 1))] : [];
        const y = builder.add('linear', [x, w, ...bias], { transposed }, { name: 'y' });
        const graph = builder.finish([y]);
        const inputs = new Map([['x', values(seed + 1, rows * inner, 2)]]);
        for (const level of LEVELS) {
          const { bits } = runGraph(graph, inputs, { level, tile, narrow: format });
          expect(bits).toEqual(
            runGraph(roundedBefore(graph, format), inputs, { level, tile }).bits,
          );
        }
      }),
      { numRuns: 60, seed: 20261122 },
    );
  });
});

describe('language models with narrow weights', () => {
  it.each([
    ['adder-gpt2', [7, 9, 10, 3, 2, 11]],
    ['verse-llama', [65, 20, 13, 25, 24]],
  ] as const)('%s computes what rounded weights compute', (name, prompt) => {
    const { model } = languageSource(`${MODELS}${name}`);
    for (const level of LEVELS) {
      const format = HALVES[level % 2]!;
      const options = { level, tile: TILE, sampling: { temperature: 0 }, maxNewTokens: 3 };
      const found = generate(buildLanguageModel(model, { ...options, narrow: format }), prompt);
      const rounded = { ...model, decode: roundedBefore(model.decode, format) };
      expect(found.logits.length).toBeGreaterThan(1);
      expect(found).toEqual(generate(buildLanguageModel(rounded, options), prompt));
    }
  });

  it('have half of the bytes, in memory and in the file, and embeddings as they were', () => {
    const { model } = languageSource(`${MODELS}verse-llama`);
    const options = {
      level: 1,
      tile: TILE,
      sampling: { temperature: 0 },
      maxNewTokens: 1,
    } as const;
    const [plain, half] = [{}, { narrow: 'bf16' } as const].map((way) =>
      bytesOf(buildLanguageModel(model, { ...options, ...way })),
    );
    const matrices = [...plain!].filter(([name]) => /layer.*weight/.test(name));
    expect(matrices).toHaveLength(7);
    for (const [name, bytes] of matrices) expect(half!.get(`${name}_bf16`), name).toBe(bytes / 2);
    // The embeddings are the weight of the logits too.
    const tokens = plain!.get('embed_tokens')!;
    expect(half!.get('embed_tokens')).toBe(tokens);
    expect(half!.get('embed_tokens_bf16')).toBe(tokens / 2);
    expect(half!.size).toBe(plain!.size + 1);
  });

  it('are in the weights file as they are in memory', () => {
    const { model } = languageSource(`${MODELS}adder-gpt2`);
    const options = {
      level: 1,
      tile: TILE,
      sampling: { temperature: 0 },
      maxNewTokens: 1,
    } as const;
    for (const format of HALVES) {
      const build = buildLanguageModel(model, { ...options, narrow: format });
      const { text, tensors } = programFiles(build, '');
      const file = Buffer.concat([...safetensorsChunks(tensors)]);
      const { names, info, read } = openSafetensors({
        size: file.length,
        read: (from, length) => file.subarray(from, from + length),
      });
      const narrowed = names.filter((name) => name.endsWith(format));
      expect(narrowed).toHaveLength(7);
      for (const name of narrowed) {
        expect(info(name).dtype).toBe(format.toUpperCase());
        expect(info(name).bytes).toBe(bytesOf(build).get(name));
      }
      const { program } = assemble('adder.lasm', text, {
        readText: () => '',
        readTensor: (_, name) => read(name!),
      });
      const dataOf = ({ symbols }: Program) => symbols.map(({ name, data }) => [name, data]);
      expect(dataOf(program!)).toEqual(dataOf(build.program));
    }
  });
});

const bytesOf = ({ program, weights }: Build): ReadonlyMap<string, number> =>
  new Map(
    program.symbols
      .filter(({ name }) => weights.has(name))
      .map((symbol) => [symbol.name, symbolBytes(symbol)]),
  );

describe('lighter weights', () => {
  const graphOf = (read: () => never | readonly number[]): Graph => {
    const builder = new GraphBuilder('linear');
    const x = builder.input('x', 'f32', [4, 20]);
    const shape = [20, 20];
    const w = builder.weight({
      name: 'w',
      dtype: 'f32',
      shape,
      read: () => ({ dtype: 'f32', shape, data: Float32Array.from(read()) }),
    });
    return builder.finish([builder.add('linear', [x, w], {}, { name: 'y' })]);
  };

  it('are compiled without their values', () => {
    const graph = graphOf(() => {
      throw new Error('there are no weights');
    });
    const ways = [{ narrow: 'f16' }, { narrow: 'bf16' }, { quantize: 'int8' }, { prune: 0.5 }, {}] as const; // prettier-ignore
    for (const way of ways) {
      const { text, weights } = compileGraph(graph, { level: 2, ...way });
      expect(text).toContain('MATMUL');
      for (const { read } of weights.values()) expect(read).toThrow('there are no weights');
    }
  });

  it('are refused where a format has no number for one of them', () => {
    const graph = graphOf(() => [...new Array<number>(399).fill(1), 65520]);
    const build = (format: HalfFormat) => buildGraph(graph, { level: 1, tile: 16, narrow: format });
    expect(() => build('f16')).toThrow('weight w has 65520, which is too large for f16');
    expect(build('bf16').program.symbols.length).toBeGreaterThan(0);
  });

  it('are made for constants of linear maps only, and once for all that use one', () => {
    const builder = new GraphBuilder('linear');
    const x = builder.input('x', 'f32', [4, 4]);
    const w = builder.constant('w', 'f32', [4, 4], values(1, 16, 1));
    const both = [1, 2].map((i) => builder.add('linear', [x, w], {}, { name: `y${i}` }));
    both.push(builder.add('linear', [x, x], {}, { name: 'square' }));
    const { nodes, weights } = narrow(builder.finish(both), 4, 'f16');
    expect(nodes.map(({ inputs }) => inputs[1])).toEqual(['w f16', 'w f16', 'x']);
    expect(weights.map(({ name, format }) => [name, format])).toEqual([
      ['w', undefined],
      ['w f16', 'f16'],
    ]);
  });
});
