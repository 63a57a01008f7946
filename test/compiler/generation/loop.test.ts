/** The loop: what the model is called with, what is emitted, and when it ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generationProgram } from '../../../src/compiler/generation/program.ts';
import { verifyProgram } from '../../../src/program/verify.ts';
import type { Wanted } from './support.ts';
import { finish, optionsOf, stubProgram } from './support.ts';

const VOCABULARY = 10;
const RUNS = { numRuns: 300, seed: 20250302 } as const;

/** One row for each position: token `tokens[i]` is the best one behind i + 1 tokens. */
function tableOf(tokens: readonly number[]): number[] {
  return tokens.flatMap((best) =>
    Array.from({ length: VOCABULARY }, (_, i) => (i === best ? 1 : 0)),
  );
}

/** What limits a text. */
type Limits = Required<Pick<Wanted, 'context' | 'maxNewTokens' | 'end'>>;

/** The text that comes behind `before` tokens: what the best tokens are, as far as it may go. */
function expected(best: readonly number[], before: number, wanted: Limits): number[] {
  const room = Math.max(0, Math.min(wanted.maxNewTokens, wanted.context - before));
  const text = before < 1 ? [] : best.slice(before - 1, before - 1 + room);
  const end = text.findIndex((token) => wanted.end.includes(token));
  return end < 0 ? text : text.slice(0, end);
}

const tokens = (minLength: number, maxLength: number) =>
  fc.array(fc.nat(VOCABULARY - 1), { minLength, maxLength });

const loops = fc
  .record({
    context: fc.integer({ min: 1, max: 12 }),
    rowLimit: fc.integer({ min: 1, max: 5 }),
    maxNewTokens: fc.nat(14),
    end: fc.array(fc.nat(VOCABULARY - 1), { maxLength: 2 }),
  })
  .chain((wanted) =>
    fc.tuple(fc.constant(wanted), tokens(wanted.context, wanted.context), tokens(0, 15)),
  );

describe('a model with a decoder only', () => {
  it('is called in blocks, then token by token, until the text ends', () => {
    fc.assert(
      fc.property(loops, ([some, best, promptTokens]) => {
        const wanted = { ...some, vocabulary: VOCABULARY };
        const { context, rowLimit } = wanted;
        const run = finish(stubProgram(wanted, context), tableOf(best), { promptTokens });
        const length = promptTokens.length;
        const text = expected(best, length, wanted);
        expect(run.tokens).toEqual(text);
        const runs = length >= 1 && length < context && wanted.maxNewTokens > 0;
        if (!runs) {
          expect(run.calls).toEqual([]);
          return;
        }
        const blocks = Array.from({ length: Math.ceil(length / rowLimit) }, (_, i) => {
          const end = Math.min(length, (i + 1) * rowLimit);
          return [0, end - i * rowLimit, i * rowLimit, end];
        });
        const room = Math.min(wanted.maxNewTokens, context - length);
        const stepTokens = text.length === room ? text.slice(0, -1) : text;
        const steps = stepTokens.map((_, i) => [0, 1, length + i, length + i + 1]);
        expect(run.calls).toEqual([...blocks, ...steps]);
        expect(run.seen).toEqual([...promptTokens, ...stepTokens]);
      }),
      RUNS,
    );
  });

  it('takes MAX_NEW_TOKENS from the command line', () => {
    const wanted: Wanted = { vocabulary: VOCABULARY, context: 12, maxNewTokens: 3 };
    const best = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3];
    const text = (params: Record<string, number>) =>
      finish(stubProgram(wanted, 12, params), tableOf(best), { promptTokens: [5] }).tokens;
    expect(text({})).toEqual([1, 2, 3]);
    expect(text({ MAX_NEW_TOKENS: 5 })).toEqual([1, 2, 3, 4, 5]);
    expect(text({ MAX_NEW_TOKENS: 0 })).toEqual([]);
    expect(text({ MAX_NEW_TOKENS: -1 })).toEqual([]);
    expect(text({ MAX_NEW_TOKENS: 99 })).toEqual(best.slice(0, 11));
  });

  it('ends at any of its end tokens, even the first', () => {
    const wanted: Wanted = { vocabulary: VOCABULARY, context: 12, end: [4, 7] };
    const run = (best: readonly number[]) =>
      finish(stubProgram(wanted, best.length), tableOf(best), { promptTokens: [5] }).tokens;
    expect(run([1, 2, 4, 3])).toEqual([1, 2]);
    expect(run([1, 7, 4, 3])).toEqual([1]);
    expect(run([7, 1, 4, 3])).toEqual([]);
  });
});

