/** Large products: a factor packed once into panels, then multiplied by as many matrices as one likes. */

import { matmul } from './kernels/matmul.ts';
import { requireShape, shapeOut } from './kernels/out.ts';
import type { Tile } from './tile.ts';
import type { WasmSpace } from './wasm/module.ts';
import { createSpace } from './wasm/module.ts';

const FLOAT_BYTES = 4;

/** Columns of a panel: a row of it is one cache line, and the rows lie one behind the other. */
const PANEL_COLUMNS = 16;

/** Rows that are multiplied at once; more gain nothing, and their room would grow without end. */
const MOST_ROWS = 128;

/** Place 0 means "no accumulator", so the panels begin behind it; a cache line keeps them aligned. */
const PANELS_AT = 64;

/** A right factor that is ready to be multiplied. */
export interface PackedFactor {
  readonly rows: number;
  readonly cols: number;
  /** out (m×cols) ← a (m×rows) · the factor, with the bits of the plain kernel; matrices of any size, anywhere. */
  readonly multiply: (out: Tile, a: Tile) => void;
}

/** Packs b (k×n), which is copied; without WebAssembly the plain kernel multiplies. */
export function packFactor(b: Tile): PackedFactor {
  const layout = layoutOf(b);
  const space = createSpace(layout.bytes);
  const { rows, cols } = b;
  if (!space) {
    const factor: Tile = { rows, cols, data: b.data.slice(0, rows * cols) };
    return { rows, cols, multiply: (out, a) => matmul(out, a, factor, false, undefined) };
  }
  const panels = new Float32Array(space.buffer, PANELS_AT, layout.columns * rows);
  for (let j = 0; j < cols; j++) {
    const first = (j - (j % PANEL_COLUMNS)) * rows + (j % PANEL_COLUMNS);
    for (let k = 0; k < rows; k++) panels[first + k * PANEL_COLUMNS] = b.data[k * cols + j];
  }
  return { rows, cols, multiply: multiplier(space, layout, b) };
}

interface Layout {
  /** Columns of all panels, the last one filled up with zeros. */
  readonly columns: number;
  readonly leftAt: number;
  readonly resultAt: number;
  readonly bytes: number;
}

/** Panels, then some rows of the left factor, then as many of the result. */
function layoutOf({ rows, cols }: Tile): Layout {
  const columns = Math.ceil(cols / PANEL_COLUMNS) * PANEL_COLUMNS;
  const leftAt = PANELS_AT + columns * rows * FLOAT_BYTES;
  const resultAt = leftAt + MOST_ROWS * rows * FLOAT_BYTES;
  return { columns, leftAt, resultAt, bytes: resultAt + MOST_ROWS * columns * FLOAT_BYTES };
}

function multiplier(
  { buffer, kernels }: WasmSpace,
  { columns, leftAt, resultAt }: Layout,
  { rows: depth, cols }: Tile,
): PackedFactor['multiply'] {
  const left = new Float32Array(buffer, leftAt, MOST_ROWS * depth);
  const result = new Float32Array(buffer, resultAt, MOST_ROWS * columns);
  const panelBytes = PANEL_COLUMNS * FLOAT_BYTES;
  return (out, a) => {
    requireShape(a, a.rows, depth, 'the left factor');
    shapeOut(out, a.rows, cols, a);
    for (let from = 0; from < a.rows; from += MOST_ROWS) {
      const rows = Math.min(MOST_ROWS, a.rows - from);
      left.set(a.data.subarray(from * depth, (from + rows) * depth));
      for (let j = 0; j < columns; j += PANEL_COLUMNS) {
        const panel = PANELS_AT + j * depth * FLOAT_BYTES;
        const to = resultAt + j * FLOAT_BYTES;
        kernels.matmul(to, leftAt, panel, 0, rows, depth, PANEL_COLUMNS, columns * FLOAT_BYTES, panelBytes); // prettier-ignore
      }
      for (let i = 0; i < rows; i++) {
        out.data.set(result.subarray(i * columns, i * columns + cols), (from + i) * cols);
      }
    }
  };
}
