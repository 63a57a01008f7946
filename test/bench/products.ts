/** MATMUL: tiles as the machine multiplies them, and large products with a packed factor. */
import { PLAIN_KERNELS } from '../../src/tensor/kernels/kernels.ts';
import { packFactor } from '../../src/tensor/packed.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import { blockedMatmul, columnsOf } from './blocked.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';
import { placed, random, requireSame } from './tiles.ts';

export type Size = readonly [m: number, k: number, n: number];

/** The plain loop takes seconds for products that are larger. */
const MOST_PLAIN_MACS = 1e7;

/** The limits are a third of what is typical. */
const TILE_SIZES: readonly (readonly [Size, number])[] = [
  [[16, 16, 16], 8],
  [[1, 16, 16], 4],
];
const LARGE_SIZES: readonly (readonly [Size, number | undefined])[] = [
  [[16, 288, 288], 8],
  [[1, 288, 768], 8],
  [[128, 768, 3072], undefined],
  [[512, 512, 512], undefined],
];

/** Rows for one product: against the plain loop, and against the best plain TypeScript of the same bits. */
function* rowsOf(
  [m, k, n]: Size,
  limit: number | undefined,
  fast: (out: Tile) => void,
  out: Tile,
  [a, b]: readonly [Tile, Tile],
): Generator<Row> {
  // prettier-ignore
  const columns = columnsOf(b);
  const [plainOut, blockedOut] = [makeTile(m, n), makeTile(m, n)];
  const mine = () => {
    fast(out);
  };
  const plain = () => {
    PLAIN_KERNELS.matmul(plainOut, a, b, false, undefined);
  };
  const blocked = () => {
    blockedMatmul(blockedOut, a, n, columns);
  };
  for (const run of [mine, blocked]) run();
  requireSame(out, blockedOut);
  const common = { name: `MATMUL ${m}×${k}×${n}`, mine, figure: rateOf(2 * m * k * n, 'flop') };
  if (m * k * n <= MOST_PLAIN_MACS) {
    plain();
    requireSame(out, plainOut);
    yield { ...common, other: { name: 'the plain loop', side: plain } };
  }
  yield {
    ...common,
    other: { name: 'TypeScript in blocks', side: blocked },
    ...(limit === undefined ? {} : { limit }),
  };
}

/** Products of tiles, as the machine does them; and large ones with a packed factor. */
export function* productRows(isShort: boolean): Generator<Row> {
  for (const [size, limit] of TILE_SIZES) {
    const [m, k, n] = size;
    const { kernels, out, operands } = placed(16, [random(m, k, 1), random(k, n, 2)]);
    const [left, right] = [operands[0]!, operands[1]!];
    const run = (result: Tile) => {
      kernels.matmul(result, left, right, false, undefined);
    };
    yield* rowsOf(size, limit, run, out, [left, right]);
  }
  for (const [size, limit] of LARGE_SIZES) {
    if (isShort && limit === undefined) continue;
    const [m, k, n] = size;
    const [a, b] = [random(m, k, 1), random(k, n, 2)];
    const { multiply } = packFactor(b);
    const run = (result: Tile) => {
      multiply(result, a);
    };
    yield* rowsOf(size, limit, run, makeTile(m, n), [a, b]);
  }
}
