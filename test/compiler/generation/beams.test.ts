/** Beam search: by hand, against all texts there are, against greedy, and against the rules as dense arrays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BeamOptions, Score } from '../../../src/compiler/generation/beams.ts';
import { beamSearch } from '../../../src/compiler/generation/beams.ts';
import { uniform01 } from '../../../src/tensor/random.ts';

const END = 0;
const RUNS = { numRuns: 300, seed: 20250304 } as const;

/** A language: for every sequence its own log-probabilities of the next token, from a seed. */
function language(vocabulary: number, seed: number): Score {
  return (tokens) => {
    const hash = tokens.reduce((h, token) => (h * 31 + token + 1) % 1_000_003, 7);
    const weights = Array.from(
      { length: vocabulary },
      (_, i) => 0.01 + uniform01(seed, hash * vocabulary + i) ** 3,
    );
    const total = weights.reduce((a, b) => a + b);
    return weights.map((weight) => Math.log(weight / total));
  };
}

interface Text {
  readonly tokens: readonly number[];
  readonly sum: number;
}

/** Candidates as [tokens with the end token, score]. */
const shown = (found: ReturnType<typeof beamSearch>, end = END) =>
  found.map(({ tokens, ended, score }) => [ended ? [...tokens, end] : tokens, score]);

/**
 * The rules with all the arrays written out: `beams` running texts from the start, all but one of them
 * hopeless at −10⁹, every step of every beam in one list, finished texts and running ones apart.
 */
function byTheRules(score: Score, { prompt, beams, maxNewTokens, end }: BeamOptions) {
  const byFirst = (key: (text: Text) => number) => (a: Text, b: Text) => key(b) - key(a);
  const perToken = ({ sum, tokens }: Text) => sum / tokens.length;
  const isOver = ({ tokens }: Text) => end.includes(tokens.at(-1)!);
  let running: Text[] = Array.from({ length: beams }, (_, i) => ({
    tokens: [],
    sum: i === 0 ? 0 : -1e9,
  }));
  let finished: Text[] = [];
  for (let length = 1; length <= maxNewTokens; length++) {
    const steps = running
      .flatMap(({ tokens, sum }) =>
        Array.from(score([...prompt, ...tokens]), (logProbability, token) => ({
          tokens: [...tokens, token],
          sum: sum + logProbability,
        })),
      )
      .toSorted(byFirst(({ sum }) => sum))
      .slice(0, Math.max(2, 1 + end.length) * beams);
    finished = [...finished, ...steps.slice(0, beams).filter(isOver)];
    finished = finished.toSorted(byFirst(perToken)).slice(0, beams);
    running = steps.filter((step) => !isOver(step)).slice(0, beams);
    const worst = finished.length < beams ? -1e9 : perToken(finished.at(-1)!);
    if (!running.some((text) => perToken(text) > worst)) break;
    if (length === maxNewTokens) finished.push(...running);
  }
  const possible = finished.filter(({ sum }) => sum > -1e8);
  return possible
    .toSorted(byFirst(perToken))
    .slice(0, beams)
    .map((text) => [text.tokens, perToken(text)]);
}

