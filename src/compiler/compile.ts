/** The compiler: graphs through a list of named passes to the text of a program and its weights. */
import type { Graph, Weight } from '../model/graph.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { Level } from './lower/context.ts';
import type { Module, Routine } from './module.ts';
import { alias } from './passes/alias.ts';
import type { Allocation } from './passes/allocate.ts';
import { allocate } from './passes/allocate.ts';
import { checkKernel, checkModule } from './passes/check.ts';
import type { EmitOptions, EmittedRoutine } from './passes/emit.ts';
import { emit } from './passes/emit.ts';
import { fuse } from './passes/fuse.ts';
import { inferGraph } from './passes/infer.ts';
import { lowerStep } from './passes/lower.ts';
import type { Buffer } from './passes/plan.ts';
import { bufferKey, plan } from './passes/plan.ts';
import { prune } from './passes/prune.ts';
import { quantize } from './passes/quantize.ts';
import { roll } from './passes/roll.ts';
import { schedule } from './passes/schedule.ts';
import { printKernels, printModule, printPlan } from './print.ts';
import { stepOf } from './step.ts';

/** In the order in which they run; each can be printed. */
export const PASSES = [
  'infer',
  'prune',
  'quantize',
  'fuse',
  'alias',
  'roll',
  'plan',
  'tile',
  'schedule',
  'allocate',
  'emit',
] as const;
export type PassName = (typeof PASSES)[number];

export interface CompileOptions {
  readonly level: Level;
  /** Edge of a tile, that of the machine. */
  readonly tile: number;
  /** The weights' file, as the program names it. */
  readonly weightsFile: string;
  /** Weights of linear maps as int8. */
  readonly quantize?: 'int8' | undefined;
  /** The share of the tiles of each weight of a linear map that is dropped, from 0 to below 1. */
  readonly prune?: number | undefined;
  /** Keep every layer and every tensor apart, to look at them afterwards. */
  readonly apart?: boolean;
  /** Tile registers to use; all unless given. */
  readonly registers?: number;
  /** Code and data around the routines, for models that generate; see generation/. */
  readonly driver?: EmitOptions['driver'];
  /** Lines above the data, such as `.param`. */
  readonly head?: readonly string[];
  readonly title?: readonly string[];
  /** Told of each pass when it is done; `print` shows what it has made. */
  readonly onPass?: (name: PassName, print: () => string) => void;
}

/** A weight as the program wants it: that of every layer, where there are layers. */
export interface WeightTensor {
  /** How the program's memory keeps it. */
  readonly format: HostTensor['dtype'] | 'i8';
  readonly dtype: HostTensor['dtype'];
  readonly shape: readonly number[];
  readonly read: () => HostTensor;
}

