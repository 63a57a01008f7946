/** The fast kernels against the plain loops, and products also against the best plain TypeScript of the same bits. */
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import { packFactor } from '../../src/tensor/packed.ts';
import { standardNormal } from '../../src/tensor/random.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import { blockedMatmul, columnsOf } from './blocked.ts';
import { medianOf, ratioOf, takeTurns } from './measure.ts';

/** One piece of a timing does this many multiply-adds, or one product where that is more. */
const PIECE_MACS = 4e6;
const PIECE_CALLS = 5000;

/** Products of tiles, as the machine does them; and large ones with a packed factor. */
const TILE_SIZES = [
  [16, 16, 16],
  [1, 16, 16],
] as const;
const LARGE_SIZES = [
  [16, 288, 288],
  [1, 288, 768],
  [128, 768, 3072],
  [512, 512, 512],
] as const;

type Size = readonly [m: number, k: number, n: number];

function random(rows: number, cols: number): Tile {
  return { rows, cols, data: makeTile(rows, cols).data.map((_, i) => standardNormal(7, i)) };
}

/** Three tiles in the storage of a machine: a result and two operands with the given content. */
function placed(edge: number, a: Tile, b: Tile) {
  const { kernels, tiles } = createStorage({ memoryBytes: 64, tiles: 3, edge });
  const [out, left, right] = tiles;
  for (const [tile, { rows, cols, data }] of [
    [left, a],
    [right, b],
  ] as const) {
    tile.rows = rows;
    tile.cols = cols;
    tile.data.set(data);
  }
  return { kernels, out, left, right };
}

function compareProducts([m, k, n]: Size, fast: (out: Tile) => void, out: Tile, a: Tile, b: Tile) {
  const columns = columnsOf(b);
  const [plainOut, blockedOut] = [makeTile(m, n), makeTile(m, n)];
  const runs = [
    () => {
      fast(out);
    },
    () => {
      PLAIN_KERNELS.matmul(plainOut, a, b, false, undefined);
    },
    () => {
      blockedMatmul(blockedOut, a, n, columns);
    },
  ];
  const times = Math.max(1, Math.round(PIECE_MACS / (m * k * n)));
  const [mine, plain, blocked] = takeTurns(runs, times) as [number[], number[], number[]];
  for (const other of [plainOut, blockedOut]) requireSame(out, other);
  const speed = ((2 * m * k * n) / medianOf(mine)).toFixed(1);
  console.log(
    `MATMUL ${m}×${k}×${n}: ${speed} GFLOP/s, ${ratioOf(plain, mine)} the plain loop, ` +
      `${ratioOf(blocked, mine)} plain TypeScript in blocks`,
  );
}

function requireSame(x: Tile, y: Tile): void {
  const count = x.rows * x.cols;
  const bits = ({ data }: Tile) => Buffer.from(Float32Array.from(data.subarray(0, count)).buffer);
  if (!bits(x).equals(bits(y))) throw new Error('invariant: kernels differ');
}

const OTHERS: Readonly<Record<string, (kernels: Kernels, out: Tile, a: Tile, b: Tile) => void>> = {
  ADD: ({ add }, out, a, b) => {
    add(out, a, b);
  },
  EXP: ({ exp }, out, a) => {
    exp(out, a);
  },
  SOFTMAX: ({ softmax }, out, a) => {
    softmax(out, a, 0.25, 0);
  },
  ROWSUM: ({ rowSum }, out, a) => {
    rowSum(out, a);
  },
};

/** Prints how fast kernels are, and how many times faster than others in the same round. */
export function benchKernels(): void {
  for (const size of TILE_SIZES) {
    const [m, k, n] = size;
    const { kernels, out, left, right } = placed(16, random(m, k), random(k, n));
    const run = (result: Tile) => {
      kernels.matmul(result, left, right, false, undefined);
    };
    compareProducts(size, run, out, left, right);
  }
  for (const size of LARGE_SIZES) {
    const [m, k, n] = size;
    const [a, b] = [random(m, k), random(k, n)];
    const { multiply } = packFactor(b);
    const run = (result: Tile) => {
      multiply(result, a);
    };
    compareProducts(size, run, makeTile(m, n), a, b);
  }
  for (const [name, run] of Object.entries(OTHERS)) benchOther(name, run);
}

function benchOther(name: string, run: (typeof OTHERS)[string]): void {
  const [a, b, plainOut] = [random(16, 16), random(16, 16), makeTile(16, 16)];
  const { kernels, out, left, right } = placed(16, a, b);
  const runs = [
    () => {
      run(kernels, out, left, right);
    },
    () => {
      run(PLAIN_KERNELS, plainOut, a, b);
    },
  ];
  const [mine, plain] = takeTurns(runs, PIECE_CALLS) as [number[], number[]];
  requireSame(out, plainOut);
  const time = medianOf(mine).toFixed(0);
  console.log(`${name} 16×16: ${time} ns, ${ratioOf(plain, mine)} the plain loop`);
}
