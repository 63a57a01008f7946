/** Levels of optimisation, and tensors apart or not, never change a bit of what a model computes. */
import { describe, expect, it } from 'vitest';
import { buildGraph, buildLanguageModel } from '../../src/inference/build.ts';
import { symbolInputs } from '../../src/inference/infer.ts';
import { completeInputs } from '../../src/inference/inputs.ts';
import type { GraphSource } from '../../src/inference/source.ts';
import { findSymbol } from '../../src/program/program.ts';
import { setSymbol, symbolValues } from '../../src/run/outputs.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import { Vm } from '../../src/vm/vm.ts';
import { GRAPHS, LEVELS, MODELS, TILE, generate, graphSource, languageSource } from './support.ts';

const VARIANTS = LEVELS.flatMap((level) => [true, false].map((apart) => ({ level, apart })));

describe('language models', () => {
  it.each([
    ['adder-gpt2', [7, 9, 10, 3, 2, 11]],
    ['verse-llama', [65, 20, 13, 25, 24]],
    ['dates-bart', [6, 8, 43, 9, 43, 6, 4, 9, 13, 2]],
  ] as const)('%s has the same logits in every variant', (name, prompt) => {
    const { model } = languageSource(`${MODELS}${name}`);
    const sampling = { temperature: 0 };
    const [first, ...others] = VARIANTS.map((variant) => {
      const options = { ...variant, tile: TILE, sampling, maxNewTokens: 3 };
      return generate(buildLanguageModel(model, options), prompt);
    });
    expect(first!.logits).toHaveLength(3);
    for (const other of others) expect(other).toEqual(first);
  });
});

function outputs(source: GraphSource, variant: (typeof VARIANTS)[number]) {
  const { graph } = source;
  const build = buildGraph(graph, { ...variant, tile: TILE });
  const vm = new Vm(build.program);
  for (const [name, tensor] of symbolInputs(graph, build, completeInputs(source))) {
    setSymbol(vm, findSymbol(build.program, name)!, tensor);
  }
  while (vm.next());
  expect(vm.trap).toBeUndefined();
  const places = build.places.get('main')!;
  return graph.outputs.map((name) =>
    symbolValues(vm, findSymbol(build.program, places.get(name)!)!).slice(),
  );
}

describe('graphs', () => {
  const tokens: HostTensor = {
    dtype: 'i32',
    shape: [24],
    data: Int32Array.from({ length: 24 }, (_, i) => i % 3),
  };

  it.each([
    ['BERT', `${MODELS}bert-random`],
    ['an LSTM from ONNX', `${MODELS}brackets-lstm/model.onnx`],
    ['a GRU from ONNX', `${MODELS}brackets-gru/model.onnx`],
    ['a decoder', `${GRAPHS}decoder.json`],
    ['an encoder and a decoder', `${GRAPHS}encoder-decoder.json`],
  ])('%s has the same outputs in every variant', (_, path) => {
    const opened = graphSource(path);
    const left = opened.graph.inputs.filter(({ name }) => !opened.examples.has(name));
    const inputs = new Map(left.map(({ name }) => [name, tokens]));
    const source = { ...opened, inputs };
    const [first, ...others] = VARIANTS.map((variant) => outputs(source, variant));
    expect(first!.flatMap((values) => [...values]).every(Number.isFinite)).toBe(true);
    for (const other of others) expect(other).toEqual(first);
  });
});
