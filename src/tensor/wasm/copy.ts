/** LOAD and STORE in SIMD: rows copied bit for bit between memory and a tile. */

import { advance, defineFunction, get, integers, repeat } from './assembler.ts';
import { overExactBytes } from './loops.ts';
import { i32 } from './operations.ts';

/** `copyRows(to, toStep, from, fromStep, rows, rowBytes)`: rows in ascending order, and nothing beyond them. */
export const copyRowsFunction = defineFunction(
  'copyRows',
  integers('to', 'toStep', 'from', 'fromStep', 'rows', 'rowBytes'),
  ({ to, toStep, from, fromStep, rows, rowBytes }, declare) => {
    const at = declare('i32');
    const [source, target] = [i32.add(get(from), get(at)), i32.add(get(to), get(at))];
    const row = overExactBytes(at, rowBytes, declare, ({ load, store }) =>
      store(target, load(source)),
    );
    return repeat(rows, row, advance(to, get(toStep)), advance(from, get(fromStep)));
  },
);
