/** Whole networks in float64 against what PyTorch computed in float32, for every model we ship. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bartDecode, bartEncode } from '../../src/reference/bart.ts';
import { bertClassify, bertHidden } from '../../src/reference/bert.ts';
import type { Gpt2Config } from '../../src/reference/gpt2.ts';
import { gpt2Greedy, gpt2Logits } from '../../src/reference/gpt2.ts';
import { llamaLogits } from '../../src/reference/llama.ts';
import { row } from '../../src/reference/matrix.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import { readSafetensors } from '../support/safetensors.ts';
import { maxDifference } from './random.ts';

/**
 * The distance allowed between float64 and PyTorch's float32. In adder-gpt2 the last product alone,
 * of depth 64 and with Σ|h|·|w| between 7 and 23, may err by γ₆₄·Σ|h|·|w| ≈ 3e-5 to 9e-5 in any
 * order of summation (Higham, §3.1), u being 2⁻²⁴. No worst case is proved for the layers before
 * it; but roundings mostly cancel, and what is found is 1.3e-5 there and 6e-6 elsewhere.
 */
const FLOAT32_TOLERANCE = 1e-4;

const folder = (model: string) => new URL(`../../programs/models/${model}/`, import.meta.url);

function readJson<T>(model: string, name: string): T {
  return JSON.parse(readFileSync(new URL(name, folder(model)), 'utf8')) as T;
}

const readWeights = (model: string) =>
  readSafetensors(new URL('model.safetensors', folder(model)).pathname);

function expectNear(actual: Matrix, expected: readonly number[]): void {
  expect(maxDifference(actual.data, expected)).toBeLessThan(FLOAT32_TOLERANCE);
}

/** The likeliest token after each position from `start` on. */
function likeliest(logits: Matrix, start: number): number[] {
  return Array.from({ length: logits.rows - start }, (_, i) => {
    const { data } = row(logits, start + i);
    return data.indexOf(Math.max(...data));
  });
}

describe('GPT-2: adder-gpt2', () => {
  interface Golden {
    readonly prompt: string;
    readonly input_ids: readonly number[];
    readonly last_logits: readonly number[];
    readonly greedy_ids: readonly number[];
  }
  const source = readJson<Record<string, number>>('adder-gpt2', 'config.json');
  const config: Gpt2Config = {
    layers: source.n_layer,
    heads: source.n_head,
    layerNormEpsilon: source.layer_norm_epsilon,
  };
  const weights = readWeights('adder-gpt2');
  const cases = readJson<Golden[]>('adder-gpt2', 'golden.json');

  test('there are 24 cases', () => {
    expect(cases).toHaveLength(24);
  });

  test.each(cases)('$prompt logits and greedy decoding', (golden) => {
    const logits = gpt2Logits(golden.input_ids, config, weights);
    expectNear(row(logits, logits.rows - 1), golden.last_logits);
    const maxNewTokens = source.n_positions - golden.input_ids.length;
    const stop = { endOfText: source.eos_token_id, maxNewTokens };
    expect(gpt2Greedy(golden.input_ids, config, weights, stop)).toEqual(golden.greedy_ids);
  });

  test('decoding stops at its limit when no end comes', () => {
    const stop = { endOfText: -1, maxNewTokens: 2 };
    const [first, second] = cases[0].greedy_ids;
    expect(gpt2Greedy(cases[0].input_ids, config, weights, stop)).toEqual([first, second]);
  });

  test('another activation is noticed', () => {
    const wrong = { ...config, activation: (x: number) => Math.max(0, x) };
    const logits = gpt2Logits(cases[0].input_ids, wrong, weights);
    const last = row(logits, logits.rows - 1).data;
    expect(maxDifference(last, cases[0].last_logits)).toBeGreaterThan(FLOAT32_TOLERANCE);
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
  const source = readJson<Record<string, number>>('verse-llama', 'config.json');
  const config = {
    layers: source.num_hidden_layers,
    heads: source.num_attention_heads,
    kvHeads: source.num_key_value_heads,
    rmsNormEpsilon: source.rms_norm_eps,
    ropeBase: source.rope_theta,
  };
  const weights = readWeights('verse-llama');

  test.each(readJson<Golden[]>('verse-llama', 'golden.json'))('$prompt', (golden) => {
    const { input_ids: prompt, greedy_ids: greedy } = golden;
    // Attention is causal, so one pass over the whole text shows every step of the decoding.
    const logits = llamaLogits([...prompt, ...greedy.slice(0, -1)], config, weights);
    expectNear(row(logits, 0), golden.first_logits);
    expectNear(row(logits, prompt.length - 1), golden.last_logits);
    expect(likeliest(logits, prompt.length - 1)).toEqual(greedy);
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
  const source = readJson<Record<string, number>>('dates-bart', 'config.json');
  const config = {
    encoderLayers: source.encoder_layers,
    decoderLayers: source.decoder_layers,
    encoderHeads: source.encoder_attention_heads,
    decoderHeads: source.decoder_attention_heads,
  };
  const weights = readWeights('dates-bart');

  test.each(readJson<Golden[]>('dates-bart', 'golden.json'))('$input', (golden) => {
    const memory = bartEncode(golden.input_ids, config, weights);
    const logits = bartDecode(golden.greedy_ids.slice(0, -1), memory, config, weights);
    expectNear(row(logits, 0), golden.first_logits);
    expectNear(row(logits, logits.rows - 1), golden.last_logits);
    expect(likeliest(logits, 0)).toEqual(golden.greedy_ids.slice(1));
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
  const source = readJson<Record<string, number>>('bert-random', 'config.json');
  const config = {
    layers: source.num_hidden_layers,
    heads: source.num_attention_heads,
    layerNormEpsilon: source.layer_norm_eps,
  };
  const weights = readWeights('bert-random');

  test.each(readJson<Golden[]>('bert-random', 'golden.json'))('mask $attention_mask', (golden) => {
    const length = golden.attention_mask.filter((visible) => visible === 1).length;
    const input = { ids: golden.input_ids, segments: golden.token_type_ids, length };
    const hidden = bertHidden(input, config, weights);
    expectNear(hidden, golden.last_hidden_state.flat());
    expectNear(bertClassify(hidden, weights), golden.logits);
  });
});
