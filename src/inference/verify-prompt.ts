/** What language models are verified with when nobody names a prompt. */
import type { LanguageModel } from '../model/graph.ts';

/** Passes of one token each: a few, since each is like the one before. */
const STEPS = 8;

/** How many tokens are made behind the prompt; what small models have room for. */
export function verificationSteps({ generation: { context } }: LanguageModel): number {
  return Math.max(1, Math.min(STEPS, Math.floor(context / 2)));
}

/**
 * Tokens from all over the vocabulary. So many that the prompt takes two full passes and part of a third,
 * or as many as there is room for: late positions have their turn too.
 */
export function defaultPrompt(model: LanguageModel): readonly number[] {
  const { encode, decode, generation } = model;
  const room = encode ? encode.limits.source! : generation.context - verificationSteps(model);
  const length = Math.max(1, Math.min(room, 2 * (decode.limits.rows ?? room) + 1));
  return Array.from({ length }, (_, i) => (i * STRIDE + 1) % generation.vocabulary);
}

/** A prime that no vocabulary is a multiple of, but for those larger than any. */
const STRIDE = 7919;
