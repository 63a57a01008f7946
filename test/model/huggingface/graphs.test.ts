/** The graphs of every family: their names, parts, types and limits, and what config.json changes. */
import { describe, expect, test } from 'vitest';
import type { Graph, LanguageModel } from '../../../src/model/graph.ts';
import type { HuggingFaceModel } from '../../../src/model/huggingface/open.ts';
import { openHuggingFace, showSummary } from '../../../src/model/huggingface/open.ts';
import type { HuggingFaceOptions } from '../../../src/model/huggingface/source.ts';
import type { RefTensor } from '../../../src/reference/graph.ts';
import { ReferenceModel } from '../../../src/reference/graph-model.ts';
import type { Fixture } from './fixtures.ts';
import { BART, BERT, FIXTURES, GPT2, LLAMA, MASKED_BERT, QWEN2, T5, T5_GATED } from './fixtures.ts';
import { encoderOf, folderOf, languageOf, maxDistance, memoryFolder } from './support.ts';
import { runEncoder, scattered, weightsFile } from './support.ts';

type Changes = Readonly<Record<string, unknown>>;

const open = (
  fixture: Fixture,
  changes: Changes = {},
  options: HuggingFaceOptions = {},
): HuggingFaceModel => openHuggingFace(folderOf(fixture, changes), options);

const modelOf = (fixture: Fixture, changes: Changes = {}, options: HuggingFaceOptions = {}) =>
  languageOf(open(fixture, changes, options)).model;

const graphsOf = (opened: HuggingFaceModel): Graph[] =>
  opened.kind === 'encoder'
    ? [opened.graph]
    : [opened.model.encode, opened.model.decode].filter((graph) => graph !== undefined);

const find = ({ nodes }: Graph, name: string) => nodes.find((node) => node.name === name);

/** Logits of all rows, of a decoder behind an encoder's text where there is one. */
function logitsOf(model: LanguageModel, tokens = [1, 5, 2]): RefTensor {
  const run = new ReferenceModel(model);
  if (model.encode) run.encode([3, 1, 4, 2]);
  return run.decode(tokens);
}

const ALL = { allLogits: true };

/** Far above the roundings of float64: a difference of this size has a reason. */
const NOTICED = 1e-6;

describe.each(Object.entries(FIXTURES))('%s', (_, fixture) => {
  const opened = open(fixture);
  const graphs = graphsOf(opened);

  test('every node has a part, and a name that begins with it', () => {
    for (const { name, part } of graphs.flatMap(({ nodes }) => nodes)) {
      expect(part).not.toBe('');
      expect(name === part || name.startsWith(`${part}/`)).toBe(true);
    }
  });

  test('layers of one stack are the same sequence of nodes', () => {
    const sequences = graphs.flatMap(({ nodes }) => {
      const stacks = new Map<string, string[]>();
      for (const { part, op, name, attributes } of nodes) {
        const layer = /^(.*layer) (\d+)\//.exec(part);
        if (!layer) continue;
        const general = name.replace(/\d+/, 'i');
        const { state, ...others } = attributes;
        const kept = JSON.stringify([String(state).replace(/\d+/, 'i'), others]);
        const key = `${layer[1]!} ${layer[2]!}`;
        stacks.set(key, [...(stacks.get(key) ?? []), `${op} ${general} ${kept}`]);
      }
      return [...stacks]
        .filter(([key]) => key.endsWith(' 1'))
        .map(([key, nodes]) => {
          return [stacks.get(key.replace(/ 1$/, ' 0'))!, nodes] as const;
        });
    });
    expect(sequences.length).toBeGreaterThan(0);
    for (const [first, second] of sequences) expect(second).toEqual(first);
  });

  test('weights have the values of the file, in the declared shape', () => {
    for (const weight of graphs.flatMap(({ weights }) => weights)) {
      const { shape, data, dtype } = weight.read();
      expect([dtype, shape]).toEqual([weight.dtype, weight.shape]);
      expect(data).toHaveLength(shape.reduce((product, dim) => product * dim, 1));
    }
  });

  test('all tensors of the file count as parameters, shared and foreign ones not twice', () => {
    const foreign = /seq_relationship/;
    const sizes = Object.entries(fixture.shapes).filter(([name]) => !foreign.test(name));
    const total = sizes.reduce((sum, [, [a = 1, b = 1]]) => sum + a * b, 0);
    expect(opened.summary).toMatchObject({ parameters: total, bytes: 4 * total });
  });
});

