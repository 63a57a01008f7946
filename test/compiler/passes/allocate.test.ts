/** Register allocation: kernels compute the same in registers, however few, as in tiles of their own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add } from '../../../isa/instructions/add.ts';
import type { Item, Kernel, TileValue } from '../../../src/compiler/kernel/kernel.ts';
import { operations } from '../../../src/compiler/kernel/kernel.ts';
import { KernelBuilder, placeIn } from '../../../src/compiler/kernel/builder.ts';
import { SPILL_BUFFER, allocate } from '../../../src/compiler/passes/allocate.ts';
import { checkKernel } from '../../../src/compiler/passes/check.ts';
import { EDGE, freshBuffers, kernels, memoryText } from '../../support/random-kernel.ts';
import { interpret } from './interpreter.ts';

const RUNS = { numRuns: 300, seed: 20260919 } as const;

/** An accumulated product has three tiles, and no instruction of a random kernel has more. */
const FEWEST = 3;

function memoryAfter(kernel: Kernel, registers?: ReadonlyMap<TileValue, number>): string {
  const buffers = freshBuffers();
  interpret(kernel, buffers, registers);
  return memoryText(buffers);
}

const options = (registers: number, rotate = false) => ({ tile: EDGE, registers, rotate });

describe('register allocation', () => {
  it('changes no result, whatever the number of registers', () => {
    const count = fc.constantFrom(FEWEST, 4, 5, 6, 8, 12, 32);
    fc.assert(
      fc.property(kernels, count, fc.boolean(), (kernel, registers, rotate) => {
        const found = allocate(kernel, options(registers, rotate));
        checkKernel(found.kernel);
        expect(Math.max(...found.registers.values())).toBeLessThan(registers);
        expect(memoryAfter(found.kernel, found.registers)).toBe(memoryAfter(kernel));
      }),
      RUNS,
    );
  });

  it('stores nothing to memory where the registers suffice', () => {
    fc.assert(
      fc.property(kernels, (kernel) => {
        const found = allocate(kernel, options(1000));
        expect(found.spilled).toBe(0);
        expect(found.kernel.body).toBe(kernel.body);
      }),
      RUNS,
    );
  });

  it('keeps every spilled tile in a slot of its own', () => {
    fc.assert(
      fc.property(kernels, (kernel) => {
        const { kernel: changed, spilled } = allocate(kernel, options(4));
        const slots = new Set<number>();
        for (const { operands } of operations(changed.body)) {
          const { addr } = operands;
          if (addr?.kind !== 'place' || addr.place.buffer !== SPILL_BUFFER) continue;
          expect(addr.place.offset.terms).toEqual([]);
          slots.add(addr.place.offset.constant / (EDGE * EDGE * 4));
        }
        expect([...slots].toSorted((a, b) => a - b)).toEqual([...Array(spilled).keys()]);
      }),
      RUNS,
    );
  });

  it('uses as few registers as tiles are alive at once', () => {
    const builder = new KernelBuilder('chain');
    let tile = builder.fill(1, EDGE, EDGE);
    for (let i = 0; i < 40; i++) tile = builder.compute(add, EDGE, EDGE, { ta: tile, tb: tile });
    builder.store(placeIn('y'), tile, 16);
    const found = allocate(builder.finish('', ''), options(1));
    expect(found.spilled).toBe(0);
    expect(new Set(found.registers.values())).toEqual(new Set([0]));
  });

  it('takes the register that was free for longest when it rotates', () => {
    const builder = new KernelBuilder('chain');
    for (let i = 0; i < 6; i++) builder.store(placeIn('y'), builder.fill(i, EDGE, EDGE), 16);
    const used = (rotate: boolean) => [
      ...allocate(builder.finish('', ''), options(4, rotate)).registers.values(),
    ];
    expect(used(true)).toEqual([0, 1, 2, 3, 0, 1]);
    expect(used(false)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('says so when an instruction alone needs more registers than there are', () => {
    const builder = new KernelBuilder('product');
    const [sum, a, b] = [1, 2, 3].map((value) => builder.fill(value, EDGE, EDGE));
    builder.accumulate(sum!, a!, b!, false);
    builder.store(placeIn('y'), sum!, 16);
    const kernel = builder.finish('', '');
    expect(allocate(kernel, options(3)).spilled).toBe(0);
    expect(() => allocate(kernel, options(2))).toThrow(/product .* 2 tile registers/);
  });
});

describe('a tile that enters a loop from the last instruction in front of it', () => {
  /** The tile is used at the top of the loop only; the loop goes on to write other tiles. */
  function kernelWith(depth: number): Kernel {
    const builder = new KernelBuilder('entering');
    const kept = builder.load(placeIn('a'), EDGE, EDGE, 16);
    const nest = (level: number): void => {
      if (level > 0) {
        builder.loop(`loop${level}`, 3, 1, () => nest(level - 1));
        return;
      }
      builder.store(placeIn('y'), kept, 16);
      const others = [1, 2, 3].map((value) => builder.fill(value, EDGE, EDGE));
      others.forEach((tile, i) => builder.store(placeIn('y', 64 * (i + 1)), tile, 16));
    };
    nest(depth);
    return builder.finish('', '');
  }

  it.each([1, 2, 3])('is not overwritten in %i loops', (depth) => {
    const kernel = kernelWith(depth);
    const { registers } = allocate(kernel, options(8));
    expect(sharing(kernel.body, registers)).toBe(1);
    expect(memoryAfter(kernel, registers)).toBe(memoryAfter(kernel));
  });

  /** How many tiles have the register of the first one, itself included. */
  function sharing(body: readonly Item[], registers: ReadonlyMap<TileValue, number>): number {
    const { td } = operations(body).next().value!.operands;
    const own = td?.kind === 'tile' ? registers.get(td.tile) : undefined;
    return [...registers.values()].filter((register) => register === own).length;
  }
});
