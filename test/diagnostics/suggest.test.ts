/** Suggestions: near words are found, far ones are not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../src/diagnostics/suggest.ts';

const WORDS = ['LOAD', 'STORE', 'MATMUL', 'SOFTMAX', 'NORM.LAYER', 'NORM.RMS', 'ADD', 'X'];

test.each([
  ['SOFTMX', 'SOFTMAX'],
  ['softmax', 'SOFTMAX'],
  ['MATMLU', 'MATMUL'],
  ['LAOD', 'LOAD'],
  ['NORM.LAYR', 'NORM.LAYER'],
  ['AD', 'ADD'],
  ['TRANSPOSE', undefined],
  ['Y', undefined],
  ['', undefined],
  ['A'.repeat(1000), undefined],
])('%s is %s', (word, expected) => {
  expect(nearest(word, WORDS)).toBe(expected);
});

test('the first of several equally near', () => {
  expect(nearest('cat', ['car', 'cap', 'dog'])).toBe('car');
  expect(didYouMean('cat', ['car'])).toBe('did you mean car?');
  expect(didYouMean('cat', [])).toBeUndefined();
});

describe('the distance', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });

  /** The definition, without a limit: Boytsov 2011, equation for optimal string alignment. */
  function slowDistance(a: string, b: string): number {
    if (a === '' || b === '') return a.length + b.length;
    const same = Number(a.at(-1) !== b.at(-1));
    const choices = [
      slowDistance(a.slice(0, -1), b) + 1,
      slowDistance(a, b.slice(0, -1)) + 1,
      slowDistance(a.slice(0, -1), b.slice(0, -1)) + same,
    ];
    if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
      choices.push(slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
    }
    return Math.min(...choices);
  }

  test('is that of its definition, up to the limit', () => {
    fc.assert(
      fc.property(word, word, fc.nat(4), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(slowDistance(a, b), limit + 1));
      }),
      { seed: 51, numRuns: 300 },
    );
  });
});
