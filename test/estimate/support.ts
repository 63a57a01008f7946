/** Small models without weights, and what they take. */
import type { EstimateOptions, Lengths, PassEstimate } from '../../src/estimate/estimate.ts';
import { estimateLanguage } from '../../src/estimate/estimate.ts';
import type { LanguageModel } from '../../src/model/graph.ts';
import { openHuggingFaceConfig } from '../../src/model/huggingface/open.ts';
import type { HuggingFaceOptions } from '../../src/model/huggingface/source.ts';

/** Ragged for every tile: 40 columns, 5 heads, 52 columns inside. */
export const SMALL_GPT2 = {
  architectures: ['GPT2LMHeadModel'],
  model_type: 'gpt2',
  n_embd: 40,
  n_head: 5,
  n_inner: 52,
  n_layer: 5,
  n_positions: 96,
  vocab_size: 60163,
};

/** Two heads of queries for each of keys, and an output map of its own. */
export const SMALL_LLAMA = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 160,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_hidden_layers: 6,
  max_position_embeddings: 128,
  vocab_size: 500,
  tie_word_embeddings: false,
};

export const SMALL = { 'GPT-2': SMALL_GPT2, Llama: SMALL_LLAMA } as const;

export function languageOf(config: object, options: HuggingFaceOptions = {}): LanguageModel {
  const opened = openHuggingFaceConfig(JSON.stringify(config), 'small', options);
  if (opened.kind !== 'language') throw new Error('the configuration generates nothing');
  return opened.model;
}

/** Prefill and a decode step of a configuration. */
export function estimateConfig(
  config: object,
  lengths: Lengths,
  options: EstimateOptions,
): readonly PassEstimate[] {
  const { prefill, context, batch } = lengths;
  const sized = {
    prefill: languageOf(config, { rows: prefill, context: prefill }),
    decode: languageOf(config, { rows: 1, context, allLogits: batch > 1 }),
  };
  return estimateLanguage(sized, lengths, options);
}
