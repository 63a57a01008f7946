/** The ONNX node tests through the compiler and the machine: published inputs and outputs. */
import { describe, expect, it } from 'vitest';
import type { Level } from '../../src/compiler/lower/context.ts';
import { buildGraph } from '../../src/inference/build.ts';
import type { Graph } from '../../src/model/graph.ts';
import { setSymbol, symbolTensor } from '../../src/run/outputs.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import { Vm } from '../../src/vm/vm.ts';
import { HAS_NODE_TESTS, nodeTestTable, runNodeTests } from '../support/onnx-cases.ts';

/** Runs the compiled graph; no cycles are counted. */
function evaluateOn(level: Level) {
  return (graph: Graph, inputs: ReadonlyMap<string, HostTensor>) => {
    const { program, symbols } = buildGraph(graph, { level, tile: 16 });
    const vm = new Vm(program);
    const symbolOf = (tensor: string) => {
      const name = [...symbols].find(([, buffer]) => buffer.tensor === tensor)?.[0];
      return program.symbols.find((symbol) => symbol.name === name);
    };
    for (const { name, shape } of graph.inputs) {
      const symbol = symbolOf(name);
      const tensor = inputs.get(name)!;
      if (symbol && !shape.includes(0)) setSymbol(vm, symbol, { ...tensor, shape: symbol.shape });
    }
    while (vm.next()) continue;
    if (vm.trap) throw new Error(vm.trap.message);
    return new Map(
      graph.outputs.map((name) => {
        const { shape } = graph.types.get(name)!;
        const isEmpty = shape.includes(0);
        const { data } = isEmpty ? { data: [] } : symbolTensor(vm, symbolOf(name)!);
        return [name, { shape: shape as readonly number[], data }];
      }),
    );
  };
}

describe.skipIf(!HAS_NODE_TESTS)('ONNX node tests on the machine', () => {
  it.each([0, 1, 2] as const)(
    'at level %i, 98 % and more are right',
    { timeout: 120_000 },
    (level) => {
      const tests = runNodeTests(evaluateOn(level));
      if (level === 2) console.log(nodeTestTable(tests));
      const passed = tests.filter(({ failure }) => failure === undefined).length;
      expect(tests.length).toBeGreaterThan(200);
      expect(passed / tests.length).toBeGreaterThanOrEqual(0.98);
    },
  );
});
