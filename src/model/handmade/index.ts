/** The models that are built by hand, and their files. */
import { printGraph } from '../graph-json-print.ts';
import { adder } from './adder.ts';
import type { HandmadeGraph } from './basis.ts';
import { brackets, bracketsRnn } from './brackets.ts';
import { induction } from './induction.ts';
import { reverse } from './reverse.ts';

/** From the simplest on. */
export const HANDMADE: readonly (() => HandmadeGraph)[] = [
  reverse,
  induction,
  brackets,
  bracketsRnn,
  adder,
];

/** The text of each file, by its name in programs/graphs/handmade/. */
export function handmadeFiles(): ReadonlyMap<string, string> {
  const graphs = HANDMADE.map((build) => build());
  return new Map(graphs.map((graph) => [`${graph.name}.json`, printGraph(graph)]));
}
