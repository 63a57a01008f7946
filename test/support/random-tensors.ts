/** Random shapes, broadcasts of them, and values, for tests of kernels. */
import fc from 'fast-check';
import type { ElementType, TensorType } from '../../src/model/graph.ts';
import { elementCount } from '../../src/tensor/host-tensor.ts';
import { uniform01 } from '../../src/tensor/random.ts';

export type Shape = readonly number[];

/** A fixed seed, and enough runs for the rare cases; each assembles and runs programs. */
export const RUNS = { numRuns: 300, seed: 20260917 } as const;

/** A tile of 4 makes small shapes ragged; 16 is what compiled programs have. */
export const edge = fc.constantFrom(4, 4, 16);

/** Sizes from 1 to 40, fewer where there are many: at most `limit` elements. */
export function shapeOf(
  limit = 1500,
  rank: { minLength: number; maxLength: number } = { minLength: 0, maxLength: 5 },
): fc.Arbitrary<Shape> {
  return fc.array(fc.tuple(fc.boolean(), fc.nat(39)), rank).map((sizes) =>
    sizes.reduce<Shape>((shape, [isLong, size]) => {
      const room = Math.max(1, Math.floor(limit / elementCount(shape)));
      return [...shape, 1 + (size % Math.min(isLong ? 40 : 4, room))];
    }, []),
  );
}

/** A shape that broadcasts to this one: some leading dimensions gone, some others 1. */
export function broadcastOf(shape: Shape): fc.Arbitrary<Shape> {
  const isOne = fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length });
  const gone = fc.oneof(fc.constant(0), fc.nat(shape.length));
  const some = fc
    .tuple(gone, isOne)
    .map(([from, ones]) => shape.map((dim, i) => (ones[i] ? 1 : dim)).slice(from));
  return fc.oneof(fc.constant(shape), some);
}

const AWKWARD = [0, -0, 1, -1, Infinity, -Infinity, NaN, 2 ** -149, 3.4028234663852886e38];
const DRAWS = 1 << 20;

/** Evenly between −4 and 4, as float32; integers of 32 bits, small and large; truth values. */
export function valuesOf(
  { dtype, shape }: { readonly dtype: ElementType; readonly shape: TensorType['shape'] },
  seed: number,
  options: { readonly awkward?: boolean } = {},
): readonly number[] {
  return Array.from({ length: elementCount(shape as Shape) }, (_, i) => {
    const u = uniform01(seed, i);
    if (dtype === 'bool') return u < 0.5 ? 0 : 1;
    if (dtype === 'i32') return Math.trunc((u - 0.5) * (u < 0.25 ? 2 ** 32 : 40)) + 0;
    if (options.awkward && u < 0.2) return AWKWARD[Math.floor(u * DRAWS) % AWKWARD.length]!;
    return Math.fround((u - 0.5) * 8);
  });
}
