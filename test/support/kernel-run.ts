/** Runs the kernel of a one-node graph on the machine, and has the float64 evaluator compute the same. */
import { assemble } from '../../src/asm/assemble.ts';
import { emitKernel, line } from '../../src/compiler/emit/kernel.ts';
import { placeIn } from '../../src/compiler/kernel/builder.ts';
import type { Level, LowerContext, Lowering } from '../../src/compiler/lower/context.ts';
import { NameTable } from '../../src/compiler/names.ts';
import { SPILL_BUFFER, allocate } from '../../src/compiler/passes/allocate.ts';
import { COUNT_REGISTERS } from '../../src/compiler/registers.ts';
import { stepOf } from '../../src/compiler/step.ts';
import { halt } from '../../isa/instructions/halt.ts';
import { li } from '../../isa/instructions/li.ts';
import type { Count, Dim, Graph } from '../../src/model/graph.ts';
import { findSymbol } from '../../src/program/program.ts';
import type { Program } from '../../src/program/program.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';
import { tensor } from '../../src/reference/graph/tensor.ts';
import { elementCount } from '../../src/tensor/host-tensor.ts';
import { Vm } from '../../src/vm/vm.ts';
import { NO_FILES } from './run.ts';

export type Values = ReadonlyMap<string, readonly number[]>;
export type Counts = Readonly<Partial<Record<Count, number>>>;

export interface KernelOptions {
  readonly tile: number;
  readonly level: Level;
  readonly counts?: Counts;
}

export interface KernelResult {
  /** Of each output of the graph. */
  readonly outputs: ReadonlyMap<string, readonly number[]>;
  /** The same as bits, to compare runs. */
  readonly bits: ReadonlyMap<string, readonly number[]>;
  readonly text: string;
}

/** In integers that nothing has written; floats are NaN. */
const UNWRITTEN = -123456789;

/** Lowers, allocates, emits, assembles and runs the only node of a graph. */
export function runKernel(
  graph: Graph,
  lowering: Lowering,
  inputs: Values,
  options: KernelOptions,
): KernelResult {
  const { text, symbols } = programOf(graph, lowering, options);
  const lengths = lengthsOf(options.counts ?? {});
  const vm = new Vm(assembleCleanly(text));
  const at = (name: string) => {
    const { address } = findSymbol(vm.program, symbols.get(name)!)!;
    const { dtype, shape } = graph.types.get(name)!;
    const view = dtype === 'i32' ? vm.memory.integers : vm.memory.floats;
    return view.subarray(address / 4, address / 4 + elementCount(shape.map(lengths)));
  };
  for (const name of graph.outputs) {
    if (graph.types.get(name)!.dtype === 'i32') at(name).fill(UNWRITTEN);
  }
  for (const [name, values] of inputs) at(name).set(values);
  while (vm.next());
  if (vm.trap) throw new Error(`${vm.trap.span.line}: ${vm.trap.message}\n${text}`);
  for (const [name, values] of inputs) requireUnchanged(name, at(name), values);
  const read = (convert: (view: Float32Array | Int32Array) => readonly number[]) =>
    new Map(graph.outputs.map((name) => [name, convert(at(name))]));
  const bits = read((v) => [...new Int32Array(v.buffer, v.byteOffset, v.length)]);
  return { outputs: read((view) => [...view]), bits, text };
}

/** Runs the kernel at every level that makes a difference; throws unless all give the same bits. */
export function runLevels(
  graph: Graph,
  lowering: Lowering,
  inputs: Values,
  options: Omit<KernelOptions, 'level'>,
): KernelResult['outputs'] {
  const results = new Map<string, KernelResult>();
  for (const level of [0, 1, 2] as const) {
    const { text } = programOf(graph, lowering, { ...options, level });
    if (!results.has(text)) results.set(text, runKernel(graph, lowering, inputs, { ...options, level })); // prettier-ignore
  }
  const [first, ...others] = [...results.values()];
  for (const { bits } of others) {
    for (const [name, found] of bits) {
      const at = found.findIndex((bit, i) => bit !== first!.bits.get(name)![i]);
      if (at >= 0) throw new Error(`levels differ in element ${at} of ${name}`);
    }
  }
  return first!.outputs;
}

