/** The passes that work on steps, in their order. */
import type { Graph } from '../model/graph.ts';
import type { CompileOptions, NamedGraph, PassName } from './options.ts';
import type { Module, Routine } from './module.ts';
import { alias } from './passes/alias.ts';
import { batched } from './passes/batch.ts';
import { fuse } from './passes/fuse.ts';
import { inferGraph } from './passes/infer.ts';
import { narrow } from './passes/narrow.ts';
import { prune } from './passes/prune.ts';
import { quantize } from './passes/quantize.ts';
import { roll } from './passes/roll.ts';
import { stepOf } from './step.ts';

interface StepPass {
  readonly name: PassName;
  run(module: Module, options: CompileOptions): Module;
}

/** A pass that has nothing to do hands on what it was given. */
export const STEP_PASSES: readonly StepPass[] = [
  {
    name: 'infer',
    run: (module, { batch = 1 }) => ofGraphs(module, (graph) => batched(inferGraph(graph), batch)),
  },
  {
    name: 'prune',
    run: (module, { prune: share }) =>
      share ? ofGraphs(module, (graph) => prune(graph, module.tile, share)) : module,
  },
  {
    name: 'quantize',
    run: (module, { quantize: integers, narrow: half }) => {
      const light = integers ? ofGraphs(module, (graph) => quantize(graph, module.tile)) : module;
      return half ? ofGraphs(light, (graph) => narrow(graph, module.tile, half)) : light;
    },
  },
  {
    name: 'fuse',
    run: (module, { level, apart }) => (level > 0 && !apart ? ofRoutines(module, fuse) : module),
  },
  {
    name: 'alias',
    run: (module, { level, apart }) =>
      ofRoutines(module, (routine) => alias(routine, apart ? 0 : level)),
  },
  { name: 'roll', run: (module, { apart }) => (apart ? module : rollAll(module)) },
];

/** Graphs as the first pass finds them: every node a step. */
export function moduleOf(graphs: readonly NamedGraph[], options: CompileOptions): Module {
  const { tile, level } = options;
  const name = graphs.map(({ graph }) => graph.name).join(', ');
  const routines = graphs.map((graph) => routineOf(graph.name, graph.graph));
  return { name, tile, level, routines, stacks: new Map() };
}

function routineOf(name: string, graph: Graph): Routine {
  const steps = graph.nodes.map(stepOf);
  return { name, graph, sections: [{ name: '', count: 1, steps }], aliases: new Map() };
}

function ofGraphs(module: Module, change: (graph: Graph) => Graph): Module {
  return ofRoutines(module, ({ name, graph }) => routineOf(name, change(graph)));
}

function ofRoutines(module: Module, change: (routine: Routine) => Routine): Module {
  return { ...module, routines: module.routines.map(change) };
}

function rollAll(module: Module): Module {
  const rolled = module.routines.map(roll);
  return {
    ...module,
    routines: rolled.map(({ routine }) => routine),
    stacks: new Map(rolled.flatMap(({ stacks }) => [...stacks])),
  };
}
