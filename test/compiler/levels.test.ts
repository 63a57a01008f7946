/** What the levels of optimisation are worth, on a real model: 64 tokens of prompt on Gemmini's array. */
import { describe, expect, it } from 'vitest';
import { generationProgram } from '../../src/compiler/generation/program.ts';
import type { Level } from '../../src/compiler/lower/context.ts';
import { compile } from '../../src/compiler/compile.ts';
import { buildLanguageModel } from '../../src/inference/build.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { openHuggingFace, openHuggingFacePath } from '../../src/model/huggingface/open.ts';
import type { ModelFolder } from '../../src/model/huggingface/folder.ts';
import { runProgram } from '../../src/run/run.ts';

const VERSE = new URL('../../programs/models/verse-llama', import.meta.url).pathname;
const GREEDY = { temperature: 0 };

function prefill(level: Level) {
  const opened = openHuggingFacePath(VERSE);
  if (opened.kind !== 'language') throw new Error('verse-llama generates text');
  const machine = findPreset('gemmini16')!;
  const { tile } = machine;
  const options = { level, tile, sampling: GREEDY, maxNewTokens: 1 };
  const { program } = buildLanguageModel(opened.model, options);
  const promptTokens = Array.from({ length: 64 }, (_, i) => (i * 7) % 65);
  const { report, trap } = runProgram(program, machine, { promptTokens });
  expect(trap).toBeUndefined();
  return { cycles: report.cycles, bound: report.bound.cycles };
}

describe('levels of optimisation', () => {
  it('-O2 takes at most half of -O0, and 1.5 × the lower bound', { timeout: 60_000 }, () => {
    const [plain, best] = [prefill(0), prefill(2)];
    expect(best.cycles).toBeLessThanOrEqual(plain.cycles / 2);
    expect(best.cycles).toBeLessThanOrEqual(1.5 * best.bound);
  });
});

/** A Llama of which there is a config.json and a list of tensors, and nothing else. */
function llamaOf(layers: number, width: number, inner: number, heads: number): ModelFolder {
  const keys = 8 * 128;
  const config = {
    architectures: ['LlamaForCausalLM'],
    hidden_size: width,
    intermediate_size: inner,
    num_attention_heads: heads,
    num_key_value_heads: 8,
    num_hidden_layers: layers,
    vocab_size: 128_256,
    max_position_embeddings: 8192,
    tie_word_embeddings: false,
    attention_bias: true,
    mlp_bias: true,
    torch_dtype: 'bfloat16',
  };
  const maps: readonly (readonly [string, number, number])[] = [
    ['self_attn.q_proj', width, width],
    ['self_attn.k_proj', keys, width],
    ['self_attn.v_proj', keys, width],
    ['self_attn.o_proj', width, width],
    ['mlp.gate_proj', inner, width],
    ['mlp.up_proj', inner, width],
    ['mlp.down_proj', width, inner],
  ];
  const shapes = new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [128_256, width]],
    ['lm_head.weight', [128_256, width]],
    ['model.norm.weight', [width]],
  ]);
  for (let i = 0; i < layers; i++) {
    const layer = `model.layers.${i}`;
    for (const [name, out, into] of maps) {
      shapes.set(`${layer}.${name}.weight`, [out, into]);
      shapes.set(`${layer}.${name}.bias`, [out]);
    }
    shapes.set(`${layer}.input_layernorm.weight`, [width]);
    shapes.set(`${layer}.post_attention_layernorm.weight`, [width]);
  }
  const info = (name: string) => {
    const shape = shapes.get(name)!;
    return { dtype: 'BF16', shape, bytes: 2 * shape.reduce((n, dim) => n * dim, 1) };
  };
  const read = (): never => {
    throw new Error('the text does not depend on weights');
  };
  return {
    name: 'llama',
    readText: (path) => (path === 'config.json' ? JSON.stringify(config) : undefined),
    openTensors: (path) =>
      path === 'model.safetensors' ? { names: [...shapes.keys()], info, read } : undefined,
  };
}

function linesOf(folder: ModelFolder, level: Level): number {
  const opened = openHuggingFace(folder);
  if (opened.kind !== 'language') throw new Error('a Llama generates text');
  const { decode, generation } = opened.model;
  const rowLimit = decode.limits.rows!;
  const sampling = { temperature: 0.8, topK: 40, topP: 0.9 };
  const driver = generationProgram({
    model: generation,
    tile: 16,
    rowLimit,
    maxNewTokens: 64,
    sampling,
  });
  const options = { level, tile: 16, weightsFile: 'w.safetensors', driver, head: driver.head };
  return compile([{ name: 'decode', graph: decode }], options).text.split('\n').length;
}

describe('the text of a Llama', () => {
  it.each([0, 1, 2] as const)('has at most 2,000 lines at -O%i, whatever its size', (level) => {
    const small = linesOf(llamaOf(32, 4096, 14_336, 32), level);
    const large = linesOf(llamaOf(126, 16_384, 53_248, 128), level);
    expect(small).toBeLessThanOrEqual(2000);
    expect(large).toBeLessThanOrEqual(2000);
  });
});