/** What the float64 evaluator says of the same graph and inputs. */
export function expected(
  graph: Graph,
  inputs: Values,
  counts: Counts = {},
): ReadonlyMap<string, readonly number[]> {
  const lengths = lengthsOf(counts);
  const tensors = [...inputs].map(([name, values]) => {
    const shape = graph.types.get(name)!.shape.map(lengths);
    return [name, tensor(shape, Float64Array.from(values))] as const;
  });
  const found = evaluateGraph(graph, new Map(tensors), { counts });
  return new Map([...found].map(([name, { data }]) => [name, [...data]]));
}

function lengthsOf(counts: Counts): (dim: Dim) => number {
  return (dim) => {
    const length = typeof dim === 'number' ? dim : counts[dim];
    if (length === undefined) throw new Error(`the count ${dim} is not given`);
    return length;
  };
}

function programOf(graph: Graph, lowering: Lowering, { tile, level, counts = {} }: KernelOptions) {
  const lengths = lengthsOf(counts);
  const names = new NameTable();
  const symbols = new Map([...graph.types.keys()].map((name) => [name, names.unique(name)]));
  const declared = [...graph.types].map(([name, { dtype, shape }]) => {
    const directive = dtype === 'i32' ? '.i32' : '.f32';
    return `${symbols.get(name)!}: ${directive} ${Math.max(1, elementCount(shape.map(lengths)))}`;
  });
  const scratch = new Map<string, number>();
  const context: LowerContext = {
    tile,
    level,
    typeOf: (name) => graph.types.get(name)!,
    placeOf: (name) => placeIn(name),
    scratch(name, elements) {
      scratch.set(`scratch ${name}`, elements);
      return placeIn(`scratch ${name}`);
    },
  };
  const kernel = lowering(stepOf(graph.nodes[0]!), context);
  const { kernel: allocated, registers, spilled } = allocate(kernel, { tile, rotate: level > 0 });
  if (spilled > 0) scratch.set(SPILL_BUFFER, spilled * tile * tile);
  for (const [key, elements] of scratch) {
    symbols.set(key, names.unique(key));
    declared.push(`${symbols.get(key)!}: .f32 ${elements}`);
  }
  const buffers = (key: string) => ({ symbol: symbols.get(key) ?? key, offset: 0 });
  const code = emitKernel(allocated, registers, buffers, (wanted) => names.unique(wanted));
  const given = Object.entries(counts).map(([count, value]) =>
    line(li, [`r${COUNT_REGISTERS[count as Count].register}`, value]),
  );
  const text = [`.tile ${tile}`, '.bss', ...declared, '.text', ...given, ...code, line(halt, [])];
  return { text: `${text.join('\n')}\n`, symbols };
}

/** Warnings count: a kernel that leaves its symbols is wrong even where it does no harm. */
function assembleCleanly(text: string): Program {
  const { program, diagnostics } = assemble('kernel.lasm', text, NO_FILES);
  // Where there are no elements, nothing is used.
  const serious = diagnostics.filter(({ code }) => code !== 'unused-symbol');
  if (program && serious.length === 0) return program;
  const messages = serious.map((d) => `${d.span.line}: ${d.message}`);
  throw new Error(`${messages.join('\n')}\n${text}`);
}

function requireUnchanged(name: string, found: ArrayLike<number>, given: readonly number[]): void {
  const at = given.findIndex((value, i) => !Object.is(Math.fround(value), Math.fround(found[i]!)));
  if (at >= 0) throw new Error(`element ${at} of the operand ${name} was overwritten`);
}
