/** Models from inputs to outputs have PyTorch's outputs: recurrent ones from ONNX, and BERT. */
import { afterAll, describe, expect, it } from 'vitest';
import { buildGraph } from '../../src/inference/build.ts';
import { infer } from '../../src/inference/infer.ts';
import { completeInputs } from '../../src/inference/inputs.ts';
import type { GraphSource } from '../../src/inference/source.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { Workspace } from '../support/cli.ts';
import { MODELS, TILE, distance, golden, graphSource } from './support.ts';

const files = new Workspace();
afterAll(() => files.remove());

/** A file of numbers for `--input`. */
const json = (name: string, values: readonly number[]) =>
  files.write(`${name}.json`, JSON.stringify(values));

function outputsOf(source: GraphSource): ReadonlyMap<string, ArrayLike<number>> {
  const machine = findPreset('classic5-fwd')!;
  const build = buildGraph(source.graph, { level: 2, tile: TILE });
  const { run, outputs } = infer(source.graph, build, machine, completeInputs(source));
  expect(run.trap).toBeUndefined();
  return new Map(outputs.map(({ name, tensor }) => [name, tensor.data]));
}

/** The project's goal for probabilities. */
const PROBABILITIES = 1e-5;

describe.each(['brackets-lstm', 'brackets-gru', 'brackets-rnn'])('%s', (name) => {
  it('knows which brackets are balanced', () => {
    const cases = golden<{ tokens: number[]; probabilities: number[]; balanced: boolean }[]>(
      `${MODELS}${name}`,
    );
    expect(cases.length).toBeGreaterThan(9);
    for (const { tokens, probabilities, balanced } of cases) {
      const inputs = new Map([['tokens', json('tokens', tokens)]]);
      const found = outputsOf(graphSource(`${MODELS}${name}/model.onnx`, { inputs }));
      const [no, yes] = [...found.values()].map((data) => [...Array.from(data)])[0]!;
      expect(distance([no!, yes!], probabilities)).toBeLessThan(PROBABILITIES);
      expect(yes! > no!).toBe(balanced);
    }
  });
});

/** The project's goal for logits. */
const LOGITS = 1e-4;

describe('bert-random', () => {
  const cases = golden<
    ({ logits: number[]; last_hidden_state: number[][] } & Record<
      'input_ids' | 'token_type_ids' | 'attention_mask',
      number[]
    >)[]
  >(`${MODELS}bert-random`);

  it.each(cases.map((one, i) => [i, one] as const))('case %i', (_, one) => {
    const names = ['input_ids', 'token_type_ids', 'attention_mask'] as const;
    const inputs = new Map(names.map((name) => [name, json(name, one[name])]));
    const found = outputsOf(graphSource(`${MODELS}bert-random`, { inputs }));
    expect(distance(found.get('logits')!, one.logits)).toBeLessThan(LOGITS);
    const hidden = one.last_hidden_state.flat();
    expect(distance(found.get('last_hidden_state')!, hidden)).toBeLessThan(LOGITS);
  });

  it('has a case in which something is masked', () => {
    expect(cases.some((one) => one.attention_mask.includes(0))).toBe(true);
  });
});
