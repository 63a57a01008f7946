/** Runs a graph on the simulated machine: inputs in, outputs and the report out. */
import type { Graph } from '../model/graph.ts';
import { staticShape } from '../model/graph.ts';
import type { Machine } from '../machine/machine.ts';
import type { DataSymbol } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import type { RunOptions, RunResult } from '../run/run.ts';
import { runProgram } from '../run/run.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import type { Vm } from '../vm/vm.ts';
import type { Build } from './build.ts';

/** A result of a graph: where it is in memory, and what it is. */
export interface Output {
  readonly name: string;
  /** In the output's own shape; that of the memory may be another, with as many elements. */
  readonly symbol: DataSymbol;
  readonly tensor: HostTensor;
}

export interface Inferred {
  readonly run: RunResult;
  /** In the order of the graph; none when the program was cut off. */
  readonly outputs: readonly Output[];
}

/** Runs a graph that `buildGraph` has compiled, on values for all of its inputs. */
export function infer(
  graph: Graph,
  build: Build,
  machine: Machine,
  inputs: ReadonlyMap<string, HostTensor>,
  options: RunOptions = {},
): Inferred {
  const symbols = symbolInputs(graph, build, inputs);
  const run = runProgram(build.program, machine, { ...options, inputs: symbols });
  const outputs = run.trap ? [] : graph.outputs.map((name) => outputOf(graph, build, run.vm, name));
  return { run, outputs };
}

/** The same tensors by the names and in the shapes of their symbols. */
export function symbolInputs(
  graph: Graph,
  build: Build,
  inputs: ReadonlyMap<string, HostTensor>,
): ReadonlyMap<string, HostTensor> {
  return new Map(
    graph.inputs.map(({ name }) => {
      const { name: symbol, shape } = symbolFor(build, name);
      return [symbol, { ...inputs.get(name)!, shape }];
    }),
  );
}

function outputOf(graph: Graph, build: Build, vm: Vm, name: string): Output {
  const type = graph.types.get(name)!;
  const shape = staticShape(type, `the output ${name}`);
  const own = symbolFor(build, name);
  const data = vm.memory.numbers(own.address, elementCount(shape), own.dtype).slice();
  const dtype = data instanceof Int32Array ? 'i32' : 'f32';
  return { name, symbol: { ...own, shape }, tensor: { dtype, shape, data } };
}

function symbolFor({ places, program }: Build, tensor: string): DataSymbol {
  const symbol = findSymbol(program, places.get('main')!.get(tensor) ?? '');
  if (symbol) return symbol;
  throw new Error(`invariant: ${tensor} is in no symbol`);
}
