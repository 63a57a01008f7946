/** Generation on the machine: the golden texts, why it stops, and what it says of its tokens. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GenerateOptions } from '../../src/inference/generate.ts';
import { generate } from '../../src/inference/generate.ts';
import type { PromptInput } from '../../src/inference/prompt.ts';
import { readPrompt, roomBehind } from '../../src/inference/prompt.ts';
import type { LanguageSource } from '../../src/inference/source.ts';
import { openSource } from '../../src/inference/source.ts';
import { findPreset } from '../../src/machine/presets.ts';

const MODELS = new URL('../../programs/models', import.meta.url).pathname;

function open(name: string): LanguageSource {
  const source = openSource(`${MODELS}/${name}`);
  if (source.kind !== 'language') throw new Error(`${name} is no language model`);
  return source;
}

interface Golden {
  readonly prompt?: string;
  readonly input?: string;
  readonly input_ids: readonly number[];
  readonly greedy_text: string;
}

function goldenOf(name: string): readonly Golden[] {
  return JSON.parse(readFileSync(`${MODELS}/${name}/golden.json`, 'utf8')) as Golden[];
}

const adder = open('adder-gpt2');
const dates = open('dates-bart');
const verse = open('verse-llama');

const GREEDY: GenerateOptions = {
  machine: findPreset('classic5-fwd')!,
  level: 2,
  sampling: { temperature: 0 },
  seed: 0,
  maxNewTokens: 16,
};

function say(source: LanguageSource, text: string, options: Partial<GenerateOptions> = {}) {
  const { tokens } = readPrompt(source, { kind: 'text', text });
  const result = generate(source, tokens, { ...GREEDY, ...options });
  return { ...result, text: source.tokenizer.decode(result.tokens) };
}

describe('generation', () => {
  it.each(goldenOf('adder-gpt2').slice(0, 6))(
    'adds: $prompt',
    ({ prompt, input_ids, greedy_text }) => {
      expect(readPrompt(adder, { kind: 'text', text: prompt! }).tokens).toEqual(input_ids);
      expect(say(adder, prompt!)).toMatchObject({ text: greedy_text, stop: 'end' });
    },
  );

  it.each(goldenOf('dates-bart').slice(0, 4))('reads dates: $input', ({ input, greedy_text }) => {
    expect(say(dates, input!)).toMatchObject({ text: greedy_text, stop: 'end' });
  });

  it('writes verse, and goes on as far as it is asked to', () => {
    const [{ prompt, greedy_text }] = goldenOf('verse-llama') as [Golden];
    const { text, stop, tokens } = say(verse, prompt!, { maxNewTokens: 12 });
    expect([stop, tokens.length]).toEqual(['length', 12]);
    expect(greedy_text.startsWith(text)).toBe(true);
  });

  it('stops where the context is full', () => {
    const { tokens, stop, contexts } = say(verse, 'the', { maxNewTokens: 999, ...short() });
    expect([tokens.length, stop]).toEqual([0, 'trap']); // of a run with too few cycles
    const small = openSource(`${MODELS}/verse-llama`, { context: 9 }) as LanguageSource;
    const full = say(small, 'the', { maxNewTokens: 999 });
    expect(full.stop).toBe('context');
    expect(full.contexts.at(-1)).toBe(8);
    expect(contexts[0]).toBe(4);
  });

  it('says the same, for the same seed, on every machine of one tile, level and engine', () => {
    const sampling = { temperature: 1.5, topK: 20, topP: 0.9 };
    const draw = (options: Partial<GenerateOptions>) =>
      say(verse, 'O ', { sampling, maxNewTokens: 5, ...options }).tokens;
    const tokens = draw({ seed: 3 });
    expect(draw({ seed: 3, machine: findPreset('tomasulo')!, level: 1 })).toEqual(tokens);
    expect(draw({ seed: 3, machine: findPreset('scoreboard')!, engine: 'tick', level: 0 })).toEqual(tokens); // prettier-ignore
    expect([4, 5, 6].map((seed) => draw({ seed }))).not.toContainEqual(tokens);
  });

  it('tells of each token when it is there', () => {
    const heard: number[] = [];
    const { tokens } = say(adder, '98+49=', { onToken: (token) => heard.push(token) });
    expect(heard).toEqual(tokens);
  });
});

const short = (): Partial<GenerateOptions> => ({ maxCycles: 500 });

describe('what is said of tokens and layers', () => {
  const { phases, report, contexts, tokens } = say(verse, 'the sea', { maxNewTokens: 10 });
  const { prefill, decode, rows, passes } = phases;

  it('has a pass for the prompt and for each token but the last', () => {
    expect(tokens).toHaveLength(10);
    expect(passes).toHaveLength(10);
    expect([prefill.passes, decode.passes]).toEqual([1, 9]);
    expect(contexts).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17]); // begin of text, 7 letters
    expect(prefill.cycles + decode.cycles).toBe(report.cycles);
  });

  it('has the layers of the model between its ends', () => {
    const layers = [0, 1, 2, 3].map((i) => `layer ${i}`);
    const names = ['embed', ...layers, 'final norm', 'logits', 'choice', 'generation loop'];
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  it('counts the multiplications of the model: each weight once for a token, and attention', () => {
    const { nodes, weights } = verse.model.decode;
    const matrices = nodes.filter(({ op }) => op === 'linear').flatMap(({ inputs }) => inputs);
    const sizes = weights
      .filter(({ name, shape }) => matrices.includes(name) && shape.length === 2)
      .map(({ shape: [rows, cols] }) => rows! * cols!);
    const linear = sizes.reduce((a, b) => a + b);
    const [layers, hidden] = [4, 96];
    // Scores and their sum: each head multiplies its part of a row twice for each position.
    const attention = contexts.map((context) => 2 * layers * hidden * context);
    expect(passes.slice(1).map(({ macs }) => macs - linear)).toEqual(attention.slice(1));
  });

  it('finds that a decoded token costs more than one of the prompt, and more as it goes on', () => {
    expect(decode.cycles / decode.passes).toBeGreaterThan(prefill.cycles / 8);
    expect(passes[9]!.cycles).toBeGreaterThan(passes[1]!.cycles);
    expect(prefill.macUtilisation).toBeGreaterThan(decode.macUtilisation);
    for (const { bound, cycles } of passes) expect(bound.cycles).toBeLessThanOrEqual(cycles);
  });
});

describe('a prompt', () => {
  const read = (source: LanguageSource, input: PromptInput) => () => readPrompt(source, input);
  const tokens = (...list: number[]): PromptInput => ({ kind: 'tokens', tokens: list });

  it('is a text, or tokens as they are', () => {
    expect(readPrompt(verse, { kind: 'text', text: 'a' })).toEqual({ text: 'a', tokens: [65, 39] });
    expect(readPrompt(verse, tokens(39))).toEqual({ text: null, tokens: [39] });
  });

  it('must leave room to write to', () => {
    const twelve = new Array<number>(12).fill(1);
    expect(read(adder, tokens(...twelve))).toThrow('has 12 tokens, but adder-gpt2 has room for 12');
    expect(readPrompt(adder, tokens(...twelve.slice(1))).tokens).toHaveLength(11);
    expect(read(dates, tokens(...new Array<number>(33).fill(5)))).toThrow('the encoder of dates-bart has room for 32'); // prettier-ignore
    expect([roomBehind(adder.model, 11), roomBehind(dates.model, 11)]).toEqual([1, 31]);
  });

  it('has tokens, and only those of the model', () => {
    expect(read(adder, tokens())).toThrow('the prompt has no tokens');
    expect(read(adder, tokens(1, 13))).toThrow('13 is no token of adder-gpt2');
    expect(read(adder, { kind: 'text', text: 'x' })).toThrow('there is no token for "x"');
    const mute = { ...adder, tokenizer: { ...adder.tokenizer, available: false } };
    expect(read(mute, { kind: 'text', text: '1' })).toThrow('no tokenizer.json');
  });
});
