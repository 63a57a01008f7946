/** Models from their files, through the evaluator, against PyTorch and the hand-written references. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, test } from 'vitest';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import type { Graph, LanguageModel } from '../../src/model/graph.ts';
import { openHuggingFacePath } from '../../src/model/huggingface/open.ts';
import { bartDecode, bartEncode } from '../../src/reference/bart.ts';
import { ReferenceModel, greedy } from '../../src/reference/graph-model.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import type { RefTensor } from '../../src/reference/graph.ts';
import { gpt2Logits } from '../../src/reference/gpt2.ts';
import { readSafetensors } from '../support/safetensors.ts';
import { FLOAT64_TOLERANCE, maxDifference } from './random.ts';
import { ints } from './graph-support.ts';

/** The distance allowed between float64 and PyTorch's float32: models.test.ts says why. */
const FLOAT32_TOLERANCE = 1e-4;

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const ours = (model: string) => folder(`programs/models/${model}`);

function readGolden<T>(root: string): T {
  return JSON.parse(readFileSync(`${root}/golden.json`, 'utf8')) as T;
}

function languageModel(root: string, options: { allLogits?: boolean } = {}): LanguageModel {
  const opened = openHuggingFacePath(root, options);
  if (opened.kind !== 'language') throw new Error(`${root} is no language model`);
  return opened.model;
}

/** Row i of a matrix; the last one is −1. */
const rowOf = ({ shape: [rows, width], data }: RefTensor, i: number): Float64Array =>
  data.subarray(((i + rows) % rows) * width, (((i + rows) % rows) + 1) * width);

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(maxDifference(actual, expected)).toBeLessThan(FLOAT32_TOLERANCE);
}

describe('GPT-2: adder-gpt2', () => {
  interface Golden {
    readonly prompt: string;
    readonly input_ids: readonly number[];
    readonly last_logits: readonly number[];
    readonly greedy_ids: readonly number[];
  }
  const root = ours('adder-gpt2');
  const model = languageModel(root);
  const cases = readGolden<Golden[]>(root);

  test.each(cases)('$prompt', ({ input_ids: ids, last_logits: last, greedy_ids: expected }) => {
    const logits = new ReferenceModel(model).decode(ids);
    expect(logits.shape).toEqual([1, last.length]);
    expectNear(logits.data, last);
    expect(greedy(model, ids, 100)).toEqual(expected);
  });

  it('is the hand-written reference, token by token', () => {
    const weights = readSafetensors(`${root}/model.safetensors`);
    const config = JSON.parse(readFileSync(`${root}/config.json`, 'utf8')) as Record<
      string,
      number
    >;
    const sizes = {
      layers: config.n_layer,
      heads: config.n_head,
      layerNormEpsilon: config.layer_norm_epsilon,
    };
    const run = new ReferenceModel(model);
    const ids = cases[0].input_ids;
    const { data, cols } = gpt2Logits(ids, sizes, weights);
    ids.forEach((id, i) => {
      const expected = data.subarray(i * cols, (i + 1) * cols);
      expect(maxDifference(run.decode([id]).data, expected)).toBeLessThan(FLOAT64_TOLERANCE);
    });
  });

  it('stops at its limit, at the end of the context, and at a token that ends the text', () => {
    const { input_ids: ids, greedy_ids: found } = cases[0];
    expect(greedy(model, ids, 0)).toEqual([]);
    expect(greedy(model, ids, 2)).toEqual(found.slice(0, 2));
    const endless = { ...model.generation, end: [] };
    const short = { ...endless, context: ids.length + 3 };
    expect(greedy({ ...model, generation: short }, ids, 9)).toEqual(found.slice(0, 3));
    const early = { ...endless, end: [found[0]] };
    expect(greedy({ ...model, generation: early }, ids, 9)).toEqual(found.slice(0, 1));
  });

  it('puts what the model wants around the prompt', () => {
    const { input_ids: ids, greedy_ids: found } = cases[0];
    const around = { before: ids.slice(0, 2), after: ids.slice(-1) };
    const wrapped = { ...model, generation: { ...model.generation, ...around } };
    expect(greedy(wrapped, ids.slice(2, -1), 9)).toEqual(found);
  });

  it('has no encoder', () => {
    const encode = () => new ReferenceModel(model).encode([1]);
    expect(encode).toThrow('adder-gpt2 has no encoder');
  });
});

