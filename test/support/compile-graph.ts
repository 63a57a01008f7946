/** Compiles a graph, assembles the text with its weights, and runs it for its values only. */
import { assemble } from '../../src/asm/assemble.ts';
import type { Compiled } from '../../src/compiler/compile.ts';
import type { CompileOptions, PassName } from '../../src/compiler/options.ts';
import { compile } from '../../src/compiler/compile.ts';
import type { Graph } from '../../src/model/graph.ts';
import type { Program } from '../../src/program/program.ts';
import { findSymbol } from '../../src/program/program.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import { tensor } from '../../src/reference/graph/tensor.ts';
import { elementCount } from '../../src/tensor/host-tensor.ts';
import { Vm } from '../../src/vm/vm.ts';

export type Inputs = ReadonlyMap<string, readonly number[]>;
export type Settings = Partial<CompileOptions> & Pick<CompileOptions, 'level'>;

export interface GraphRun {
  readonly compiled: Compiled;
  /** Of each output of the graph. */
  readonly outputs: ReadonlyMap<string, Float32Array>;
  /** The same, as bits. */
  readonly bits: ReadonlyMap<string, readonly number[]>;
}

/** The graph as a program of its own; tiles of 16 unless the settings say otherwise. */
export function compileGraph(graph: Graph, settings: Settings): Compiled {
  return compile([{ name: 'main', graph }], {
    tile: 16,
    weightsFile: 'weights.safetensors',
    ...settings,
  });
}

/** What each pass prints, in the order in which they run. */
export function printPasses(graph: Graph, settings: Settings): ReadonlyMap<PassName, string> {
  const prints = new Map<PassName, string>();
  compileGraph(graph, { ...settings, onPass: (name, print) => prints.set(name, print()) });
  return prints;
}

/** Compiles and runs; throws with the diagnostics or the trap, and the text. */
export function runGraph(graph: Graph, inputs: Inputs, settings: Settings): GraphRun {
  const compiled = compileGraph(graph, settings);
  const vm = new Vm(assembleCompiled(compiled));
  const viewOf = (name: string) => {
    const symbol = compiled.places.get('main')!.get(name)!;
    const { address } = findSymbol(vm.program, symbol)!;
    const count = elementCount(graph.types.get(name)!.shape as readonly number[]);
    return vm.memory.floats.subarray(address / 4, address / 4 + count);
  };
  for (const [name, values] of inputs) viewOf(name).set(values);
  while (vm.next());
  if (vm.trap) throw new Error(`${vm.trap.span.line}: ${vm.trap.message}\n${compiled.text}`);
  const outputs = new Map(graph.outputs.map((name) => [name, viewOf(name)]));
  const bitsOf = (v: Float32Array) => [...new Int32Array(v.buffer, v.byteOffset, v.length)];
  const bits = new Map([...outputs].map(([name, values]) => [name, bitsOf(values)]));
  return { compiled, outputs, bits };
}

/** Warnings count too: of programs that a machine has written there should be none. */
function assembleCompiled({ text, weights }: Compiled): Program {
  const host = {
    readText: (path: string): string => {
      throw new Error(`there is no file ${path}`);
    },
    readTensor: (_path: string, name: string | undefined) => weights.get(name ?? '')!.read(),
  };
  const { program, diagnostics } = assemble('graph.lasm', text, host);
  const serious = diagnostics.filter(({ code }) => code !== 'unused-symbol');
  if (program && serious.length === 0) return program;
  throw new Error(`${serious.map((d) => `${d.span.line}: ${d.message}`).join('\n')}\n${text}`);
}

/** What the float64 evaluator says of the same graph and inputs. */
export function evaluate(graph: Graph, inputs: Inputs): ReadonlyMap<string, Float64Array> {
  const tensors = [...inputs].map(([name, values]) => {
    const { shape } = graph.types.get(name)!;
    return [name, tensor(shape as readonly number[], Float64Array.from(values))] as const;
  });
  const found = evaluateGraph(graph, new Map(tensors));
  return new Map([...found].map(([name, { data }]) => [name, data]));
}

/** The largest distance of two results, against the largest magnitude of the second, or 1. */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const pairs = Array.from(expected, (value, i) => [found[i]!, value] as const);
  const largest = Math.max(1, ...pairs.map(([, value]) => Math.abs(value)));
  const far = pairs.map(([a, b]) => (Number.isNaN(a) === Number.isNaN(b) ? Math.abs(a - b) : Infinity)); // prettier-ignore
  return Math.max(0, ...far) / largest;
}
