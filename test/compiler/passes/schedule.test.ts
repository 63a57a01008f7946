/** Scheduling: the same results in a better order, checked against dependences found in another way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add } from '../../../isa/instructions/add.ts';
import type { Variable } from '../../../src/compiler/kernel/affine.ts';
import type { Item, Kernel, Loop, Operation } from '../../../src/compiler/kernel/kernel.ts';
import { operations } from '../../../src/compiler/kernel/kernel.ts';
import type { Round } from '../../../src/compiler/kernel/builder.ts';
import { KernelBuilder, placeIn } from '../../../src/compiler/kernel/builder.ts';
import { allocate } from '../../../src/compiler/passes/allocate.ts';
import { checkKernel } from '../../../src/compiler/passes/check.ts';
import { schedule } from '../../../src/compiler/passes/schedule.ts';
import { arrange } from '../../../src/compiler/schedule/arrange.ts';
import { countUses, overlapRounds } from '../../../src/compiler/schedule/overlap.ts';
import { times } from '../../../src/compiler/kernel/affine.ts';
import { EDGE, freshBuffers, kernels, memoryText } from '../../support/random-kernel.ts';
import { interpret } from './interpreter.ts';

const RUNS = { numRuns: 300, seed: 20260920 } as const;

function memoryAfter(kernel: Kernel): string {
  const buffers = freshBuffers();
  interpret(kernel, buffers);
  return memoryText(buffers);
}

const isOperation = (item: Item): item is Operation => item.kind === 'operation';

/** All stretches of operations between loops. */
function stretchesOf(items: readonly Item[]): readonly (readonly Operation[])[] {
  const own: Operation[][] = [[]];
  const inner: (readonly Operation[])[] = [];
  for (const item of items) {
    if (isOperation(item)) own.at(-1)!.push(item);
    else {
      own.push([]);
      inner.push(...stretchesOf(item.body));
    }
  }
  return [...own, ...inner];
}

/** Whether one of the operations writes what the other reads or writes, read off the printed operands. */
function conflict(a: Operation, b: Operation): boolean {
  const [touchA, touchB] = [touched(a), touched(b)];
  return [...touchA].some(([thing, writes]) => touchB.has(thing) && (writes || touchB.get(thing)!));
}

/** Tile, variable or buffer → whether it is written. */
function touched({ definition, operands }: Operation): ReadonlyMap<unknown, boolean> {
  const things = new Map<unknown, boolean>();
  const touch = (thing: unknown, writes: boolean) =>
    things.set(thing, writes || things.get(thing) === true);
  for (const [name, argument] of Object.entries(operands)) {
    if (argument.kind === 'tile') touch(argument.tile, name === 'td');
    if (argument.kind === 'scalar') touch(argument.variable, name === 'rd');
    if (argument.kind === 'integer') touch(argument.value, false);
    if (argument.kind !== 'place') continue;
    touch(argument.place.buffer, /STORE/.test(definition.mnemonic));
    argument.place.offset.terms.forEach(({ variable }) => touch(variable, false));
  }
  return things;
}

describe('scheduling', () => {
  it('changes no result', () => {
    fc.assert(
      fc.property(kernels, (kernel) => {
        const scheduled = schedule(kernel);
        checkKernel(scheduled);
        expect(memoryAfter(scheduled)).toBe(memoryAfter(kernel));
        const found = allocate(scheduled, { tile: EDGE, registers: 6, rotate: true });
        const buffers = freshBuffers();
        interpret(found.kernel, buffers, found.registers);
        expect(memoryText(buffers)).toBe(memoryAfter(kernel));
      }),
      RUNS,
    );
  });

  it('keeps the order of whatever depends on each other, and every instruction', () => {
    fc.assert(
      fc.property(kernels, ({ body }) => {
        for (const stretch of stretchesOf(body)) {
          const order = new Map(arrange(stretch).map((operation, i) => [operation, i]));
          expect(order.size).toBe(stretch.length);
          stretch.forEach((a, i) => {
            for (const b of stretch.slice(i + 1)) {
              if (conflict(a, b)) expect(order.get(a)).toBeLessThan(order.get(b)!);
            }
          });
        }
      }),
      RUNS,
    );
  });

  it('brings a load in front of the product that hides it', () => {
    const builder = new KernelBuilder('k');
    const [a, b] = [0, 64].map((at) => builder.load(placeIn('a', at), EDGE, EDGE, 16));
    builder.store(placeIn('y'), builder.multiply(a!, b!, false), 16);
    const late = builder.load(placeIn('b'), EDGE, EDGE, 16);
    builder.store(placeIn('y', 64), late, 16);
    const [...names] = operations(schedule(builder.finish('', '')).body);
    const mnemonics = names.map(({ definition }) => definition.mnemonic);
    expect(mnemonics.indexOf('MATMUL')).toBeGreaterThan(mnemonics.lastIndexOf('LOAD'));
  });
});

type Body = (builder: KernelBuilder, at: Round['at']) => void;

const load = (builder: KernelBuilder, at: Round['at']) =>
  builder.load(placeIn('a', times(at, 64)), EDGE, EDGE, 16);

/** A kernel whose second item is a loop over `at`, which adds to a sum that is stored at the end. */
function summing(rounds: number, step: number, extra: Body = () => undefined): Kernel {
  const builder = new KernelBuilder('k');
  const sum = builder.fill(0, EDGE, EDGE);
  builder.loop('inner', rounds * step, step, ({ at }) => {
    builder.accumulate(sum, load(builder, at), load(builder, at), false);
    extra(builder, at);
  });
  builder.store(placeIn('y'), sum, 16);
  return builder.finish('', '');
}