export interface Compiled {
  readonly text: string;
  /** By the name of their symbol, which is their name in the weights' file too. */
  readonly weights: ReadonlyMap<string, WeightTensor>;
  /** Symbol → what it is in the model. */
  readonly symbols: ReadonlyMap<string, Buffer>;
  /**
   * Graph → tensor → the symbol in whose memory it is. Tensors that were fused, that share the arena, or
   * that are in a symbol but not at its beginning are in none.
   */
  readonly places: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A graph and the label of its code. */
export interface NamedGraph {
  readonly name: string;
  readonly graph: Graph;
}

/** Lines of a program from graphs. Throws GraphError for what a graph asks and cannot have. */
export function compile(graphs: readonly NamedGraph[], options: CompileOptions): Compiled {
  const report = (name: PassName, print: () => string) => options.onPass?.(name, print);
  const module = optimise(graphs, options, report);
  // Only what is not optimised has memory that it shares with nothing.
  const memory = plan(options.apart ? { ...module, level: 0 } : module);
  report('plan', () => printPlan(memory));
  const { routines, scratch, spilled } = makeKernels(module, options, report);
  const isProgram = options.driver === undefined;
  const emitted = emit(module, routines, {
    plan: memory,
    scratch,
    spilled,
    weightsFile: options.weightsFile,
    title: options.title ?? [module.name],
    driver: options.driver,
    head: options.head ?? [],
    end: isProgram ? '      HALT' : '      JR          r31',
  });
  report('emit', () => emitted.text);
  const { text, symbols } = emitted;
  return { text, symbols, weights: weightsOf(symbols), places: placesOf(module, symbols) };
}

function placesOf({ routines }: Module, symbols: ReadonlyMap<string, Buffer>): Compiled['places'] {
  const symbolOf = new Map([...symbols].map(([symbol, { key }]) => [key, symbol]));
  const places = routines.map((routine) => {
    const { graph, name } = routine;
    const found = [...graph.types.keys()].flatMap((tensor): [string, string][] => {
      const symbol = symbolOf.get(bufferKey(routine, tensor));
      return symbol === undefined || !isAtStart(routine, tensor) ? [] : [[tensor, symbol]];
    });
    return [name, new Map(found)] as const;
  });
  return new Map(places);
}

function isAtStart({ aliases }: Routine, tensor: string): boolean {
  for (let alias = aliases.get(tensor); alias; alias = aliases.get(alias.of)) {
    if (alias.constant !== 0 || alias.variable) return false;
  }
  return true;
}

type Report = (name: PassName, print: () => string) => void;

/** The passes that work on steps. */
function optimise(graphs: readonly NamedGraph[], options: CompileOptions, report: Report): Module {
  const { level, tile } = options;
  let routines = graphs.map(({ name, graph }) => routineOf(name, inferGraph(graph)));
  const name = graphs.map(({ graph }) => graph.name).join(', ');
  const moduleOf = (stacks: Module['stacks']): Module => ({ name, tile, level, routines, stacks });
  const done = (pass: PassName, stacks: Module['stacks'] = new Map()): Module => {
    const module = moduleOf(stacks);
    checkModule(module);
    report(pass, () => printModule(module));
    return module;
  };
  done('infer');
  const { prune: share, quantize: format } = options;
  const change = (pass: PassName, rewrite: (graph: Graph) => Graph) => {
    routines = routines.map(({ name: label, graph }) => routineOf(label, rewrite(graph)));
    done(pass);
  };
  if (share) change('prune', (graph) => prune(graph, tile, share));
  if (format) change('quantize', (graph) => quantize(graph, tile));
  if (level > 0 && !options.apart) routines = routines.map(fuse);
  done('fuse');
  if (!options.apart) routines = routines.map((routine) => alias(routine, level));
  else routines = routines.map((routine) => alias(routine, 0));
  done('alias');
  const rolled = options.apart ? undefined : routines.map(roll);
  if (!rolled) return done('roll');
  routines = rolled.map(({ routine }) => routine);
  return done('roll', new Map(rolled.flatMap(({ stacks }) => [...stacks])));
}

function routineOf(name: string, graph: Graph): Routine {
  const steps = graph.nodes.map(stepOf);
  return { name, graph, sections: [{ name: '', count: 1, steps }], aliases: new Map() };
}

/** The passes that work on kernels. */
function makeKernels(module: Module, options: CompileOptions, report: Report) {
  const scratch = new Map<string, number>();
  const tiled = eachKernel(module, (routine, step) =>
    lowerStep(module, routine, step, (key, elements) => scratch.set(key, elements)),
  );
  const kernelsOf = (sections: typeof tiled) =>
    sections.flatMap((routine) => routine.sections.flatMap(({ kernels }) => kernels));
  kernelsOf(tiled).forEach(checkKernel);
  report('tile', () => printKernels(kernelsOf(tiled)));
  const scheduled = mapKernels(tiled, (kernel) => (module.level < 2 ? kernel : schedule(kernel)));
  kernelsOf(scheduled).forEach(checkKernel);
  report('schedule', () => printKernels(kernelsOf(scheduled)));
  let spilled = 0;
  const allocated = mapKernels(scheduled, (kernel): Allocation => {
    const { registers } = options;
    const rotate = module.level === 2;
    const found = allocate(kernel, {
      tile: module.tile,
      rotate,
      ...(registers === undefined ? {} : { registers }),
    });
    spilled = Math.max(spilled, found.spilled);
    checkKernel(found.kernel);
    return found;
  });
  report('allocate', () =>
    printKernels(
      allocated.flatMap((r) => r.sections.flatMap((s) => s.kernels.map(({ kernel }) => kernel))),
      new Map(
        allocated.flatMap((r) =>
          r.sections.flatMap((s) => s.kernels.flatMap((a) => [...a.registers])),
        ),
      ),
    ),
  );
  return { routines: allocated satisfies readonly EmittedRoutine[], scratch, spilled };
}

function eachKernel(
  module: Module,
  make: (routine: Routine, step: Routine['sections'][number]['steps'][number]) => Kernel,
) {
  return module.routines.map((routine) => ({
    name: routine.name,
    sections: routine.sections.map(({ name, count, steps }) => ({
      name,
      count,
      kernels: steps.map((step) => make(routine, step)),
    })),
  }));
}

function mapKernels<T>(
  routines: readonly {
    name: string;
    sections: readonly { name: string; count: number; kernels: readonly Kernel[] }[];
  }[],
  change: (kernel: Kernel) => T,
) {
  return routines.map(({ name, sections }) => ({
    name,
    sections: sections.map((section) => ({ ...section, kernels: section.kernels.map(change) })),
  }));
}

function weightsOf(symbols: ReadonlyMap<string, Buffer>): ReadonlyMap<string, WeightTensor> {
  const weights = new Map<string, WeightTensor>();
  for (const [symbol, { role, weights: parts, shape, dtype }] of symbols) {
    if (role !== 'weight') continue;
    const type = dtype === 'i32' ? 'i32' : 'f32';
    const read = () => stackTensors(type, shape, parts);
    weights.set(symbol, { format: parts[0]?.format ?? type, dtype: type, shape, read });
  }
  return weights;
}

/** The weights of all layers, one behind the other. */
function stackTensors(
  dtype: HostTensor['dtype'],
  shape: readonly number[],
  parts: readonly Weight[],
): HostTensor {
  const [only] = parts;
  if (parts.length === 1 && only!.shape.length === shape.length) return only!.read();
  const count = shape.reduce((n, dim) => n * dim, 1);
  const data = dtype === 'f32' ? new Float32Array(count) : new Int32Array(count);
  parts.forEach((part, i) => data.set(part.read().data, (i * count) / parts.length));
  return { dtype, shape, data };
}