test('a summary says what the model is', () => {
  const summary = { name: 'big', family: 'Llama', architecture: 'LlamaForCausalLM' };
  expect(showSummary({ ...summary, parameters: 1234567890, bytes: 2469135780 })).toBe(
    'big: Llama, 1,234,567,890 parameters, 2.5 GB',
  );
  expect(showSummary({ ...summary, parameters: 12, bytes: 48 })).toBe(
    'big: Llama, 12 parameters, 48 bytes',
  );
});

describe('decoder graphs', () => {
  test('take tokens and give the logits of the last row, with caches of the context', () => {
    const { decode, encode } = modelOf(LLAMA, {}, { context: 9, rows: 4 });
    expect(encode).toBeUndefined();
    expect(decode.inputs).toEqual([{ name: 'tokens', dtype: 'i32', shape: ['rows'] }]);
    expect(decode.types.get(decode.outputs[0]!)).toEqual({ dtype: 'f32', shape: [1, 7] });
    expect(decode.limits).toEqual({ rows: 4, context: 9 });
    expect(decode.states.map(({ name, shape }) => `${name} ${shape.join('×')}`)).toEqual([
      'layer 0/keys 9×4',
      'layer 0/values 9×4',
      'layer 1/keys 9×4',
      'layer 1/values 9×4',
    ]);
    expect([...new Set(decode.nodes.map(({ part }) => part))]).toEqual([
      'embed',
      'layer 0/attention',
      'layer 0/feed-forward',
      'layer 1/attention',
      'layer 1/feed-forward',
      'final norm',
      'logits',
    ]);
  });

  test.each([GPT2, LLAMA, BART, T5])(
    'of $config.architectures: the last of all rows',
    (fixture) => {
      const all = logitsOf(modelOf(fixture, {}, ALL));
      expect(all.shape).toEqual([3, 7]);
      const last = logitsOf(modelOf(fixture));
      expect(last.shape).toEqual([1, 7]);
      expect([...last.data]).toEqual([...all.data.subarray(14)]);
    },
  );

  test('have limits by default that suit the model', () => {
    expect(modelOf(GPT2).decode.limits).toEqual({ rows: 6, context: 6 });
    const long = modelOf(LLAMA, { max_position_embeddings: 131072 });
    expect(long.decode.limits).toEqual({ rows: 64, context: 2048 });
    expect(modelOf(T5).decode.limits).toEqual({ rows: 6, context: 6, source: 6 });
    expect(modelOf(BART).encode!.limits).toEqual({ source: 6 });
  });
});

describe('encoder and decoder', () => {
  test.each([BART, T5])('of $config.architectures share weights and states by name', (fixture) => {
    const { encode, decode } = modelOf(fixture);
    const states = encode!.states.map(({ name }) => name);
    expect(states).toEqual([
      'decoder layer 0/source keys',
      'decoder layer 0/source values',
      'decoder layer 1/source keys',
      'decoder layer 1/source values',
    ]);
    for (const state of encode!.states) expect(decode.states).toContainEqual(state);
    const both = encode!.weights.filter(({ name }) => decode.weights.some((w) => w.name === name));
    expect(both.map(({ name }) => name)).toEqual(['embed/tokens']);
  });

  test('the source is seen through the caches only', () => {
    const model = modelOf(BART, {}, ALL);
    const run = new ReferenceModel(model);
    run.encode([2, 2, 1]);
    const other = run.decode([1, 5, 2]);
    expect(maxDistance(other.data, logitsOf(model).data)).toBeGreaterThan(NOTICED);
  });
});

describe('keys of weights', () => {
  const renamed = ({ config, shapes }: Fixture, rename: (name: string) => string): Fixture => ({
    config,
    shapes: Object.fromEntries(Object.entries(shapes).map(([name, s]) => [rename(name), s])),
  });
  /** Files that differ in names alone hold the same numbers. */
  const folder = (fixture: Fixture, rename: (name: string) => string) => {
    const other = renamed(fixture, rename);
    const originals = new Map(Object.keys(fixture.shapes).map((name) => [rename(name), name]));
    const fill = (name: string, at: number) => scattered(originals.get(name)!, at);
    return memoryFolder({
      'config.json': fixture.config,
      'model.safetensors': weightsFile(other.shapes, fill),
    });
  };

  test.each<[string, Fixture, (name: string) => string]>([
    ['GPT-2 with a prefix', GPT2, (name) => `transformer.${name}`],
    ['Llama without a prefix', LLAMA, (name) => name.replace(/^model\./, '')],
    [
      'BART under the name of a part',
      BART,
      (name) => name.replace('shared', 'encoder.embed_tokens'),
    ],
    ['T5 under the name of a part', T5, (name) => name.replace('shared', 'decoder.embed_tokens')],
  ])('%s', (_, fixture, rename) => {
    const model = languageOf(openHuggingFace(folder(fixture, rename))).model;
    expect(logitsOf(model)).toEqual(logitsOf(modelOf(fixture)));
  });

  test('BERT of old: gamma and beta, and an encoder without a prefix', () => {
    const old = (name: string) =>
      name
        .replace(/^bert\./, '')
        .replace('LayerNorm.weight', 'LayerNorm.gamma')
        .replace('LayerNorm.bias', 'LayerNorm.beta');
    const { graph } = encoderOf(openHuggingFace(folder(BERT, old), { length: 3 }));
    const expected = encoderOf(open(BERT, {}, { length: 3 })).graph;
    const run = (one: Graph) => runEncoder(one, [1, 2, 3], [0, 0, 1], [1, 1, 0]);
    expect(run(graph)).toEqual(run(expected));
  });
});

