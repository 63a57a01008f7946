/** Kernels as they are written: integers with terms, loops in pieces, and operands by their kind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill } from '../../isa/instructions/fill.ts';
import type { Affine, Variable } from '../../src/compiler/kernel/affine.ts';
import { affine, plus, substitute, times } from '../../src/compiler/kernel/affine.ts';
import { KernelBuilder, placeIn } from '../../src/compiler/kernel/builder.ts';
import { accessOf, operations, readTiles, writtenTile } from '../../src/compiler/kernel/kernel.ts';

const RUNS = { numRuns: 300, seed: 20260926 } as const;

const variables: readonly Variable[] = ['i', 'j', 'k'].map((name) => ({
  name,
  register: undefined,
}));
const small = fc.integer({ min: -9, max: 9 });
const sums: fc.Arbitrary<Affine> = fc
  .tuple(small, small, small, small)
  .map(([constant, ...factors]) =>
    factors.reduce((sum, factor, i) => plus(sum, times(variables[i]!, factor)), affine(constant)),
  );

/** The value where the variables have these. */
const valueOf = ({ constant, terms }: Affine, at: readonly number[]) =>
  terms.reduce((sum, t) => sum + t.coefficient * at[variables.indexOf(t.variable)]!, constant);

describe('an integer with terms', () => {
  it('is added, multiplied and substituted as numbers are', () => {
    const values = fc.tuple(small, small, small);
    fc.assert(
      fc.property(sums, sums, small, values, (a, b, factor, at) => {
        expect(valueOf(plus(a, b), at)).toBe(valueOf(a, at) + valueOf(b, at));
        expect(valueOf(times(a, factor), at)).toBe(valueOf(a, at) * factor + 0);
        const [, ...rest] = at;
        const replaced = substitute(a, variables[0]!, { ...b, terms: b.terms.filter((t) => t.variable !== variables[0]) }); // prettier-ignore
        const inner = valueOf({ ...b, terms: b.terms.filter((t) => t.variable !== variables[0]) }, at); // prettier-ignore
        expect(valueOf(replaced, at)).toBe(valueOf(a, [inner, ...rest]));
      }),
      RUNS,
    );
  });

  it('has each variable once, and none without a coefficient', () => {
    fc.assert(
      fc.property(sums, sums, (a, b) => {
        const { terms } = plus(a, b);
        expect(new Set(terms.map(({ variable }) => variable)).size).toBe(terms.length);
        expect(terms.every(({ coefficient }) => coefficient !== 0)).toBe(true);
        expect(plus(a, times(a, -1))).toEqual({ constant: 0, terms: [] });
      }),
      RUNS,
    );
  });
});

describe('a kernel that is being written', () => {
  it('has no loop where one piece is all', () => {
    const builder = new KernelBuilder('k');
    const sizes: unknown[] = [];
    builder.loop('l', 3, 4, ({ at, size }) => sizes.push([at, size]));
    builder.pieces('p', 0, 4, () => sizes.push('never'));
    builder.pieces('p', 4, 4, ({ at, size }) => sizes.push([at, size]));
    expect(sizes).toEqual([[0, 3], [0, 4]]); // prettier-ignore
    expect(builder.finish('', '').body).toEqual([]);
  });

  it('has a size for a shorter last round, or that round behind the loop', () => {
    const builder = new KernelBuilder('k');
    const sizes: unknown[] = [];
    builder.loop('l', 10, 4, ({ size }) => sizes.push(size));
    builder.pieces('p', 10, 4, ({ at, size }) => sizes.push([typeof at, size]));
    const [loop, pieces] = builder.finish('', '').body;
    expect(loop).toMatchObject({ kind: 'loop', extent: 10, step: 4, tail: sizes[0] });
    expect(pieces).toMatchObject({ kind: 'loop', extent: 8, step: 4, tail: undefined });
    expect(sizes.slice(1)).toEqual([['object', 4], ['number', 2]]); // prettier-ignore
  });

  it('computes with known numbers at once', () => {
    const builder = new KernelBuilder('k');
    const results = (['add', 'sub', 'mul', 'min', 'max'] as const).map((op) => builder.integer(op, 7, 3)); // prettier-ignore
    expect(results).toEqual([10, 4, 21, 3, 7]);
    expect(builder.finish('', '').body).toEqual([]);
    const n = builder.integerAt(placeIn('list'), 'n');
    builder.integer('add', 1, n);
    builder.integer('sub', 1, n);
    const names = [...operations(builder.finish('', '').body)].map((o) => o.definition.mnemonic);
    expect(names).toEqual(['ILOAD', 'IADD', 'LI', 'ISUB']);
  });

  it('says which tiles and memory an instruction touches', () => {
    const builder = new KernelBuilder('k');
    const a = builder.load(placeIn('a', 8), 4, 4, 16);
    const sum = builder.multiply(a, a, false);
    builder.accumulate(sum, a, a, true);
    builder.store(placeIn('y'), sum, 16);
    const [load, product, more, store] = [...operations(builder.finish('', '').body)];
    expect(accessOf(load!)).toEqual({ place: placeIn('a', 8), writes: false });
    expect(accessOf(store!)).toEqual({ place: placeIn('y'), writes: true });
    expect(accessOf(product!)).toBeUndefined();
    expect([readTiles(product!), writtenTile(product!)]).toEqual([[a, a], sum]);
    expect(readTiles(more!)).toEqual([sum, a, a]);
    expect([readTiles(store!), writtenTile(store!)]).toEqual([[sum], undefined]);
  });

  it('knows the operands of its instructions', () => {
    const builder = new KernelBuilder('k');
    expect(() => builder.compute(fill, 1, 1, { colour: 3 })).toThrow('FILL has no operand colour');
  });
});
