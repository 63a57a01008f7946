/** The table of mutations cannot rot: every text that is replaced is there, once. */
import { expect, test } from 'vitest';
import { rulesOf } from '../coverage/rules.ts';
import { occurrences, sourceOf } from './mutation.ts';
import { MUTATIONS } from './table/index.ts';

test('each text to be replaced occurs exactly once in its file', () => {
  const counts = MUTATIONS.map((mutation) => {
    const source = sourceOf(mutation.file);
    return `${occurrences(mutation, source)}: ${mutation.file}: ${mutation.find}`;
  });
  expect(counts.filter((text) => !text.startsWith('1:'))).toEqual([]);
});

test('each replacement changes something', () => {
  expect(MUTATIONS.filter(({ find, replace }) => find === replace)).toEqual([]);
});

test('names are unique within a file', () => {
  const names = MUTATIONS.map(({ file, name }) => `${file}: ${name}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('every rule is broken by at least one mutation', () => {
  const broken = new Set(MUTATIONS.map(({ rule }) => rule));
  expect(
    rulesOf(sourceOf('docs/microarchitecture.md')).filter((rule) => !broken.has(rule)),
  ).toEqual([]);
});
