/** The graphs in programs/graphs, compiled and run at every level, against the float64 reference. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Level } from '../../src/compiler/lower/context.ts';
import { buildGraph } from '../../src/inference/build.ts';
import type { GraphFile } from '../../src/model/graph-json.ts';
import { readGraph } from '../../src/model/graph-json.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import { setSymbol, symbolTensor } from '../../src/run/outputs.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import { Vm } from '../../src/vm/vm.ts';

const FOLDERS = ['graphs', 'graphs/handmade'].map(
  (name) => new URL(`../../programs/${name}/`, import.meta.url).pathname,
);
const FILES = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, folder })),
);

/**
 * Sums of up to 100 products of values below 10, and what exp and rsqrt make of them: float32 keeps
 * them within 100 · 10 · 2⁻²⁴ ≈ 6e-5 of the exact result, before errors cancel.
 */
const TOLERANCE = 6e-5;

const exampleInputs = (graph: GraphFile) =>
  new Map(graph.inputs.map(({ name, example }) => [name, example!()]));

function expectedOutputs(graph: GraphFile, inputs: ReadonlyMap<string, HostTensor>) {
  const doubles = [...inputs].map(
    ([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }] as const,
  );
  return evaluateGraph(graph, new Map(doubles));
}

function machineOutputs(
  graph: GraphFile,
  inputs: ReadonlyMap<string, HostTensor>,
  level: Level,
): readonly HostTensor[] {
  const { program, symbols } = buildGraph(graph, { level, tile: 16 });
  const vm = new Vm(program);
  const symbolOf = (tensor: string) => {
    const [name] = [...symbols].find(([, buffer]) => buffer.tensor === tensor)!;
    return program.symbols.find((symbol) => symbol.name === name)!;
  };
  for (const [name, tensor] of inputs) {
    const symbol = symbolOf(name);
    setSymbol(vm, symbol, { ...tensor, shape: symbol.shape });
  }
  while (vm.next()) continue;
  expect(vm.trap).toBeUndefined();
  return graph.outputs.map((name) => symbolTensor(vm, symbolOf(name)));
}

describe('graphs on the machine', () => {
  it('are all there', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(17);
  });

  it.each(FILES)('$name computes what the reference does, the same at every level', (file) => {
    const text = readFileSync(file.folder + file.name, 'utf8');
    const graph = readGraph(text, file.name, openFolder(file.folder));
    const inputs = exampleInputs(graph);
    const wanted = expectedOutputs(graph, inputs);
    const [first, ...others] = ([0, 1, 2] as const).map((level) =>
      machineOutputs(graph, inputs, level),
    );
    for (const other of others) expect(other).toEqual(first);
    graph.outputs.forEach((name, i) => {
      const { data } = wanted.get(name)!;
      const worst = Math.max(...data.map((value, at) => Math.abs(value - first![i]!.data[at]!)));
      expect(worst).toBeLessThan(TOLERANCE);
    });
  });
});
