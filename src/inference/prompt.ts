/** What a generation begins with: the tokens of its prompt, and whether the model has room for them. */
import type { LanguageModel } from '../model/graph.ts';
import { FileError } from '../model/tensor-file.ts';
import type { LanguageSource } from './source.ts';

/** A text, or token numbers that are given to the model as they are. */
export type PromptInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] };

export interface Prompt {
  /** null where tokens were given. */
  readonly text: string | null;
  readonly tokens: readonly number[];
}

/**
 * The prompt as the model gets it: with the begin-of-text and end-of-text tokens that the tokenizer
 * puts around a text.
 *
 * @throws FileError for a text that the tokenizer cannot write or a tokenizer that is not there, and
 * for tokens that the model has not, or has no room for.
 */
export function readPrompt({ model, tokenizer }: LanguageSource, input: PromptInput): Prompt {
  if (input.kind === 'text' && !tokenizer.available) {
    const hint = 'give the prompt as token numbers: --tokens 3,7,10';
    throw new FileError('missing', `${model.name}: there is no tokenizer.json to read a text with`, hint); // prettier-ignore
  }
  const { before, after } = model.generation;
  const given = input.kind === 'text' ? tokenizer.encode(input.text) : input.tokens;
  const tokens = [...before, ...given, ...after];
  checkTokens(model, tokens);
  return { text: input.kind === 'text' ? input.text : null, tokens };
}

function checkTokens(
  { name, decode, encode, generation }: LanguageModel,
  tokens: readonly number[],
) {
  const { vocabulary, context } = generation;
  const bad = tokens.find((token) => !(Number.isSafeInteger(token) && token >= 0 && token < vocabulary)); // prettier-ignore
  if (bad !== undefined) {
    const hint = `the model has tokens 0 to ${vocabulary - 1}`;
    throw new FileError('outside', `${bad} is no token of ${name}`, hint);
  }
  const count = tokens.length;
  if (count === 0) {
    throw new FileError('outside', 'the prompt has no tokens', `${name} needs one to begin with`);
  }
  const limit = encode ? encode.limits.source! : Math.min(context, decode.limits.context!) - 1;
  if (count <= limit) return;
  const room = encode
    ? `the encoder of ${name} has room for ${limit}`
    : `${name} has room for ${limit + 1}, of which one must be left to write to`;
  throw new FileError(
    'outside',
    `the prompt has ${count} tokens, but ${room}`,
    'shorten the prompt',
  );
}

/** How many tokens can be written behind a prompt of so many. */
export function roomBehind({ encode, generation }: LanguageModel, promptTokens: number): number {
  return generation.context - (encode ? 1 : promptTokens);
}
