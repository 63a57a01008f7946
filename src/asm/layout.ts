/** Layout: gives every data symbol its address. */
import type { Section } from '../program/program.ts';
import { MEMORY_BASE, alignAddress, symbolBytes } from '../program/program.ts';
import type { Evaluator } from './expressions.ts';
import type { Mistakes } from './mistakes.ts';
import type { Names, SymbolDefinition } from './names.ts';

/** The order of the sections in memory. */
const SECTIONS: readonly Section[] = ['data', 'bss', 'arena'];

/**
 * Evaluates all shapes and sets all addresses; the symbols in ascending order of address. Symbols
 * whose shape is wrong are reported and left out. None at all when they exceed the limit together,
 * so that nothing is allocated for them.
 */
export function layOutSymbols(
  names: Names,
  evaluator: Evaluator,
  mistakes: Mistakes,
  maxMemoryBytes: number,
): SymbolDefinition[] {
  const symbols = [...names.all()].filter((d) => d.kind === 'symbol');
  const shaped = symbols.filter((symbol) => mistakes.attempt(() => evaluator.shape(symbol)));
  const ordered = SECTIONS.flatMap((section) => shaped.filter((s) => s.section === section));
  let end = MEMORY_BASE;
  let excess: SymbolDefinition | undefined;
  for (const symbol of ordered) {
    symbol.address = alignAddress(end);
    end = symbol.address + symbolBytes(symbol);
    if (end - MEMORY_BASE > maxMemoryBytes) excess ??= symbol;
  }
  if (!excess) return ordered;
  const { source, range } = excess;
  const message = `the data needs ${end - MEMORY_BASE} bytes, and the limit is ${maxMemoryBytes}`;
  mistakes.add({ code: 'too-much-memory', message, source, range });
  return [];
}
