/** Lighter weights: what the comparison says is what the weights and the runs are. */
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../src/inference/build.ts';
import { infer } from '../../src/inference/infer.ts';
import type { Variant } from '../../src/inference/lighter.ts';
import { compareVariants, variantsOf } from '../../src/inference/lighter.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import { fillNormal } from '../../src/tensor/random.ts';

/** Each way to keep the weights that is compared. */
const WAYS = [{ narrow: 'f16' }, { quantize: 'int8' }, { prune: 0.5 }] as const;

const ROWS = 5;
const [INNER, OUT] = [40, 24];

function normals(count: number, seed: number): Float32Array {
  const data = new Float32Array(count);
  fillNormal(data, 0, 1, seed);
  return data;
}

function linear() {
  const builder = new GraphBuilder('linear');
  const x = builder.input('x', 'f32', [ROWS, INNER]);
  const w = builder.constant('w', 'f32', [INNER, OUT], normals(INNER * OUT, 1));
  const y = builder.add('linear', [x, w], {}, { name: 'y' });
  return builder.finish([y]);
}

function rowsFor(variants: readonly Variant[]) {
  const graph = linear();
  const data = normals(ROWS * INNER, 2);
  const inputs = new Map([['x', { dtype: 'f32', shape: [ROWS, INNER], data } as const]]);
  const machine = findPreset('gemmini16')!;
  return compareVariants(variants, (lighter) => {
    const build = buildGraph(graph, { level: 1, tile: 16, ...lighter });
    const { run, outputs } = infer(graph, build, machine, inputs);
    return { build, report: run.report, results: outputs[0]!.tensor.data as Float32Array };
  });
}

describe('lighter weights', () => {
  it('name what was asked for, the published weights first', () => {
    const names = variantsOf([{ narrow: 'bf16' }, ...WAYS]).map(({ name }) => name);
    expect(names).toEqual(['as published', 'bf16', 'f16', 'int8', '50 % of tiles pruned']);
    expect(variantsOf([])).toHaveLength(1);
  });

  it('count bytes as memory keeps them', () => {
    const [published, half, int8, pruned] = rowsFor(variantsOf(WAYS));
    expect(half!.weightBytes).toBe(INNER * OUT * 2);
    expect(published!.weightBytes).toBe(INNER * OUT * 4);
    // 3 × 2 tiles of 16 × 16 bytes, and a float32 scale for each output.
    expect(int8!.weightBytes).toBe(6 * 256 + OUT * 4);
    // 3 of 6 tiles are left, with 2 + 1 places where columns begin and 3 numbers of tiles.
    expect(pruned!.weightBytes).toBe(3 * 256 * 4 + (2 + 1) * 4 + 3 * 4);
  });

  it('say how far results are from the published ones', () => {
    const [published, half, int8, pruned] = rowsFor(variantsOf(WAYS));
    expect(published).toMatchObject({ error: 0, relativeError: 0 });
    // Products of 11 bits are off by 2⁻¹¹ at most; their sums by less than their number of that.
    expect(half!.relativeError).toBeGreaterThan(0);
    expect(half!.relativeError).toBeLessThan(INNER * 2 ** -11);
    expect(half!.relativeError).toBeLessThan(int8!.relativeError);
    // Two roundings of at most half a step of 1/127 of the largest factor, over 40 products.
    expect(int8!.relativeError).toBeGreaterThan(0);
    expect(int8!.relativeError).toBeLessThan(0.05);
    expect(pruned!.relativeError).toBeGreaterThan(0.05);
  });

  it('change nothing where no tile is small enough a share to drop', () => {
    const [, pruned] = rowsFor(variantsOf([{ prune: 0.01 }]));
    expect(pruned!.error).toBe(0);
  });
});
