/** Values at any point of a run: checkpoints and replay give what executing from the start gives. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History, stepsThatWrite } from '../../src/debug/history.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleText } from '../support/run.ts';

/** 33,334 rounds of three instructions. */
const LONG = assembleText(`.data
X: .f32 1, 4 = [[1, 1, 1, 1]]
.bss
Y: .f32 1, 4
.text
  LI r1, 0
  LOAD t0, [X]
loop:
  STORE [Y], t0
  IADD r1, r1, 1
  BLT r1, 33334, loop
  HALT
`);

function executed(start: () => Vm, steps: number): Vm {
  const vm = start();
  for (let i = 0; i < steps; i++) vm.next();
  return vm;
}

/** A state as text, which compares faster than objects do and tells every NaN from every other. */
function bytes(vm: Vm): string {
  const { tiles, scalars, memory, ...rest } = vm.snapshot();
  const raw = (array: Float32Array | Float64Array | Uint8Array | Int32Array) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('latin1');
  const tileTexts = tiles.map(({ rows, cols, data }) => `${rows}×${cols} ${raw(data)}`);
  return [JSON.stringify(rest), raw(scalars), raw(memory), ...tileTexts].join();
}

function countSteps(vm: Vm): number {
  while (vm.next());
  return vm.instructions;
}

describe('Vm.snapshot and Vm.restore', () => {
  it('bring everything back, in the same machine and in another', () => {
    const property = ({ program }: { program: Vm['program'] }, cut: number) => {
      const start = () => new Vm(program);
      const steps = countSteps(start());
      const half = executed(start, cut % (steps + 1));
      const saved = half.snapshot();
      const then = bytes(half);
      countSteps(half);
      const end = bytes(half);
      for (const vm of [half, start()]) {
        vm.restore(saved);
        expect(bytes(vm) === then).toBe(true);
        countSteps(vm);
        expect(bytes(vm) === end).toBe(true);
      }
    };
    fc.assert(fc.property(randomProgram(), fc.nat(), property), { seed: 1, numRuns: 300 });
  });

  it('emitted tokens and traps come back too', () => {
    const program = assembleText(`.data
N: .i32 1 = [77]
.text
  LI r1, 7
  ECALL.EMIT r1
  ECALL.EMIT r1
  ILOAD r2, [N]
  JR r2
  HALT
`);
    const vm = new Vm(program);
    vm.next();
    vm.next();
    const saved = vm.snapshot();
    countSteps(vm);
    expect([vm.emittedTokens.length, vm.trap?.code]).toEqual([2, 'jump-out-of-code']);
    vm.restore(saved);
    expect([vm.emittedTokens, vm.trap]).toEqual([[7], undefined]);
  });
});

describe('History', () => {
  it('is at any point what executing from the start gives', () => {
    const start = () => new Vm(LONG);
    const history = new History(start, { maxCheckpoints: 5 });
    const points = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 5 });
    const property = (steps: readonly number[]) => {
      for (const point of steps) {
        expect(bytes(history.at(point)) === bytes(executed(start, point))).toBe(true);
      }
    };
    fc.assert(fc.property(points, property), { seed: 2, numRuns: 40 });
  });

  it('keeps memory within its limits over 100,005 instructions', () => {
    for (const limits of [{ maxCheckpoints: 7 }, { maxBytes: 20_000 }, {}]) {
      const history = new History(() => new Vm(LONG), limits);
      history.at(100_004);
      const { checkpoints, bytes } = history.held;
      expect(checkpoints).toBeGreaterThan(0);
      expect(checkpoints).toBeLessThanOrEqual(limits.maxCheckpoints ?? 64);
      expect(bytes).toBeLessThanOrEqual(limits.maxBytes ?? 2 ** 28);
    }
  });

  it('needs no checkpoint to go back when none may be kept', () => {
    const history = new History(() => new Vm(LONG), { maxBytes: 0 });
    history.at(5000);
    expect(history.held).toEqual({ checkpoints: 0, bytes: 0 });
    expect(history.at(11).scalar(1)).toBe(3);
  });

  it('says so when there are not that many instructions', () => {
    const history = new History(() => new Vm(assembleText('HALT\n')));
    expect(() => history.at(2)).toThrow('invariant: the program ends before instruction 2');
  });
});

describe('stepsThatWrite', () => {
  it('knows rows from what lies between them', () => {
    const program = assembleText(`.tile 2
.bss
X: .f32 4, 4
.text
  FILL t0, 1, rows=2, cols=2
  STORE [X], t0
  HALT
`);
    const at = program.symbols[0]!.address;
    const writes = (element: number) =>
      stepsThatWrite(() => new Vm(program), 3, at + 4 * element, at + 4 * element + 4).length;
    const touched = Array.from({ length: 16 }, (_, i) => i).filter((i) => writes(i) === 1);
    expect(touched).toEqual([0, 1, 4, 5]);
  });
});
