/** One number for the bits of each kernel's results: what a host computes, short enough to compare hosts by. */
import type { ElementFormat } from '../../../src/tensor/formats.ts';
import { ELEMENT_FORMATS, FORMATS } from '../../../src/tensor/formats.ts';
import type { Kernels } from '../../../src/tensor/kernels/kernels.ts';
import { PLAIN_KERNELS } from '../../../src/tensor/kernels/kernels.ts';
import { standardNormal } from '../../../src/tensor/random.ts';
import type { Storage } from '../../../src/tensor/storage.ts';
import { createStorage } from '../../../src/tensor/storage.ts';
import type { PlacedTile, Tile } from '../../../src/tensor/tile.ts';
import { bitsOf } from '../../../src/tensor/tile.ts';

const EDGE = 48;
const MEMORY_BYTES = 4 * EDGE * EDGE;
const SHAPES = [
  [1, 1],
  [1, 16],
  [3, 7],
  [16, 16],
  [33, 46],
] as const;

/** Every so many numbers, one of these: their bits are where hosts could differ. */
const EDGES = [NaN, Infinity, -Infinity, 0, -0, 2 ** -149, -(2 ** -130), 3e38, -88, 0.46875, 127.5];
const EDGE_EVERY = 13;

const UNARY = [
  ...(['exp', 'relu', 'sqrt', 'trunc', 'sigmoid', 'tanh', 'rsqrt', 'log', 'erf'] as const),
  ...(['silu', 'geluErf', 'geluTanh', 'rowSum', 'rowMax', 'transpose'] as const),
];
const BINARY = ['add', 'sub', 'mul', 'div', 'max', 'min', 'less', 'equal', 'pow'] as const;

type Run = (kernels: Kernels, out: Tile, tiles: readonly PlacedTile[]) => void;

/** A run of every kernel; `shaped` gives an operand its shape. */
const RUNS: Readonly<Record<string, Run>> = {
  ...Object.fromEntries(
    UNARY.map((name): [string, Run] => [
      name,
      (kernels, out, [s]) => {
        kernels[name](out, s);
      },
    ]),
  ),
  ...Object.fromEntries(
    BINARY.map((name): [string, Run] => [
      name,
      (kernels, out, [a, b]) => {
        kernels[name](out, a, shaped(b, 1, a.cols));
      },
    ]),
  ),
  matmul: (kernels, out, [a, b]) => {
    kernels.matmul(out, a, shaped(b, a.cols, EDGE - 1), false, undefined);
  },
  'matmul.T': (kernels, out, [a, b, c]) => {
    kernels.matmul(out, a, shaped(b, EDGE - 1, a.cols), true, shaped(c, a.rows, EDGE - 1));
  },
  softmax: (kernels, out, [s]) => {
    kernels.softmax(out, s, 0.25, 2);
  },
  normLayer: (kernels, out, [s, gain, bias]) => {
    kernels.normLayer(out, s, shaped(gain, 1, s.cols), shaped(bias, 1, s.cols), 1e-5);
  },
  normRms: (kernels, out, [s, gain]) => {
    kernels.normRms(out, s, shaped(gain, 1, s.cols), 1e-5);
  },
  rope: (kernels, out, [s, cos, sin]) => {
    const half = Math.ceil(s.cols / 2);
    const turned = shaped(s, s.rows, 2 * half);
    kernels.rope(out, turned, shaped(cos, s.rows, half), shaped(sin, s.rows, half), half > 4);
  },
  select: (kernels, out, [c, a, b]) => {
    kernels.select(out, c, shaped(a, c.rows, 1), shaped(b, 1, 1));
  },
  int8: (kernels, out, [s, scale, b, c]) => {
    kernels.quant(c, s, shaped(scale, 1, 1));
    kernels.quant(out, shaped(b, s.cols, EDGE), scale);
    shaped(b, s.cols, EDGE).data.set(out.data);
    kernels.matmulInt8(out, c, b, false, undefined);
    bitsOf(c).set(bitsOf(out));
    kernels.dequant(out, shaped(c, s.rows, EDGE), scale, scale);
  },
};

function shaped(tile: PlacedTile, rows: number, cols: number): PlacedTile {
  tile.rows = rows;
  tile.cols = cols;
  return tile;
}

/** FNV-1a over words, all NaN being one. */
function digest(words: Int32Array, hash = 0x811c9dc5): number {
  const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
  return words.reduce(
    (sum, word, i) => Math.imul(sum ^ (Number.isNaN(floats[i]) ? 0x7fc00000 : word), 0x01000193),
    hash,
  );
}

function fill(tiles: readonly PlacedTile[], rows: number, cols: number): void {
  tiles.forEach((tile, seed) => {
    shaped(tile, rows, cols);
    for (let i = 0; i < tile.data.length; i++) {
      const isEdge = i % EDGE_EVERY === seed;
      tile.data[i] = isEdge ? EDGES[i % EDGES.length] : 4 * standardNormal(seed + 1, i);
    }
  });
}

function kernelDigest({ kernels, tiles }: Storage, run: Run): number {
  const [out, ...operands] = tiles;
  return SHAPES.reduce((hash, [rows, cols]) => {
    fill(operands, rows, cols);
    run(kernels, out, operands);
    return digest(bitsOf(out).slice(0, out.rows * out.cols), hash);
  }, 0);
}

/** A tile stored and loaded again: both the memory and the tile count. */
function transferDigest({ buffer, transfers, tiles }: Storage, format: ElementFormat): number {
  const [out, ...operands] = tiles;
  const { load, store } = transfers[format];
  return SHAPES.reduce((hash, [rows, cols]) => {
    new Int32Array(buffer, 0, MEMORY_BYTES / 4).fill(0);
    fill(operands, rows, cols);
    const step = (cols + 1) * FORMATS[format].bytes;
    store(0, step, operands[0].address, rows, cols);
    load(out.address, 0, step, rows, cols);
    const memory = digest(new Int32Array(buffer, 0, MEMORY_BYTES / 4).slice(), hash);
    return digest(bitsOf(out).slice(0, rows * cols), memory);
  }, 0);
}

export interface Digests {
  /** Whether the host runs the fast kernels. */
  readonly isFast: boolean;
  readonly digests: Readonly<Record<string, number>>;
}

/** Of all kernels and transfers of this host. */
export function hostDigests(isPlain = false): Digests {
  const size = { memoryBytes: MEMORY_BYTES, tiles: 5, edge: EDGE };
  const storage = createStorage(size, isPlain);
  const kernels = Object.entries(RUNS).map(([name, run]) => [name, kernelDigest(storage, run)]);
  const transfers = ELEMENT_FORMATS.map((f) => [`transfer ${f}`, transferDigest(storage, f)]);
  return {
    isFast: storage.kernels !== PLAIN_KERNELS,
    digests: Object.fromEntries([...kernels, ...transfers]) as Record<string, number>,
  };
}
