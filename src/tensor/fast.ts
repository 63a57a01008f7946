/** The fast kernels: they check and shape as the plain ones do, and hand byte addresses to WebAssembly. */

import { shapeBroadcast } from './kernels/elementwise.ts';
import type { Kernels } from './kernels/kernels.ts';
import { shapeProduct } from './kernels/matmul.ts';
import { requireShape, shapeOut } from './kernels/out.ts';
import type { PlacedTile, Tile } from './tile.ts';
import type { BinaryName } from './wasm/elementwise.ts';
import type { WasmKernels } from './wasm/module.ts';

const FLOAT_BYTES = 4;

/** Byte address of a tile in the memory of the kernels; throws for a tile that lies elsewhere. */
function at(tile: Tile): number {
  const { address } = tile as Partial<PlacedTile>;
  if (address === undefined) throw new Error('invariant: a fast kernel got a tile from elsewhere');
  return address;
}

/**
 * Kernels for tiles that all lie in one WebAssembly memory, each with a multiple of 64 bytes to itself.
 * `scratch` is the address of `scratchBytes(edge)` bytes for tiles of up to edge × edge.
 */
export function fastKernels(wasm: WasmKernels, scratch: number): Kernels {
  return {
    matmul: fastMatmul(wasm, scratch),
    add: fastBinary(wasm, 'add'),
    sub: fastBinary(wasm, 'sub'),
    mul: fastBinary(wasm, 'mul'),
    div: fastBinary(wasm, 'div'),
    max: fastBinary(wasm, 'max'),
    min: fastBinary(wasm, 'min'),
    exp: fastUnary(wasm.exp),
    relu: fastUnary(wasm.relu),
    sqrt: fastUnary(wasm.sqrt),
    rowSum: fastReduction(wasm.rowSum, scratch),
    rowMax: fastReduction(wasm.rowMax, scratch),
    ...fastRows(wasm, scratch),
  };
}

/** What the kernels need beside the tiles: a transposed factor, or one row with its padding. */
export function scratchBytes(edge: number): number {
  return (edge + LARGEST_PADDING) * edge * FLOAT_BYTES + LARGEST_PADDING * FLOAT_BYTES;
}

const LARGEST_PADDING = 16;

function fastMatmul(wasm: WasmKernels, scratch: number): Kernels['matmul'] {
  return (out, a, b, transposeB, accumulator) => {
    const cols = shapeProduct(out, a, b, transposeB, accumulator);
    if (transposeB) wasm.transpose(scratch, at(b), cols, a.cols);
    const factor = transposeB ? scratch : at(b);
    const stride = cols * FLOAT_BYTES;
    const start = accumulator ? at(accumulator) : 0;
    wasm.matmul(at(out), at(a), factor, start, a.rows, a.cols, cols, stride, stride);
  };
}

/** An operand of one column is repeated inside a row; when both have one column, a row is one element. */
function fastBinary(wasm: WasmKernels, name: BinaryName): Kernels[BinaryName] {
  const each = wasm[name];
  const repeatA = wasm[`${name}RepeatA`];
  const repeatB = wasm[`${name}RepeatB`];
  return (out, a, b) => {
    shapeBroadcast(out, a, b);
    const { rows, cols } = out;
    if (a.rows === b.rows && a.cols === b.cols) {
      each(at(out), at(a), at(b), 1, rows * cols * FLOAT_BYTES, 0, 0);
      return;
    }
    const run = a.cols === b.cols ? each : a.cols === 1 ? repeatA : repeatB;
    run(at(out), at(a), at(b), rows, cols * FLOAT_BYTES, stepOf(a), stepOf(b));
  };
}

/** Bytes from row to row: 0 where there is but one. */
function stepOf({ rows, cols }: Tile): number {
  return rows === 1 ? 0 : cols * FLOAT_BYTES;
}

function fastUnary(run: WasmKernels['exp']): Kernels['exp'] {
  return (out, s) => {
    shapeOut(out, s.rows, s.cols, s);
    run(at(out), at(s), s.rows * s.cols * FLOAT_BYTES);
  };
}

function fastReduction(run: WasmKernels['rowSum'], scratch: number): Kernels['rowSum'] {
  return (out, s) => {
    shapeOut(out, s.rows, 1, s);
    run(at(out), at(s), s.rows, s.cols * FLOAT_BYTES, scratch);
  };
}

function fastRows(
  wasm: WasmKernels,
  scratch: number,
): Pick<Kernels, 'softmax' | 'normLayer' | 'normRms'> {
  return {
    softmax(out, s, scale, causalOffset) {
      shapeOut(out, s.rows, s.cols, s);
      const { rows, cols } = s;
      // Far outside, the offset changes nothing; kept near, it is an int32.
      const visible =
        causalOffset === undefined ? cols : Math.min(Math.max(causalOffset + 1, -rows), cols);
      const step = causalOffset === undefined ? 0 : 1;
      wasm.softmax(at(out), at(s), rows, cols * FLOAT_BYTES, scale, visible, step, scratch);
    },
    normLayer(out, s, gain, bias, eps) {
      requireShape(gain, 1, s.cols, 'the gain');
      requireShape(bias, 1, s.cols, 'the bias');
      shapeOut(out, s.rows, s.cols, s, gain, bias);
      const bytes = s.cols * FLOAT_BYTES;
      wasm.normLayer(at(out), at(s), at(gain), at(bias), s.rows, bytes, eps, scratch);
    },
    normRms(out, s, gain, eps) {
      requireShape(gain, 1, s.cols, 'the gain');
      shapeOut(out, s.rows, s.cols, s, gain);
      wasm.normRms(at(out), at(s), at(gain), s.rows, s.cols * FLOAT_BYTES, eps, scratch);
    },
  };
}
