/** The configurations of the project: published models, and programs that stay small. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { languagePass } from '../../src/estimate/pass.ts';
import { openConfiguration } from '../../src/inference/unweighted.ts';
import { openHuggingFaceConfig } from '../../src/model/huggingface/open.ts';
import { ROOT } from '../inference/support.ts';

const FOLDER = `${ROOT}programs/configs/`;
const MOST_LINES = 2000;

/** As published with each model; a map that is tied to the embedding counts once. */
const PARAMETERS: Readonly<Record<string, number>> = {
  'gpt2-124m': 124_439_808,
  'llama-3-8b': 8_030_261_248,
  'llama-3-70b': 70_553_706_496,
};

test('all of them are known', () => {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
  expect(names.sort()).toEqual(Object.keys(PARAMETERS).sort());
});

describe.each(Object.keys(PARAMETERS))('%s', (name) => {
  const path = `${FOLDER}${name}.json`;

  test('has the published number of parameters', () => {
    const { summary } = openHuggingFaceConfig(readFileSync(path, 'utf8'), name);
    expect(summary.parameters).toBe(PARAMETERS[name]);
  });

  test.each([16, 256])('is a short program in tiles of %i', (tile) => {
    const opened = openConfiguration(path, { rows: 1, context: 512 });
    if (opened.kind !== 'language') throw new Error(`${name} generates nothing`);
    const counts = { rows: 1, position: 511, context: 512 };
    const pass = { routines: ['decode'], counts } as const;
    const { program, rows } = languagePass(opened.model, pass, { level: 2, tile });
    const text = program.sources[0]!.text;
    expect(text.split('\n').length).toBeGreaterThan(100);
    expect(text.split('\n').length).toBeLessThan(MOST_LINES);
    const config = JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
    const layers = rows.filter((row) => row.startsWith('layer '));
    expect(layers).toHaveLength(config['n_layer'] ?? config['num_hidden_layers']!);
  });
});
