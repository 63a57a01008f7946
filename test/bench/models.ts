/** A small language model as the compiler makes it: what most long runs are like. */
import { buildLanguageModel } from '../../src/inference/build.ts';
import { openSource } from '../../src/inference/source.ts';

const MODEL = 'programs/models/verse-llama';
export const PROMPT = [65, 22, 15, 27, 22, 19, 30, 10];
/** The first of them comes from the prompt. */
const NEW_TOKENS = 9;
export const DECODED_TOKENS = NEW_TOKENS - 1;

let built: ReturnType<typeof build> | undefined;

/** At -O2, with all that the build gives: text, weights and program. Built once for all groups. */
export function builtModel() {
  built ??= build();
  return built;
}

function build() {
  const source = openSource(MODEL);
  if (source.kind !== 'language') throw new Error(`${MODEL} does not generate`);
  const options = { level: 2, tile: 16, sampling: { temperature: 0 } } as const;
  return buildLanguageModel(source.model, { ...options, maxNewTokens: NEW_TOKENS });
}
