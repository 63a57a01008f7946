/** Emission: the text of a kernel computes what the kernel says, however many integers it needs. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitKernel } from '../../src/compiler/emit/kernel.ts';
import type { Integer } from '../../src/compiler/kernel/affine.ts';
import { affine, plus, times } from '../../src/compiler/kernel/affine.ts';
import { KernelBuilder, placeIn } from '../../src/compiler/kernel/builder.ts';
import type { Kernel } from '../../src/compiler/kernel/kernel.ts';
import { NameTable } from '../../src/compiler/names.ts';
import { allocate } from '../../src/compiler/passes/allocate.ts';
import { COUNT_REGISTERS, LAST_KERNEL_REGISTER } from '../../src/compiler/registers.ts';
import { findSymbol } from '../../src/program/program.ts';
import { Vm } from '../../src/vm/vm.ts';
import { BUFFERS, EDGE, freshBuffers, kernels, memoryText } from '../support/random-kernel.ts';
import { assembleText } from '../support/run.ts';
import { interpret } from './passes/interpreter.ts';

const RUNS = { numRuns: 300, seed: 20260924 } as const;

/** The kernel as a program, `before` it what it is given. */
function textOf(kernel: Kernel, before: readonly string[] = []): string {
  const names = new NameTable(BUFFERS);
  const found = allocate(kernel, { tile: EDGE });
  const code = emitKernel(
    found.kernel,
    found.registers,
    (buffer) => ({ symbol: buffer, offset: 0 }),
    (wanted) => names.unique(wanted),
  );
  const declared = [...freshBuffers()].map(([name, { length }]) => `${name}: ${name === 'list' ? '.i32' : '.f32'} ${length}`); // prettier-ignore
  const lines = [
    `.tile ${EDGE}`,
    '.bss',
    ...declared,
    '.text',
    ...before,
    ...code,
    '      HALT',
    '',
  ];
  return lines.join('\n');
}

/** What the program leaves in memory that began as `freshBuffers`. */
function memoryOf(text: string): string {
  const vm = new Vm(assembleText(text), { maxInstructions: 1_000_000 });
  const buffers = freshBuffers();
  const viewOf = (name: string, length: number) => {
    const { address } = findSymbol(vm.program, name)!;
    const view = name === 'list' ? vm.memory.integers : vm.memory.floats;
    return view.subarray(address / 4, address / 4 + length);
  };
  for (const [name, elements] of buffers) viewOf(name, elements.length).set(elements);
  while (vm.next());
  if (vm.trap) throw new Error(`${vm.trap.span.line}: ${vm.trap.message}\n${text}`);
  for (const [name, elements] of buffers) elements.set(viewOf(name, elements.length));
  return memoryText(buffers);
}

function interpreted(kernel: Kernel): string {
  const buffers = freshBuffers();
  interpret(kernel, buffers);
  return memoryText(buffers);
}

const count = (text: string, mnemonic: string) =>
  text.split('\n').filter((line) => line.trim().startsWith(`${mnemonic} `)).length;

/** The registers that a text names, without those of the run. */
const registersIn = (text: string) =>
  [...text.matchAll(/\br(\d+)\b/g)].map(([, register]) => Number(register));

