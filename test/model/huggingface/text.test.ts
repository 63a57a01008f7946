/** Text to tokens and back, and how text is made: what the files say, and what is refused. */
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../../src/model/graph.ts';
import { openHuggingFace, openHuggingFacePath } from '../../../src/model/huggingface/open.ts';
import type { TextTokenizer } from '../../../src/model/huggingface/tokenizer.ts';
import type { Complaint } from '../support.ts';
import { expectComplaint } from '../support.ts';
import type { Fixture } from './fixtures.ts';
import { BART, BERT, GPT2, LLAMA, T5 } from './fixtures.ts';
import type { Files } from './support.ts';
import { folderOf, languageOf } from './support.ts';

const MODELS = new URL('../../../programs/models/', import.meta.url).pathname;

/** Letters a, b and c are tokens 0, 1 and 2; `<end>` is 3. */
const MODEL = { type: 'BPE', unk_token: null, vocab: { a: 0, b: 1, c: 2 }, merges: [] };

const END = { id: 3, content: '<end>', special: true, normalized: false };

const JSON_FILE = {
  added_tokens: [END],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: 'Fuse' },
  model: MODEL,
};

const tokenizerOf = (json: object | string, files: Files = {}): TextTokenizer =>
  openHuggingFace(folderOf(GPT2, {}, { 'tokenizer.json': json, ...files })).tokenizer;

describe('the tokenizer', () => {
  test('writes text as tokens, and tokens as text without the special ones', () => {
    const tokenizer = tokenizerOf(JSON_FILE);
    expect(tokenizer.available).toBe(true);
    expect(tokenizer.encode('cab<end>')).toEqual([2, 0, 1, 3]);
    expect(tokenizer.decode([2, 0, 3, 1])).toBe('cab');
    expect(tokenizer.encode('')).toEqual([]);
    expect(tokenizer.decode([])).toBe('');
    expect(tokenizer.decode([3])).toBe('');
  });

  test('leaves out ids that only the model has, and refuses those that it lacks too', () => {
    const tokenizer = tokenizerOf(JSON_FILE);
    expect(tokenizer.decode([0, 6, 1])).toBe('ab');
    for (const id of [7, -1, 0.5]) {
      expectComplaint(() => tokenizer.decode([0, id]), {
        code: 'outside',
        message: new RegExp(`^${id} is no token of the model$`),
      });
    }
  });

  test('adds what its post-processor adds: begin of text in front, end of text behind', () => {
    const verse = openHuggingFacePath(`${MODELS}verse-llama`).tokenizer;
    expect(verse.encode('')).toEqual([65]);
    expect(verse.decode(verse.encode('To be'))).toBe('To be');
    const dates = openHuggingFacePath(`${MODELS}dates-bart`).tokenizer;
    expect(dates.encode('')).toEqual([2]);
    expect(dates.encode('é')).toEqual([3, 2]);
  });

  test('keeps spaces before punctuation unless tokenizer_config.json says otherwise', () => {
    const vocab = { a: 0, ' ': 1, '.': 2 };
    const spaced = { ...JSON_FILE, model: { ...MODEL, vocab } };
    const config = { clean_up_tokenization_spaces: true };
    expect(tokenizerOf(spaced).decode([0, 1, 2])).toBe('a .');
    const cleaned = tokenizerOf(spaced, { 'tokenizer_config.json': config });
    expect(cleaned.decode([0, 1, 2])).toBe('a.');
  });

  const unknown = { ...JSON_FILE, model: { ...MODEL, unk_token: '<unk>' } };
  const cases: Record<string, [() => unknown, Complaint]> = {
    'a character without a token': [
      () => tokenizerOf(JSON_FILE).encode('abz'),
      { code: 'missing', message: /there is no token for "z"/, hint: /"a", "b", "c"/ },
    ],
    'a token for unknown text that has no id': [
      () => tokenizerOf(unknown).encode('z'),
      { code: 'malformed', message: /the token "<unk>" has no id/ },
    ],
    'a token that the model lacks': [
      () => tokenizerOf({ ...JSON_FILE, added_tokens: [{ ...END, id: 7 }] }).encode('a<end>'),
      { code: 'malformed', message: /the token "<end>" has the id 7/, hint: /ids 0 to 6/ },
    ],
    'no model of tokens': [
      () => tokenizerOf({}).encode('a'),
      { code: 'malformed', message: /^tokenizer.json: .*"model"/ },
    ],
    'a part that is not known': [
      () => tokenizerOf({ ...JSON_FILE, normalizer: { type: 'Odd' } }).decode([0]),
      { code: 'malformed', message: /^tokenizer.json: .*Odd/ },
    ],
    'a vocabulary that is not there': [
      () => tokenizerOf({ ...JSON_FILE, model: { type: 'BPE' } }).encode('a'),
      { code: 'malformed', message: /^tokenizer.json: / },
    ],
    'a tokenizer.json that is no JSON': [
      () => tokenizerOf('nothing').encode('a'),
      { code: 'malformed', message: /^tokenizer.json: the file is not valid JSON/ },
    ],
    'no tokenizer at all': [
      () => openHuggingFace(folderOf(GPT2)).tokenizer.encode('a'),
      { code: 'missing', message: /no tokenizer.json/, hint: /tokens as numbers/ },
    ],
  };

  test.each(Object.entries(cases))('%s', (_, [read, complaint]) => {
    expectComplaint(read, complaint);
  });

  test('may be missing until text is asked for', () => {
    expect(openHuggingFace(folderOf(GPT2)).tokenizer.available).toBe(false);
    expect(openHuggingFace(folderOf(BERT)).tokenizer.available).toBe(false);
  });
});