function overlapped({ body }: Kernel): readonly Item[] | undefined {
  return overlapRounds(
    body.find((item) => item.kind === 'loop')!,
    countUses(body),
  );
}

describe('a double-buffered loop', () => {
  const cases = [2, 3, 4, 5, 6, 7].flatMap((rounds) =>
    [1, 3].map((step) => [rounds, step] as const),
  );
  it.each(cases)(
    'of %i rounds by %i loads each round once, one ahead of the work',
    (rounds, step) => {
      const kernel = summing(rounds, step);
      const items = overlapped(kernel)!;
      const [fill, , store] = kernel.body as [Item, Item, Item];
      const changed = { ...kernel, body: [fill, ...items, store] };
      checkKernel(changed);
      expect(memoryAfter(changed)).toBe(memoryAfter(kernel));
      expect(trace(items)).toEqual(expectedTrace(rounds, step));
    },
  );

  /** Loads, by the byte at which they are, and products, as they are executed. */
  function trace(items: readonly Item[], index = new Map<Variable, number>()): string[] {
    return items.flatMap((item): string[] => {
      if (item.kind === 'loop') return roundsOf(item).flatMap((at) => trace(item.body, new Map(index).set(item.index, at))); // prettier-ignore
      const { addr } = item.operands;
      if (addr?.kind !== 'place') return ['work'];
      const { constant, terms } = addr.place.offset;
      return [String(terms.reduce((sum, t) => sum + t.coefficient * index.get(t.variable)!, constant))]; // prettier-ignore
    });
  }

  const roundsOf = ({ extent, step }: Loop) =>
    Array.from({ length: (extent as number) / step }, (_, i) => i * step);

  /** Two loads for a round, then, for each round, the loads of the next one and its work. */
  function expectedTrace(rounds: number, step: number): string[] {
    const loads = (round: number) => (round < rounds ? Array<string>(2).fill(String(round * step * 64)) : []); // prettier-ignore
    const all = Array.from({ length: rounds }, (_, i) => [...loads(i + 1), 'work']);
    return [...loads(0), ...all.flat()];
  }

  it('is not made of one round', () => {
    const loop = summing(2, 1).body[1] as Loop;
    expect(overlapRounds({ ...loop, extent: 1 }, countUses([loop]))).toBeUndefined();
  });

  it('is not made where a buffer is loaded and stored', () => {
    const kernel = summing(4, 1, (b, at) => b.store(placeIn('a', 4096), load(b, at), 16));
    expect(overlapped(kernel)).toBeUndefined();
  });

  it('is made where what is stored is not loaded', () => {
    const kernel = summing(4, 1, (b, at) => b.store(placeIn('y', times(at, 64)), load(b, at), 16));
    expect(overlapped(kernel)).toBeDefined();
  });

  it('is not made where the index is an integer', () => {
    const store: Body = (b, at) => b.storeInteger(placeIn('list'), at as Variable);
    expect(overlapped(summing(4, 1, store))).toBeUndefined();
    const fill: Body = (b, at) => void b.fill(0, at as Variable, 1);
    expect(overlapped(summing(4, 1, fill))).toBeUndefined();
  });

  it('is not made where an integer is computed', () => {
    const read: Body = (b) => void b.integerAt(placeIn('list'), 'n');
    expect(overlapped(summing(4, 1, read))).toBeUndefined();
  });

  it('is not made of a loop with a shorter last round, with rounds unknown, or with loops', () => {
    const loop = summing(4, 1).body[1] as Loop;
    const uses = countUses([loop]);
    const word: Variable = { name: 'n', register: undefined };
    expect(overlapRounds({ ...loop, tail: word }, uses)).toBeUndefined();
    expect(overlapRounds({ ...loop, extent: word }, uses)).toBeUndefined();
    expect(overlapRounds({ ...loop, body: [...loop.body, loop] }, uses)).toBeUndefined();
    expect(overlapRounds(loop, uses)).toBeDefined();
  });

  it('is not made where there is nothing to load ahead', () => {
    const builder = new KernelBuilder('k');
    const sum = builder.fill(0, EDGE, EDGE);
    builder.loop('inner', 4, 1, () => builder.into(sum, add, { ta: sum, tb: sum }));
    builder.store(placeIn('y'), sum, 16);
    expect(overlapped(builder.finish('', ''))).toBeUndefined();
  });

  /** A loop of three rounds becomes a stretch, in which its sum occurs as often as in all before. */
  it('leaves a tile alone that is used behind the loop, however often it occurs inside', () => {
    const builder = new KernelBuilder('k');
    const sum = builder.fill(0, EDGE, EDGE);
    builder.loop('outer', 4, 1, (outer) => {
      builder.into(sum, add, { ta: load(builder, outer.at), tb: load(builder, outer.at) });
      builder.loop('inner', 3, 1, ({ at }) => {
        builder.accumulate(sum, load(builder, at), load(builder, at), false);
      });
    });
    builder.store(placeIn('y'), sum, 16);
    const kernel = builder.finish('', '');
    const scheduled = schedule(kernel);
    checkKernel(scheduled);
    expect(memoryAfter(scheduled)).toBe(memoryAfter(kernel));
  });
});
