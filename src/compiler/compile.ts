/** The compiler: graphs through a list of named passes to the text of a program and its weights. */
import { makeKernels } from './kernel-passes.ts';
import type { CompileOptions, NamedGraph, PassReport } from './options.ts';
import { checkModule } from './passes/check.ts';
import { emit } from './passes/emit.ts';
import type { Buffer } from './passes/plan.ts';
import { plan } from './passes/plan.ts';
import type { Places } from './places.ts';
import { placesOf } from './places.ts';
import { printModule, printPlan } from './print.ts';
import { STEP_PASSES, moduleOf } from './step-passes.ts';
import type { WeightTensor } from './weights.ts';
import { weightsOf } from './weights.ts';

export interface Compiled {
  readonly text: string;
  /** By the name of their symbol, which is their name in the weights' file too. */
  readonly weights: ReadonlyMap<string, WeightTensor>;
  /** Symbol → what it is in the model. */
  readonly symbols: ReadonlyMap<string, Buffer>;
  readonly places: Places;
}

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
