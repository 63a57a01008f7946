/** Finds the symbol behind an address. */
import type { DataSymbol } from './program.ts';
import { symbolBytes } from './program.ts';

/** The symbol whose bytes include `address`; the symbols ascend and do not overlap. */
export function symbolAt(symbols: readonly DataSymbol[], address: number): DataSymbol | undefined {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle].address <= address) low = middle + 1;
    else high = middle;
  }
  const symbol = symbols[low - 1] as DataSymbol | undefined;
  return symbol && address < symbol.address + symbolBytes(symbol) ? symbol : undefined;
}