describe('Llama: verse-llama', () => {
  interface Golden {
    readonly prompt: string;
    readonly input_ids: readonly number[];
    readonly first_logits: readonly number[];
    readonly last_logits: readonly number[];
    readonly greedy_ids: readonly number[];
  }
  const root = ours('verse-llama');
  const model = languageModel(root);
  const cases = readGolden<Golden[]>(root);

  test.each(cases)('$prompt', (golden) => {
    const { input_ids: ids, greedy_ids: expected } = golden;
    expectNear(new ReferenceModel(model).decode(ids.slice(0, 1)).data, golden.first_logits);
    expectNear(new ReferenceModel(model).decode(ids).data, golden.last_logits);
    expect(greedy(model, ids, expected.length)).toEqual(expected);
  });

  it('says the same however its text is cut into passes', () => {
    const ids = cases[0].input_ids;
    const whole = new ReferenceModel(model).decode(ids).data;
    for (let cut = 1; cut < ids.length; cut++) {
      const run = new ReferenceModel(model);
      run.decode(ids.slice(0, cut));
      const rest = run.decode(ids.slice(cut)).data;
      expect(maxDifference(rest, whole)).toBeLessThan(FLOAT64_TOLERANCE);
    }
  });

  it('picks the token behind the last row when the graph gives all', () => {
    const all = languageModel(root, { allLogits: true });
    const { input_ids: ids, first_logits: first, greedy_ids: expected } = cases[0];
    const logits = new ReferenceModel(all).decode(ids);
    expectNear(rowOf(logits, 0), first);
    expect(greedy(all, ids, 3)).toEqual(expected.slice(0, 3));
  });

  it('tells of every tensor of every layer', () => {
    const names = new Set<string>();
    new ReferenceModel(model).decode([1], (_, name) => names.add(name));
    const named = model.decode.nodes.flatMap(({ outputs }) =>
      outputs.filter((name) => name !== ''),
    );
    expect(names).toEqual(new Set(named));
  });
});

describe('BART: dates-bart', () => {
  interface Golden {
    readonly input: string;
    readonly input_ids: readonly number[];
    readonly greedy_ids: readonly number[];
    readonly first_logits: readonly number[];
    readonly last_logits: readonly number[];
  }
  const root = ours('dates-bart');
  const model = languageModel(root);
  const weights = readSafetensors(`${root}/model.safetensors`);
  const config = JSON.parse(readFileSync(`${root}/config.json`, 'utf8')) as Record<string, number>;
  const sizes = {
    encoderLayers: config.encoder_layers,
    decoderLayers: config.decoder_layers,
    encoderHeads: config.encoder_attention_heads,
    decoderHeads: config.decoder_attention_heads,
  };

  test.each(readGolden<Golden[]>(root))('$input', ({ input_ids: source, ...golden }) => {
    const ids = golden.greedy_ids.slice(0, -1);
    const run = new ReferenceModel(model);
    run.encode(source);
    expectNear(run.decode(ids.slice(0, 1)).data, golden.first_logits);
    const last = run.decode(ids.slice(1));
    expectNear(last.data, golden.last_logits);
    const byHand = bartDecode(ids, bartEncode(source, sizes, weights), sizes, weights);
    const expected = byHand.data.subarray(-byHand.cols);
    expect(maxDifference(last.data, expected)).toBeLessThan(FLOAT64_TOLERANCE);
    expect(greedy(model, source, 20)).toEqual(golden.greedy_ids.slice(1));
  });

  it('begins anew with another text', () => {
    const [first, second] = readGolden<Golden[]>(root);
    const run = new ReferenceModel(model);
    run.encode(first.input_ids);
    run.decode([2, 3, 4]);
    run.encode(second.input_ids);
    expectNear(run.decode([2]).data, second.first_logits);
  });
});

