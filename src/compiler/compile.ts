/** The compiler: graphs through a list of named passes to the text of a program and its weights. */
import type { Graph } from '../model/graph.ts';
import { makeKernels } from './kernel-passes.ts';
import type { Level } from './lower/context.ts';
import { checkModule } from './passes/check.ts';
import type { EmitOptions } from './passes/emit.ts';
import { emit } from './passes/emit.ts';
import type { Buffer } from './passes/plan.ts';
import { plan } from './passes/plan.ts';
import type { Places } from './places.ts';
import { placesOf } from './places.ts';
import { printModule, printPlan } from './print.ts';
import { STEP_PASSES, moduleOf } from './step-passes.ts';
import type { WeightTensor } from './weights.ts';
import { weightsOf } from './weights.ts';

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

export interface Compiled {
  readonly text: string;
  /** By the name of their symbol, which is their name in the weights' file too. */
  readonly weights: ReadonlyMap<string, WeightTensor>;
  /** Symbol → what it is in the model. */
  readonly symbols: ReadonlyMap<string, Buffer>;
  readonly places: Places;
}

/** A graph and the label of its code. */
export interface NamedGraph {
  readonly name: string;
  readonly graph: Graph;
}

/** The passes after which something can be shown. */
export type PassReport = (name: PassName, print: () => string) => void;

/** Lines of a program from graphs. Throws GraphError for what a graph asks and cannot have. */
export function compile(graphs: readonly NamedGraph[], options: CompileOptions): Compiled {
  const report: PassReport = (name, print) => options.onPass?.(name, print);
  const module = STEP_PASSES.reduce(
    (before, { name, run }) => {
      const after = run(before, options);
      checkModule(after);
      report(name, () => printModule(after));
      return after;
    },
    moduleOf(graphs, options),
  );
  // Only what is not optimised has memory that it shares with nothing.
  const memory = plan(options.apart ? { ...module, level: 0 } : module);
  report('plan', () => printPlan(memory));
  const { routines, scratch, spilled } = makeKernels(module, options, report);
  const { text, symbols } = emit(module, routines, {
    plan: memory,
    scratch,
    spilled,
    weightsFile: options.weightsFile,
    title: options.title ?? [module.name],
    driver: options.driver,
    head: options.head ?? [],
  });
  report('emit', () => text);
  return { text, symbols, weights: weightsOf(symbols), places: placesOf(module, symbols) };
}