describe('beam search', () => {
  it('finds what greedy choice misses', () => {
    // Behind "1" nothing is likely; "2" is less likely itself, but then it ends for sure.
    const score: Score = (tokens) => {
      if (tokens.length === 0) return [-Infinity, Math.log(0.6), Math.log(0.4)];
      return tokens[0] === 1
        ? new Array<number>(3).fill(Math.log(1 / 3))
        : [0, -Infinity, -Infinity];
    };
    const options = { prompt: [], maxNewTokens: 2, end: [END] };
    const [greedy] = beamSearch(score, { ...options, beams: 1 });
    expect(greedy!.tokens[0]).toBe(1);
    const [best, second] = beamSearch(score, { ...options, beams: 2 });
    expect(best).toEqual({
      tokens: [2],
      ended: true,
      logProbability: Math.log(0.4),
      score: Math.log(0.4) / 2,
    });
    expect(second!.tokens[0]).toBe(1);
  });

  it('follows the rules', () => {
    const cases = fc.record({
      vocabulary: fc.integer({ min: 2, max: 9 }),
      seed: fc.nat(2 ** 31 - 1),
      beams: fc.integer({ min: 1, max: 5 }),
      maxNewTokens: fc.integer({ min: 1, max: 6 }),
      end: fc.constantFrom<number[]>([], [END], [END, 1]),
      prompt: fc.array(fc.nat(8), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(cases, ({ vocabulary, seed, ...options }) => {
        const score = language(vocabulary, seed);
        const found = beamSearch(score, options);
        const expected = byTheRules(score, options);
        expect(found.map(({ score }) => score)).toEqual(expected.map(([, value]) => value));
        expected.forEach(([tokens], i) => {
          const { ended, tokens: own } = found[i]!;
          const all = tokens as number[];
          expect(ended).toBe(options.end.includes(all.at(-1)!));
          expect(own).toEqual(ended ? all.slice(0, -1) : all);
        });
      }),
      RUNS,
    );
  });

  it('with room for all texts finds all of them, in order', () => {
    const cases = fc.tuple(fc.integer({ min: 2, max: 4 }), fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(cases, ([vocabulary, seed]) => {
        const score = language(vocabulary, seed);
        const maxNewTokens = 4;
        const texts: [readonly number[], number][] = [];
        const grow = (tokens: readonly number[], sum: number): void => {
          if (tokens.length === maxNewTokens || (tokens.length > 0 && tokens.at(-1) === END)) {
            texts.push([tokens, sum / tokens.length]);
            return;
          }
          Array.from(score(tokens) as readonly number[]).forEach((logProbability, token) => {
            grow([...tokens, token], sum + logProbability);
          });
        };
        grow([], 0);
        // As many beams as texts: nothing is ever dropped, and the search never ends early.
        const beams = texts.length;
        const found = beamSearch(score, { prompt: [], beams, maxNewTokens, end: [END] });
        expect(shown(found)).toEqual(texts.toSorted((a, b) => b[1] - a[1]));
      }),
      { ...RUNS, numRuns: 60 }, // 256 texts each
    );
  });

  it('with one beam is greedy choice', () => {
    const cases = fc.tuple(
      fc.integer({ min: 2, max: 9 }),
      fc.nat(2 ** 31 - 1),
      fc.integer({ min: 1, max: 8 }),
    );
    fc.assert(
      fc.property(cases, ([vocabulary, seed, maxNewTokens]) => {
        const score = language(vocabulary, seed);
        const tokens: number[] = [];
        while (tokens.length < maxNewTokens && tokens.at(-1) !== END) {
          const next = score(tokens) as readonly number[];
          tokens.push(next.indexOf(Math.max(...next)));
        }
        const found = beamSearch(score, { prompt: [], beams: 1, maxNewTokens, end: [END] });
        expect(shown(found).map(([text]) => text)).toEqual([tokens]);
      }),
      RUNS,
    );
  });

  it('gives the prompt to the model', () => {
    const asked: (readonly number[])[] = [];
    const score: Score = (tokens) => {
      asked.push(tokens);
      return Float64Array.of(Math.log(0.25), Math.log(0.75));
    };
    const options = { prompt: [5, 6], beams: 1, maxNewTokens: 3, end: [END] };
    const [best] = beamSearch(score, options);
    expect(best).toMatchObject({ tokens: [1, 1, 1], ended: false });
    expect(asked).toEqual([
      [5, 6],
      [5, 6, 1],
      [5, 6, 1, 1],
    ]);
  });

  it('prefers the better beam, then the smaller token, among equals', () => {
    const even: Score = () => new Array<number>(4).fill(Math.log(0.25));
    const found = beamSearch(even, { prompt: [], beams: 3, maxNewTokens: 2, end: [] });
    expect(found.map(({ tokens }) => tokens)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });

  it('takes no impossible step, and may end with fewer candidates than beams', () => {
    const only: Score = (tokens) => (tokens.length < 2 ? [-Infinity, 0] : [0, -Infinity]);
    const found = beamSearch(only, { prompt: [], beams: 4, maxNewTokens: 9, end: [END] });
    expect(found).toEqual([{ tokens: [1, 1], ended: true, logProbability: 0, score: 0 }]);
    const none: Score = () => [-Infinity, -Infinity];
    expect(beamSearch(none, { prompt: [], beams: 2, maxNewTokens: 3, end: [END] })).toEqual([]);
  });

  it('refuses what is no log-probability, and no beams at all', () => {
    const options = { prompt: [], beams: 2, maxNewTokens: 3, end: [END] };
    expect(() => beamSearch(() => [0, NaN], options)).toThrow(/token 1 is NaN/);
    expect(() => beamSearch(() => [Infinity], options)).toThrow(/token 0 is Infinity/);
    expect(() => beamSearch(() => [0], { ...options, beams: 0 })).toThrow(/beams/);
    expect(beamSearch(() => [0], { ...options, maxNewTokens: 0 })).toEqual([]);
  });
});
