/** The binary format: numbers as the specification writes them, and a module that a host takes. */
import { describe, expect, it } from 'vitest';
import { defineFunction, get, set, whileTrue } from '../../src/tensor/wasm/assembler.ts';
import { encodeModule, signed, unsigned } from '../../src/tensor/wasm/encoder.ts';
import { WASM } from '../../src/tensor/wasm/host.ts';
import { f32, i32, int } from '../../src/tensor/wasm/operations.ts';

describe('LEB128', () => {
  it.each([
    [0, [0]],
    [127, [0x7f]],
    [128, [0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
  ])('writes %i without a sign', (value, bytes) => {
    expect(unsigned(value)).toEqual(bytes);
  });

  it.each([
    [0, [0]],
    [-1, [0x7f]],
    [63, [0x3f]],
    [64, [0xc0, 0]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('writes %i with a sign', (value, bytes) => {
    expect(signed(value)).toEqual(bytes);
  });
});

describe('a module', () => {
  const triangle = defineFunction(
    'triangle',
    { n: 'i32' },
    ({ n }, declare) => {
      const sum = declare('f32');
      const step = [
        ...set(sum, f32.add(get(sum), f32.fromInt(get(n)))),
        ...set(n, i32.sub(get(n), int(1))),
      ];
      return [...whileTrue(get(n), step), ...get(sum)];
    },
    'f32',
  );

  it('runs: 1 + 2 + … + n', () => {
    const memory = new WASM!.Memory({ initial: 1, maximum: 1 });
    const module = new WASM!.Module(encodeModule([triangle]));
    const { exports } = new WASM!.Instance(module, { storage: { memory } });
    const run = (exports as { triangle: (n: number) => number }).triangle;
    expect([0, 1, 4, 1000].map(run)).toEqual([0, 1, 10, 500500]);
  });
});