describe('a model with an encoder', () => {
  it('reads the prompt there, and begins with its own token', () => {
    fc.assert(
      fc.property(loops, fc.integer({ min: 1, max: 12 }), ([some, best, promptTokens], limit) => {
        const encoder = { sourceLimit: limit, decoderStart: 3 };
        const wanted = { ...some, vocabulary: VOCABULARY, encoder };
        const run = finish(stubProgram(wanted, wanted.context), tableOf(best), { promptTokens });
        const length = promptTokens.length;
        const room = Math.min(wanted.maxNewTokens, wanted.context - 1);
        if (length < 1 || length > limit || room < 1) {
          expect([run.tokens, run.calls]).toEqual([[], []]);
          return;
        }
        const text = expected(best, 1, wanted);
        expect(run.tokens).toEqual(text);
        expect(run.sourceSeen).toEqual(promptTokens);
        const stepTokens = text.length === room ? text.slice(0, -1) : text;
        expect(run.seen).toEqual([3, ...stepTokens]);
        const steps = stepTokens.map((_, i) => [0, 1, 1 + i, 2 + i]);
        expect(run.calls).toEqual([[1, length, 0, 0], [0, 1, 0, 1], ...steps]);
      }),
      RUNS,
    );
  });
});

describe('the program', () => {
  const samplings = [
    { temperature: 0 },
    { temperature: 1 },
    { temperature: 0.7, topK: 5, topP: 0.9 },
  ];
  const encoders = [undefined, { sourceLimit: 9, decoderStart: 1 }];

  it('has nothing that the checks before running complain about', () => {
    for (const sampling of samplings) {
      for (const encoder of encoders) {
        for (const [vocabulary, tile] of [
          [3, 4],
          [5000, 16],
          [5000, 4],
          [200_000, 4],
        ] as const) {
          const wanted: Wanted = {
            vocabulary,
            tile,
            sampling,
            end: [1],
            ...(encoder && { encoder }),
          };
          expect(verifyProgram(stubProgram(wanted, 1))).toEqual([]);
        }
      }
    }
  });

  it('marks its phases', () => {
    const { head, text } = generationProgram(optionsOf({ vocabulary: 50257 }));
    expect(head.at(-1)).toBe('.param MAX_NEW_TOKENS = 8');
    expect(text.filter((line) => /^(prefill|choose|step|stop):$/.test(line))).toHaveLength(4);
    expect(text.filter((line) => line.startsWith('.part'))).toEqual([
      '.part "generation/prompt"',
      '.part "generation/prefill"',
      '.part "generation/choice"',
      '.part "generation/step"',
      '.part ""',
    ]);
  });

  it('says which option cannot be', () => {
    const bad = (wanted: Partial<Wanted>, name: RegExp) => {
      expect(() => generationProgram(optionsOf({ vocabulary: 9, ...wanted }))).toThrow(name);
    };
    bad({ vocabulary: 0 }, /vocabulary is an integer from 1 to 16777216; got 0/);
    bad({ tile: 1 }, /tile/);
    bad({ context: 0 }, /context/);
    bad({ rowLimit: 0 }, /rowLimit/);
    bad({ maxNewTokens: -1 }, /maxNewTokens/);
    bad({ end: [-1] }, /end/);
    bad({ sampling: { temperature: -1 } }, /temperature/);
    bad({ sampling: { temperature: NaN } }, /temperature/);
    bad({ sampling: { temperature: Infinity } }, /temperature/);
    bad({ sampling: { temperature: 1, topK: 1.5 } }, /topK/);
    bad({ sampling: { temperature: 1, topP: 0 } }, /topP/);
    bad({ sampling: { temperature: 1, topP: 1.1 } }, /topP/);
    const { model, ...rest } = optionsOf({ vocabulary: 9 });
    expect(() => generationProgram({ model, ...rest, sourceLimit: 4 })).toThrow(/decoderStart/);
  });
});