describe('a new text', () => {
  it('finds nothing of the old one in the caches', () => {
    const build = (name: string, count: 'rows' | 'source') => {
      const builder = new GraphBuilder(name, { [count]: 2 });
      const tokens = builder.input('tokens', 'i32', [count]);
      const table = builder.constant('table', 'f32', [3, 1], [10, 20, 30]);
      return { builder, rows: builder.add('gather', [table, tokens]) };
    };
    const { builder: encoder, rows } = build('encoder', 'source');
    const { builder: decoder, rows: x } = build('decoder', 'rows');
    const state = decoder.state('cache', [2, 1]);
    const cache = decoder.add('append', [x], { state, start: 'position', count: 2 });
    const model = {
      ...languageModel(ours('adder-gpt2')),
      encode: encoder.finish([rows]),
      decode: decoder.finish([cache]),
    };
    const run = new ReferenceModel(model);
    run.encode([0]);
    expect([...run.decode([0, 1]).data]).toEqual([10, 20]);
    run.encode([0]);
    expect([...run.decode([2]).data]).toEqual([30, NaN]);
  });
});

describe('BERT: bert-random', () => {
  interface Golden {
    readonly input_ids: readonly number[];
    readonly token_type_ids: readonly number[];
    readonly attention_mask: readonly number[];
    readonly logits: readonly number[];
    readonly last_hidden_state: readonly (readonly number[])[];
  }
  const root = ours('bert-random');

  function graphOf(length: number): Graph {
    const opened = openHuggingFacePath(root, { length });
    if (opened.kind !== 'encoder') throw new Error('BERT is an encoder');
    return opened.graph;
  }

  test.each(readGolden<Golden[]>(root))('mask $attention_mask', (golden) => {
    const graph = graphOf(golden.input_ids.length);
    const given = new Map(
      graph.inputs.map(({ name }) => [name, ints(golden[name as 'input_ids'])]),
    );
    const [logits, hidden] = evaluateGraph(graph, given).values();
    expectNear(logits.data, golden.logits);
    expectNear(hidden.data, golden.last_hidden_state.flat());
  });
});

/** Small models of others, which are not part of this tree. */
const others = folder('../shared/golden/hf-tiny');
const present = existsSync(others);
if (!present) console.warn('skipped: ../shared/golden/hf-tiny is not there');

describe.skipIf(!present)('models of others', () => {
  interface Rows {
    readonly logits_rows: Readonly<Record<string, readonly number[]>>;
  }

  function expectRows(logits: RefTensor, { logits_rows: rows }: Rows): void {
    expect(Object.keys(rows)).not.toHaveLength(0);
    for (const [i, expected] of Object.entries(rows))
      expectNear(rowOf(logits, Number(i)), expected);
  }

  it('Llama with the frequencies of Llama 3', () => {
    const golden = readGolden<Rows & { readonly tokens: number[] }>(`${others}/llama3rope`);
    const model = languageModel(`${others}/llama3rope`, { allLogits: true });
    expectRows(new ReferenceModel(model).decode(golden.tokens), golden);
  });

  it('T5, in one pass and token by token', () => {
    type Golden = Rows &
      Readonly<Record<'input_ids' | 'generated' | 'decoder_input_ids', number[]>>;
    const golden = readGolden<Golden>(`${others}/t5`);
    const all = new ReferenceModel(languageModel(`${others}/t5`, { allLogits: true }));
    all.encode(golden.input_ids);
    expectRows(all.decode(golden.decoder_input_ids), golden);
    const model = languageModel(`${others}/t5`);
    expect(greedy(model, golden.input_ids, golden.generated.length)).toEqual(golden.generated);
  });
});
