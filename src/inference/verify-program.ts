/** Whether a program is one of a model, so that its symbols can be compared by name. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Graph } from '../model/graph.ts';
import { GraphError } from '../model/graph.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';

/**
 * Throws GraphError unless `program` has every symbol of `own`, which the compiler has made from the
 * model, in the same shape, and the labels of the graphs' code.
 */
export function requireSameSymbols(
  program: Program,
  own: Program,
  graphs: ReadonlyMap<string, Graph>,
): void {
  const hint = 'compile it from the same model with lasm compile --apart';
  const missing = own.symbols.find(({ name }) => !findSymbol(program, name));
  if (missing) {
    const names = program.symbols.map(({ name }) => name);
    const like = didYouMean(missing.name, names);
    const message = `${program.name} has no symbol ${missing.name}`;
    throw new GraphError(message, like === undefined ? hint : `${like} Otherwise ${hint}`);
  }
  for (const { name, shape } of own.symbols) {
    const found = findSymbol(program, name)!.shape;
    if (found.join() === shape.join()) continue;
    const sizes = `${found.join('×')}, not ${shape.join('×')}`;
    const limits = 'give the --context, --rows, --length and inputs that it was compiled with';
    throw new GraphError(`${name} of ${program.name} is ${sizes}`, limits);
  }
  const routines = [...graphs.keys()].filter((name) => name !== 'main');
  const label = routines.find((name) => !program.labels.some((one) => one.name === name));
  if (label !== undefined) throw new GraphError(`${program.name} has no label ${label}`, hint);
}
