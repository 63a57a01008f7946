/** Every rule of docs/microarchitecture.md is quoted by a test that checks it. */
import { expect, test } from 'vitest';
import { sourceOf } from '../mutation/mutation.ts';
import { quotedIn, quotes, rulesOf } from './rules.ts';

const RULES = rulesOf(sourceOf('docs/microarchitecture.md'));

test('the page has rules, and a range stands for all in it', () => {
  expect(RULES).toContain('UA-1');
  expect(RULES.length).toBeGreaterThan(40);
  expect([...quotedIn('(UA-42 to UA-44, UA-7)')]).toEqual(['UA-42', 'UA-43', 'UA-44', 'UA-7']);
});

test('no rule is without a test', () => {
  const quoted = quotes();
  expect(RULES.filter((rule) => !quoted.has(rule))).toEqual([]);
});