describe('how text is made', () => {
  const generation = (
    fixture: Fixture,
    changes: Readonly<Record<string, unknown>> = {},
    file?: Readonly<Record<string, unknown>>,
  ): Generation => {
    const files: Files = file === undefined ? {} : { 'generation_config.json': file };
    return languageOf(openHuggingFace(folderOf(fixture, changes, files))).model.generation;
  };

  test('the end is what generation_config.json says, else config.json, else the class', () => {
    expect(generation(GPT2, {}, { eos_token_id: [3, 4] }).end).toEqual([3, 4]);
    expect(generation(GPT2).end).toEqual([6]);
    expect(generation(GPT2, { eos_token_id: null }).end).toEqual([]);
    expect([LLAMA, BART, T5].map((fixture) => generation(fixture).end)).toEqual([[2], [2], [1]]);
    const bare = languageOf(openHuggingFace(folderOf(LLAMA, { model_type: 'llama' }))).model;
    expect(bare.generation).toMatchObject({ vocabulary: 7, context: 16, before: [], after: [] });
  });

  test('the decoder of a pair begins with a token of its own', () => {
    expect(generation(GPT2).decoderStart).toBeUndefined();
    expect(generation(BART).decoderStart).toBe(2);
    expect(generation(T5).decoderStart).toBe(0);
    expect(generation(T5, { pad_token_id: 4 }).decoderStart).toBe(4);
    expect(generation(BART, { decoder_start_token_id: 5 }).decoderStart).toBe(5);
    expect(generation(BART, {}, { decoder_start_token_id: 6 }).decoderStart).toBe(6);
  });

  test('nothing is sampled unless it is asked for', () => {
    const none = {
      maxNewTokens: undefined,
      temperature: undefined,
      topK: undefined,
      topP: undefined,
    };
    expect(generation(LLAMA).defaults).toEqual(none);
    expect(generation(LLAMA, {}, { temperature: 0.5 }).defaults).toEqual(none);
    const sampled = { do_sample: true, temperature: 0.5, top_p: 0.9, top_k: 0 };
    expect(generation(LLAMA, {}, sampled).defaults).toEqual({
      ...none,
      temperature: 0.5,
      topP: 0.9,
    });
    const plain = generation(LLAMA, {}, { do_sample: true }).defaults;
    expect(plain).toEqual({ ...none, temperature: 1, topK: 50 });
  });

  test('how many tokens: a total counts the first one of a decoder, and any prompt', () => {
    const most = (fixture: Fixture, file: Readonly<Record<string, unknown>>) =>
      generation(fixture, {}, file).defaults.maxNewTokens;
    expect(most(BART, { max_length: 16 })).toBe(15);
    expect(most(LLAMA, { max_length: 16 })).toBeUndefined();
    expect(most(LLAMA, { max_length: 16, max_new_tokens: 5 })).toBe(5);
  });

  test('the shipped models', () => {
    const shipped = (name: string) =>
      languageOf(openHuggingFacePath(MODELS + name)).model.generation;
    expect(shipped('adder-gpt2').end).toEqual([12]);
    expect(shipped('verse-llama').defaults).toMatchObject({ temperature: 0.8, topK: 40 });
    expect(shipped('dates-bart')).toMatchObject({ decoderStart: 2, end: [2] });
  });
});
