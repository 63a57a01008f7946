/** The fast kernels: they check and shape as the plain ones do, and hand byte addresses to WebAssembly. */

import { shapeBroadcast, shapeSelect } from './kernels/elementwise.ts';
import type { Kernels } from './kernels/kernels.ts';
import { shapeRope } from './kernels/layout.ts';
import { shapeProduct } from './kernels/matmul.ts';
import { requireShape, shapeOut } from './kernels/out.ts';
import { firstNotInt8, matmulInt8, shapeDequant, shapeQuant } from './kernels/quantized.ts';
import type { PlacedTile, Tile } from './tile.ts';
import type { ActivationName } from './wasm/activations.ts';
import type { BinaryName, UnaryName } from './wasm/elementwise.ts';
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
  const matmul = fastMatmul(wasm, scratch);
  return {
    matmul,
    ...fastUnaries(wasm),
    ...fastBinaries(wasm),
    rowSum: fastReduction(wasm.rowSum, scratch),
    rowMax: fastReduction(wasm.rowMax, scratch),
    ...fastRows(wasm, scratch),
    ...fastLayout(wasm),
    ...fastQuantized(wasm, matmul),
  };
}

/** What the kernels need beside the tiles: a transposed factor, or one row with its padding. */
export function scratchBytes(edge: number): number {
  return (edge + LARGEST_PADDING) * edge * FLOAT_BYTES + LARGEST_PADDING * FLOAT_BYTES;
}

const LARGEST_PADDING = 16;

/** Bytes of the elements of a tile. */
const bytesOf = ({ rows, cols }: Tile): number => rows * cols * FLOAT_BYTES;

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

const UNARY_NAMES = [
  ...(['exp', 'relu', 'sqrt', 'trunc'] as const satisfies UnaryName[]),
  ...(['sigmoid', 'tanh', 'rsqrt', 'log'] as const satisfies ActivationName[]),
  ...(['erf', 'silu', 'geluErf', 'geluTanh'] as const satisfies ActivationName[]),
] as const;

/** Each is a function of its own, and not one that is given what to call: a machine calls many kinds in turn. */
function fastUnaries(wasm: WasmKernels): Pick<Kernels, UnaryName | ActivationName> {
  const fast =
    (run: WasmKernels[UnaryName]): Kernels[UnaryName] =>
    (out, s) => {
      shapeOut(out, s.rows, s.cols, s);
      run(at(out), at(s), bytesOf(s));
    };
  const entries = UNARY_NAMES.map((name) => [name, fast(wasm[name])]);
  return Object.fromEntries(entries) as Pick<Kernels, UnaryName | ActivationName>;
}

const BINARY_NAMES = ['add', 'sub', 'mul', 'div', 'max', 'min', 'less', 'equal'] as const;

function fastBinaries(wasm: WasmKernels): Pick<Kernels, BinaryName> {
  const entries = BINARY_NAMES.map((name) => [name, fastBinary(wasm, name)]);
  return Object.fromEntries(entries) as Pick<Kernels, BinaryName>;
}

/** An operand of one column is repeated inside a row; when both have one column, a row is one element. */
function fastBinary(wasm: WasmKernels, name: BinaryName): Kernels[BinaryName] {
  const each = wasm[`${name}0`];
  const repeatA = wasm[`${name}1`];
  const repeatB = wasm[`${name}2`];
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

const ANY_OF_THREE = [0, 1, 2, 3, 4, 5, 6, 7] as const;

function fastLayout(wasm: WasmKernels): Pick<Kernels, 'transpose' | 'rope' | 'select'> {
  const selects = ANY_OF_THREE.map((repeated) => wasm[`select${repeated}`]);
  return {
    transpose(out, s) {
      shapeOut(out, s.cols, s.rows, s);
      wasm.transpose(at(out), at(s), s.rows, s.cols);
    },
    rope(out, s, cos, sin, interleaved) {
      shapeRope(out, s, cos, sin);
      const run = interleaved ? wasm.ropePairs : wasm.rope;
      const halfBytes = (s.cols / 2) * FLOAT_BYTES;
      run(at(out), at(s), at(cos), at(sin), s.rows, halfBytes, stepOf(cos));
    },
    select(out, c, a, b) {
      shapeSelect(out, c, a, b);
      const bit = (tile: Tile, value: number) => (tile.cols === 1 ? value : 0);
      const run = selects[bit(c, 1) + bit(a, 2) + bit(b, 4)];
      const rowBytes = out.cols * FLOAT_BYTES;
      run(at(out), at(c), at(a), at(b), out.rows, rowBytes, stepOf(c), stepOf(a), stepOf(b));
    },
  };
}

/** Products of int8 and their sums are float32 integers as long as there are at most 2^10 of them: 2^10 · 2^14 = 2^24. */
const MOST_EXACT_PRODUCTS = 2 ** 10;

function fastQuantized(
  wasm: WasmKernels,
  matmul: Kernels['matmul'],
): Pick<Kernels, 'firstNotInt8' | 'matmulInt8' | 'quant' | 'dequant'> {
  return {
    firstNotInt8: (tile) =>
      wasm.hasNotInt8(at(tile), bytesOf(tile)) === 0 ? undefined : firstNotInt8(tile),
    matmulInt8(out, a, b, transposeB, accumulator) {
      const isPlain = a.cols > MOST_EXACT_PRODUCTS || accumulator?.data === out.data;
      if (isPlain) return matmulInt8(out, a, b, transposeB, accumulator);
      if (accumulator) requireShape(accumulator, a.rows, transposeB ? b.rows : b.cols, 'the accumulator'); // prettier-ignore
      matmul(out, a, b, transposeB, undefined);
      if (!accumulator) {
        wasm.toInt32(at(out), bytesOf(out));
        return undefined;
      }
      const overflow = wasm.addInt32(at(out), at(accumulator), bytesOf(out));
      return overflow === 0 ? undefined : matmulInt8(out, a, b, transposeB, accumulator);
    },
    quant(out, s, rowScale) {
      shapeQuant(out, s, rowScale);
      const step = rowScale.rows === 1 ? 0 : FLOAT_BYTES;
      const rowBytes = s.cols * FLOAT_BYTES;
      wasm.quant2(at(out), at(s), at(rowScale), s.rows, rowBytes, rowBytes, step);
    },
    dequant(out, s, rowScale, colScale) {
      shapeDequant(out, s, rowScale, colScale);
      const run = colScale.cols === 1 ? wasm.dequant6 : wasm.dequant2;
      const step = rowScale.rows === 1 ? 0 : FLOAT_BYTES;
      const rowBytes = s.cols * FLOAT_BYTES;
      run(at(out), at(s), at(rowScale), at(colScale), s.rows, rowBytes, rowBytes, step, 0);
    },
  };
}
