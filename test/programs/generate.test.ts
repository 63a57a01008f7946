/** generate-toy: greedy decoding, its end-of-text test and its limit, for any tables and prompts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../src/program/program.ts';
import { setSymbol } from '../../src/run/outputs.ts';
import { SMALL, finish, programNamed } from './support.ts';

const program = programNamed('generate-toy');
const VOCABULARY = 7;
const [START, END, LIMIT] = [0, 6, 16];

/** What the program should emit, written as one would say it. */
function decode(a: readonly number[], b: readonly number[], prompt: readonly number[]): number[] {
  const ids = [START, START, ...prompt];
  const emitted: number[] = [];
  while (emitted.length < LIMIT && emitted.at(-1) !== END) {
    const [before, last] = ids.slice(-2);
    const scores = Array.from(
      { length: VOCABULARY },
      (_, j) => a[last * VOCABULARY + j] + b[before * VOCABULARY + j],
    );
    const best = scores.indexOf(Math.max(...scores));
    ids.push(best);
    emitted.push(best);
  }
  return emitted;
}

function emitted(a: readonly number[], b: readonly number[], prompt: readonly number[]): number[] {
  const set = { A: a, B: b };
  const run = finish(
    program,
    (vm) => {
      for (const [name, values] of Object.entries(set)) {
        const symbol = findSymbol(program, name)!;
        const data = Float32Array.from(values);
        setSymbol(vm, symbol, { dtype: 'f32', shape: symbol.shape, data });
      }
    },
    { promptTokens: prompt },
  );
  return run.vm.emittedTokens;
}

describe('generate-toy', () => {
  it('continues a prompt', () => {
    expect(finish(program, undefined, { promptTokens: [4] }).vm.emittedTokens).toEqual([1, 5, END]);
    expect(finish(programNamed('generate-toy', { FIRST: 4 })).vm.emittedTokens).toEqual([
      1,
      5,
      END,
    ]);
    expect(finish(program, undefined, { promptTokens: [1, 2] }).vm.emittedTokens).toEqual([
      3,
      4,
      1,
      5,
      END,
    ]);
  });

  it('decodes greedily, the first of equal scores first, until END or its limit', () => {
    const table = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 49, maxLength: 49 });
    const prompt = fc.array(fc.integer({ min: 0, max: VOCABULARY - 1 }), { maxLength: 5 });
    fc.assert(
      fc.property(table, table, prompt, (a, b, tokens) => {
        expect(emitted(a, b, tokens)).toEqual(decode(a, b, tokens));
      }),
      SMALL,
    );
  });

  it('never runs for ever', () => {
    const ones = new Array<number>(49).fill(1); // every token equally good: token 0 for ever
    expect(emitted(ones, ones, [])).toEqual(new Array(LIMIT).fill(0));
  });
});
