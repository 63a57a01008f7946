/** The recurrent models that come with the product: what they say is what they said when they were trained. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../../src/model/onnx/import.ts';
import { evaluateGraph } from '../../../src/reference/graph.ts';

const MODELS = new URL('../../../programs/models/', import.meta.url).pathname;

/** What float32 loses in 24 steps of the model that made the goldens. */
const TOLERANCE = 1e-5;

interface Golden {
  readonly tokens: readonly number[];
  readonly probabilities: readonly number[];
}

describe.each(['lstm', 'gru', 'rnn'])('brackets-%s', (cell) => {
  const bytes = readFileSync(`${MODELS}brackets-${cell}/model.onnx`);
  const goldens = JSON.parse(
    readFileSync(`${MODELS}brackets-${cell}/golden.json`, 'utf8'),
  ) as readonly Golden[];
  const { graph, specialised } = importOnnx(bytes);

  it('is a graph of few nodes: all that makes shapes is folded away', () => {
    expect(specialised).toEqual([]);
    expect(graph.nodes.map(({ op }) => op)).toEqual([
      // A token may count from the end of the vocabulary, says ONNX.
      ...['min', 'max', 'mul', 'sub'],
      'gather',
      'transpose',
      cell,
      'reshape',
      'reshape',
      'transpose',
      'gather',
      'linear',
      'softmax',
    ]);
    expect(graph.nodes.map(({ part }) => part)).toContain('rnn');
  });

  it('gives the probabilities of its goldens', () => {
    expect(goldens.length).toBeGreaterThan(0);
    for (const { tokens, probabilities } of goldens) {
      const input = { shape: [1, tokens.length], data: Float64Array.from(tokens) };
      const found = evaluateGraph(graph, new Map([['tokens', input]])).get('probabilities')!;
      probabilities.forEach((value, i) => {
        expect(Math.abs(found.data[i] - value)).toBeLessThanOrEqual(TOLERANCE);
      });
    }
  });
});
