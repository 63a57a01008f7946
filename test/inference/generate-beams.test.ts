/** Beam search on the machine, against the same search over the float64 reference. */
import { describe, expect, it } from 'vitest';
import { beamSearch } from '../../src/compiler/generation/beams.ts';
import type { BeamSearchOptions } from '../../src/inference/beams.ts';
import { CutOff, logSoftmax, searchBeams } from '../../src/inference/beams.ts';
import { generate } from '../../src/inference/generate.ts';
import { readPrompt, roomBehind } from '../../src/inference/prompt.ts';
import type { LanguageSource } from '../../src/inference/source.ts';
import { openSource } from '../../src/inference/source.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { ReferenceModel } from '../../src/reference/graph-model.ts';

const MODELS = new URL('../../programs/models', import.meta.url).pathname;
const open = (name: string) => openSource(`${MODELS}/${name}`) as LanguageSource;

const OPTIONS: BeamSearchOptions = {
  machine: findPreset('classic5-fwd')!,
  level: 2,
  beams: 3,
  maxNewTokens: 12,
};

/** The targets for logits are 1e-4; a log-probability is off by at most twice that, and sums over tokens. */
const PER_TOKEN = 2e-4;

function referenceSearch(
  { model }: LanguageSource,
  prompt: readonly number[],
  beams: number,
  maxNewTokens: number,
) {
  const score = (tokens: readonly number[]) => {
    const run = new ReferenceModel(model);
    const { decoderStart } = model.generation;
    if (model.encode) run.encode(prompt);
    const first = model.encode ? [decoderStart!] : prompt;
    return logSoftmax(run.decode([...first, ...tokens]).data);
  };
  const most = Math.min(maxNewTokens, roomBehind(model, prompt.length));
  return beamSearch(score, { prompt: [], beams, maxNewTokens: most, end: model.generation.end });
}

const CASES: readonly (readonly [string, string, number, number])[] = [
  ['adder-gpt2', '68+47=', 3, 12],
  ['dates-bart', 'april 6, 1953', 2, 5],
  ['verse-llama', 'KING', 3, 3],
];

describe('beam search on the machine', () => {
  it.each(CASES)('finds what the reference finds: %s', (name, text, beams, maxNewTokens) => {
    const source = open(name);
    const { tokens } = readPrompt(source, { kind: 'text', text });
    const found = searchBeams(source, tokens, { ...OPTIONS, beams, maxNewTokens });
    const wanted = referenceSearch(source, tokens, beams, maxNewTokens);
    expect(found.candidates.map((one) => one.tokens)).toEqual(wanted.map((one) => one.tokens));
    found.candidates.forEach(({ logProbability, tokens: { length } }, i) => {
      const difference = Math.abs(logProbability - wanted[i]!.logProbability);
      expect(difference).toBeLessThan((length + 1) * PER_TOKEN);
    });
  });

  it('finds with one beam what is generated, and counts its runs', () => {
    const source = open('adder-gpt2');
    const { tokens } = readPrompt(source, { kind: 'text', text: '99+31=' });
    const heard: number[] = [];
    const onRun = (runs: number) => heard.push(runs);
    const { candidates, runs, cycles } = searchBeams(source, tokens, {
      ...OPTIONS,
      beams: 1,
      onRun,
    });
    const options = { ...OPTIONS, sampling: { temperature: 0 }, seed: 0 };
    const one = generate(source, tokens, options);
    expect(candidates[0]!.tokens).toEqual(one.tokens);
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(runs).toBe(4);
    expect(cycles).toBeGreaterThan(one.report.cycles); // it begins anew for each token
  });

  it('fills the context, and no more', () => {
    const source = open('adder-gpt2');
    const prompt = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const { candidates } = searchBeams(source, prompt, { ...OPTIONS, beams: 2, maxNewTokens: 99 });
    expect(Math.max(...candidates.map(({ tokens }) => tokens.length))).toBeLessThanOrEqual(3);
    expect(candidates).toHaveLength(2);
  });

  it('gives up when a run is cut off', () => {
    const search = () => searchBeams(open('adder-gpt2'), [1], { ...OPTIONS, maxCycles: 1000 });
    expect(search).toThrow(CutOff);
  });
});

describe('log-softmax', () => {
  it('is ln of shares that sum to 1, whatever the size of the logits', () => {
    const [a, b] = logSoftmax([1000, 1000 + 0.6931471805599453]);
    expect(a).toBeCloseTo(-1.0986122886681098, 12); // ln ⅓
    expect(b).toBeCloseTo(-0.4054651081081644, 12); // ln ⅔
    expect(logSoftmax([-Infinity, 7])).toEqual(Float64Array.of(-Infinity, 0));
  });
});
