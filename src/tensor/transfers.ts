/** LOAD and STORE: rows of memory in some element format, and rows of a tile. */

import type { ElementFormat, StoredArray } from './formats.ts';
import { ELEMENT_FORMATS, FORMATS } from './formats.ts';
import type { ConversionName } from './wasm/convert.ts';
import type { WasmKernels } from './wasm/module.ts';

/** Rows of a tile are dense; places and steps are bytes of one buffer, and fit the elements. */
export interface Transfer {
  /** Tile ← memory, decoded. */
  readonly load: (to: number, from: number, fromStep: number, rows: number, cols: number) => void;
  /** Memory ← tile, encoded. Rows are written in ascending order, and nothing but they. */
  readonly store: (to: number, toStep: number, from: number, rows: number, cols: number) => void;
}

export type Transfers = Readonly<Record<ElementFormat, Transfer>>;

const FLOAT_BYTES = 4;

const forEachFormat = (make: (format: ElementFormat) => Transfer): Transfers =>
  Object.fromEntries(ELEMENT_FORMATS.map((format) => [format, make(format)])) as Transfers;

/** Element by element: the definition. The buffer holds a whole number of words. */
export function plainTransfers(buffer: ArrayBuffer): Transfers {
  const words = new Int32Array(buffer);
  const floats = new Float32Array(buffer);
  return forEachFormat((format) => {
    // Words, not floats: what is copied may be an int32 accumulator.
    if (format === 'f32') return converting(words, words, FLOAT_BYTES, same, same);
    const { bytes, view, decode, encode } = FORMATS[format];
    const stored = view(buffer, 0, buffer.byteLength / bytes);
    return converting(stored, floats, bytes, decode, encode);
  });
}

const same = (bits: number): number => bits;

function converting(
  stored: StoredArray,
  tiles: StoredArray,
  bytes: number,
  decode: (stored: number) => number,
  encode: (value: number) => number,
): Transfer {
  return {
    load(to, from, fromStep, rows, cols) {
      for (let i = 0; i < rows; i++) {
        const source = (from + i * fromStep) / bytes;
        const target = to / FLOAT_BYTES + i * cols;
        for (let j = 0; j < cols; j++) tiles[target + j] = decode(stored[source + j]);
      }
    },
    store(to, toStep, from, rows, cols) {
      for (let i = 0; i < rows; i++) {
        const source = from / FLOAT_BYTES + i * cols;
        const target = (to + i * toStep) / bytes;
        for (let j = 0; j < cols; j++) stored[target + j] = encode(tiles[source + j]);
      }
    },
  };
}

/** The same bits from WebAssembly. What lies behind a tile in its last vector is overwritten by `load`. */
export function fastTransfers(wasm: WasmKernels): Transfers {
  const { copyRows } = wasm;
  return forEachFormat((format) => {
    if (format !== 'f32') return fastConverting(wasm, format);
    return {
      load(to, from, fromStep, rows, cols) {
        const rowBytes = cols * FLOAT_BYTES;
        copyRows(to, rowBytes, from, fromStep, rows, rowBytes);
      },
      store(to, toStep, from, rows, cols) {
        const rowBytes = cols * FLOAT_BYTES;
        copyRows(to, toStep, from, rowBytes, rows, rowBytes);
      },
    };
  });
}

function fastConverting(wasm: WasmKernels, format: Exclude<ElementFormat, 'f32'>): Transfer {
  const load = wasm[`load_${format}` satisfies ConversionName];
  const store = wasm[`store_${format}` satisfies ConversionName];
  return {
    load(to, from, fromStep, rows, cols) {
      load(to, from, fromStep, rows, cols * FLOAT_BYTES);
    },
    store(to, toStep, from, rows, cols) {
      store(to, toStep, from, rows, cols * FLOAT_BYTES);
    },
  };
}
