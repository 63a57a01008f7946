/** Where the tensors of a model are in the memory of its program. */
import type { Module, Routine } from './module.ts';
import type { Buffer } from './passes/plan.ts';
import { bufferKey } from './passes/plan.ts';

/** Graph → tensor → symbol. */
export type Places = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The symbol in whose memory each tensor is. Tensors that were fused, that share the arena, or that are
 * in a symbol but not at its beginning are in none.
 */
export function placesOf({ routines }: Module, symbols: ReadonlyMap<string, Buffer>): Places {
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