describe('the text of a kernel', () => {
  it('computes what the kernel says', () => {
    fc.assert(
      fc.property(kernels, (kernel) => {
        const text = textOf(kernel);
        expect(memoryOf(text)).toBe(interpreted(kernel));
        expect(Math.max(0, ...registersIn(text))).toBeLessThanOrEqual(LAST_KERNEL_REGISTER);
        const labels = text.match(/^k_\w+(?=:)/gm) ?? [];
        expect(new Set(labels).size).toBe(labels.length);
      }),
      RUNS,
    );
  });

  it('counts up a pointer, and needs no counter, where the rounds are known', () => {
    const builder = new KernelBuilder('k');
    builder.loop('loop', 5, 1, ({ at }) => {
      builder.store(placeIn('y', times(at, 64)), builder.load(placeIn('a', times(at, 64)), 4, 4, 16), 16); // prettier-ignore
    });
    const kernel = builder.finish('', '');
    const text = textOf(kernel);
    expect([count(text, 'IADD'), count(text, 'BLT'), count(text, 'ISUB')]).toEqual([1, 1, 0]);
    expect(memoryOf(text)).toBe(interpreted(kernel));
  });

  it('gives a last round its size', () => {
    const builder = new KernelBuilder('k');
    builder.loop('loop', 10, 4, ({ at, size }) => {
      builder.store(placeIn('y', times(at, 16)), builder.load(placeIn('a', times(at, 16)), size, 4, 16), 16); // prettier-ignore
    });
    const kernel = builder.finish('', '');
    expect(memoryOf(textOf(kernel))).toBe(interpreted(kernel));
  });

  it('takes what the run knows from the registers where that is kept', () => {
    const { rows, position } = COUNT_REGISTERS;
    const kernelWith = (extent: typeof rows | number, start: Integer) => {
      const builder = new KernelBuilder('k');
      builder.loop('loop', extent, 4, ({ at, size }) => {
        const source = placeIn('a', plus(times(at, 16), times(start, 32)));
        builder.store(placeIn('y', times(at, 16)), builder.load(source, size, 4, 16), 16);
      });
      return builder.finish('', '');
    };
    const given = [`      LI r${rows.register}, 7`, `      LI r${position.register}, 3`];
    const text = textOf(kernelWith(rows, position), given);
    expect(memoryOf(text)).toBe(interpreted(kernelWith(7, 3)));
  });

  it('says which variable has no value', () => {
    const builder = new KernelBuilder('lost');
    const nowhere = { name: 'nowhere', register: undefined };
    builder.store(placeIn('y', times(nowhere, 4)), builder.fill(0, 4, 4), 16);
    expect(() => textOf(builder.finish('', ''))).toThrow('lost uses nowhere before it has a value');
  });
});

/** Nested loops in which `places` tiles are copied, each with multiples of the indices of its own. */
function nested(depth: number, places: number): Kernel {
  const builder = new KernelBuilder('k');
  const nest = (indices: readonly Integer[]): void => {
    if (indices.length < depth) {
      builder.loop(`loop${indices.length}`, 2, 1, ({ at }) => nest([...indices, at]));
      return;
    }
    for (let place = 0; place < places; place++) {
      const factor = (i: number) => 16 * (1 + ((place * 3 + i * 5) % 37)) + 256 * i;
      const offset = indices.reduce<Integer>((sum, index, i) => plus(sum, times(index, factor(i))), 4 * place); // prettier-ignore
      const tile = builder.load(placeIn('a', offset), 4, 4, 16);
      builder.store(placeIn('y', plus(offset, affine(64))), tile, 16);
    }
  };
  nest([]);
  return builder.finish('', '');
}

describe('a kernel with more integers than registers', () => {
  it('keeps every multiple where there is room', () => {
    expect(count(textOf(nested(2, 4)), 'IMUL')).toBe(0);
  });

  it.each([
    ['sums', 4, 4],
    ['multiples', 2, 16],
    ['multiples', 4, 9],
    ['multiples', 6, 12],
  ])('computes %s as it goes: %i loops, %i places', (_, depth, places) => {
    const kernel = nested(depth, places);
    const text = textOf(kernel);
    expect(memoryOf(text)).toBe(interpreted(kernel));
    expect(Math.max(...registersIn(text))).toBeLessThanOrEqual(LAST_KERNEL_REGISTER);
  });

  it('says so where even the indices are too many', () => {
    expect(() => textOf(nested(LAST_KERNEL_REGISTER + 1, 1))).toThrow(
      'needs more scalar registers',
    );
  });
});