describe('what config.json changes', () => {
  const differs = (fixture: Fixture, changes: Changes) => {
    const [a, b] = [{}, changes].map((some) => logitsOf(modelOf(fixture, some, ALL)).data);
    return maxDistance(a!, b!);
  };

  test.each([
    ['gelu_new', 'gelu_tanh'],
    ['gelu_pytorch_tanh', 'gelu_tanh'],
    ['gelu', 'gelu'],
    ['relu', 'relu'],
    ['silu', 'silu'],
  ])('activation %s', (name, op) => {
    const { decode } = modelOf(GPT2, { activation_function: name });
    expect(find(decode, 'layer 0/feed-forward/active')!.op).toBe(op);
  });

  test('unscaled scores of GPT-2, inner width, a head of its own', () => {
    const scaled = find(modelOf(GPT2).decode, 'layer 0/attention/heads')!;
    expect(scaled.attributes.scale).toBe(1 / Math.sqrt(4));
    const plain = modelOf(GPT2, { scale_attn_weights: false, n_inner: null }).decode;
    expect(find(plain, 'layer 0/attention/heads')!.attributes.scale).toBe(1);
    const shapes = { ...GPT2.shapes, 'lm_head.weight': [7, 8] };
    const untied = modelOf({ ...GPT2, shapes }, { tie_word_embeddings: false });
    expect(untied.decode.weights.map(({ name }) => name)).toContain('logits/weight');
  });

  test('a third of c_attn each goes to q, k and v', () => {
    const { weights } = modelOf(GPT2).decode;
    const whole = folderOf(GPT2).openTensors('model.safetensors')!.read('h.1.attn.c_attn.weight');
    const columns = (from: number) =>
      Float32Array.from(
        { length: 64 },
        (_, i) => whole.data[Math.floor(i / 8) * 24 + from + (i % 8)]!,
      );
    ['q', 'k', 'v'].forEach((what, third) => {
      const weight = weights.find(({ name }) => name === `layer 1/attention/${what} weight`)!;
      expect(weight.read()).toEqual({ dtype: 'f32', shape: [8, 8], data: columns(8 * third) });
    });
  });

  test('rope: the new convention is the old one under another name', () => {
    const scaling = { factor: 2, low_freq_factor: 1, high_freq_factor: 4 };
    const llama3 = { ...scaling, rope_type: 'llama3', original_max_position_embeddings: 8 };
    const before = { rope_theta: 500, rope_scaling: llama3 };
    const now = { rope_parameters: { ...llama3, rope_theta: 500 } };
    const [a, b] = [before, now].map((some) => logitsOf(modelOf(LLAMA, some, ALL)).data);
    expect(a).toEqual(b);
    expect(differs(LLAMA, now)).toBeGreaterThan(NOTICED);
    expect(differs(LLAMA, { rope_scaling: { type: 'linear', factor: 4 } })).toBeGreaterThan(
      NOTICED,
    );
    expect(differs(LLAMA, { rope_parameters: { rope_type: 'default', rope_theta: 10000 } })).toBe(
      0,
    );
  });

  test('a missing key has the default of its class', () => {
    expect(differs(LLAMA, { rms_norm_eps: 1e-6, rope_theta: 10000, hidden_act: 'silu' })).toBe(0);
    expect(differs(LLAMA, { head_dim: 2 })).toBe(0);
    expect(differs(GPT2, { n_inner: 32, layer_norm_epsilon: 1e-5 })).toBe(0);
    expect(differs(T5, { num_decoder_layers: 2, feed_forward_proj: 'relu' })).toBe(0);
  });

  test('a sliding window is refused unless the model is built no longer than it', () => {
    const mistral = {
      ...LLAMA,
      config: { ...LLAMA.config, architectures: ['MistralForCausalLM'] },
    };
    const limits = (changes: Changes) => modelOf(mistral, changes).decode.limits.context;
    expect(limits({ sliding_window: 5 })).toBe(5);
    expect(limits({ sliding_window: null })).toBe(16);
    expect(() => modelOf(mistral, { sliding_window: 5 }, { context: 6 })).toThrow(
      'context 6 is not possible',
    );
    expect(modelOf(QWEN2, { sliding_window: 5 }).decode.limits.context).toBe(16);
    const asked = { sliding_window: 5, use_sliding_window: true };
    expect(modelOf(QWEN2, asked).decode.limits.context).toBe(5);
  });

  test('Qwen2 has biases of q, k and v only', () => {
    const { decode } = modelOf(QWEN2);
    const operands = (what: string) => find(decode, `layer 0/attention/${what}`)!.inputs.length;
    expect(['q', 'k', 'v', 'out'].map(operands)).toEqual([3, 3, 3, 2]);
  });

  test('BART: scaled embeddings, and embeddings without a norm', () => {
    expect(differs(BART, { scale_embedding: true })).toBeGreaterThan(NOTICED);
    const entries = Object.entries(BART.shapes).filter(([name]) => !name.includes('layernorm_emb'));
    const bare = { config: BART.config, shapes: Object.fromEntries(entries) };
    const { encode } = modelOf(bare, { normalize_embedding: false });
    expect(find(encode!, 'encoder embed/norm')).toBeUndefined();
  });

  test('T5: gates, and logits scaled when the table is shared', () => {
    const gated = modelOf(T5_GATED).decode;
    expect(find(gated, 'decoder layer 0/feed-forward/open')!.op).toBe('gelu_tanh');
    expect(find(gated, 'logits/scaled')).toBeUndefined();
    expect(find(gated, 'logits')!.inputs[1]).toBe('logits/weight');
    const silu = modelOf(T5_GATED, { feed_forward_proj: 'gated-silu' }).decode;
    expect(find(silu, 'decoder layer 0/feed-forward/open')!.op).toBe('silu');
    const shared = modelOf(T5, {}, ALL).decode;
    expect(find(shared, 'logits')!.inputs[1]).toBe('embed/tokens');
    const factor = shared.weights.find(({ name }) => name === 'logits/scaled factor')!;
    expect(factor.read().data[0]).toBe(Math.fround(1 / Math.sqrt(8)));
    const [a, b] = [{}, { scale_decoder_outputs: false }].map(
      (some) => logitsOf(modelOf(T5, some, ALL)).data,
    );
    expect(
      maxDistance(
        a!.map((x) => x * Math.sqrt(8)),
        b!,
      ),
    ).toBeLessThan(1e-6);
  });

  test('BERT: labels by name or by number, and the words behind a mask', () => {
    const { graph } = encoderOf(open(BERT, { id2label: { 0: 'no', 1: 'yes' } }));
    expect(graph.outputs.map((name) => graph.types.get(name)!.shape)).toEqual([
      [1, 2],
      [6, 8],
    ]);
    expect(graph.outputs).toEqual(['logits', 'last_hidden_state']);
    const masked = encoderOf(open(MASKED_BERT, {}, { length: 4 })).graph;
    expect(masked.outputs.map((name) => masked.types.get(name)!.shape)).toEqual([
      [4, 7],
      [4, 8],
    ]);
    expect(find(masked, 'logits')!.inputs[1]).toBe('embed/tokens');
  });

  test('bfloat16 weights are the numbers they are', () => {
    const half = memoryFolder({
      'config.json': { ...GPT2.config, dtype: 'bfloat16' },
      'model.safetensors': weightsFile(GPT2.shapes, scattered, 'BF16'),
    });
    const opened = openHuggingFace(half);
    const [table] = languageOf(opened).model.decode.weights;
    const upper = (x: number) =>
      new Float32Array(
        Uint32Array.of(new Uint32Array(Float32Array.of(x).buffer)[0]! & 0xffff0000).buffer,
      )[0]!;
    const expected = Float32Array.from({ length: 56 }, (_, at) =>
      upper(scattered('wte.weight', at)),
    );
    expect(table!.read().data).toEqual(expected);
    expect(opened.summary.bytes).toBe(2 * opened.summary.parameters);
  });
});
