/** Models that generate say on the machine what PyTorch says: the text, and the logits behind it. */
import { describe, expect, it } from 'vitest';
import { MODELS, distance, generate, golden, greedyBuild, languageSource } from './support.ts';

/** The project's goal for logits; they are about 10, so a float32 holds them to within 10⁻⁶. */
const LOGITS = 1e-4;

describe('adder-gpt2', () => {
  const source = languageSource(`${MODELS}adder-gpt2`);
  const build = greedyBuild(source, 2, 8);
  const cases = golden<
    { prompt: string; input_ids: number[]; last_logits: number[]; greedy_text: string }[]
  >(`${MODELS}adder-gpt2`);

  it('has 24 sums', () => expect(cases).toHaveLength(24));

  it.each(cases)('$prompt$greedy_text', ({ prompt, input_ids, last_logits, greedy_text }) => {
    expect(source.tokenizer.encode(prompt)).toEqual(input_ids);
    const { tokens, logits } = generate(build, input_ids);
    expect(source.tokenizer.decode(tokens)).toBe(greedy_text);
    expect(distance(logits[0]!, last_logits)).toBeLessThan(LOGITS);
  });
});

describe('dates-bart', () => {
  const source = languageSource(`${MODELS}dates-bart`);
  const build = greedyBuild(source, 2, 31);
  const cases = golden<
    {
      input: string;
      input_ids: number[];
      greedy_text: string;
      first_logits: number[];
      last_logits: number[];
    }[]
  >(`${MODELS}dates-bart`);

  it.each(cases)('$input → $greedy_text', ({ input, input_ids, greedy_text, ...wanted }) => {
    expect(source.tokenizer.encode(input)).toEqual(input_ids);
    const { tokens, logits } = generate(build, input_ids);
    expect(source.tokenizer.decode(tokens)).toBe(greedy_text);
    expect(distance(logits[0]!, wanted.first_logits)).toBeLessThan(LOGITS);
    expect(distance(logits.at(-1)!, wanted.last_logits)).toBeLessThan(LOGITS);
  });
});

describe('verse-llama', () => {
  const source = languageSource(`${MODELS}verse-llama`);
  const cases = golden<
    {
      prompt: string;
      input_ids: number[];
      first_logits: number[];
      last_logits: number[];
      greedy_ids: number[];
      greedy_text: string;
    }[]
  >(`${MODELS}verse-llama`);
  const build = greedyBuild(source, 2, 80);

  it.each(cases)('$prompt', ({ prompt, input_ids, last_logits, greedy_ids, greedy_text }) => {
    expect(source.tokenizer.encode(prompt)).toEqual(input_ids);
    const { tokens, logits } = generate(build, input_ids);
    expect(tokens).toEqual(greedy_ids);
    expect(source.tokenizer.decode(tokens)).toBe(greedy_text);
    expect(distance(logits[0]!, last_logits)).toBeLessThan(LOGITS);
  });

  it('has the logits of the first token alone', () => {
    const [{ input_ids, first_logits }] = cases as [(typeof cases)[number]];
    const { logits } = generate(greedyBuild(source, 1, 1), input_ids.slice(0, 1));
    expect(distance(logits[0]!, first_logits)).toBeLessThan(LOGITS);
  });
});
