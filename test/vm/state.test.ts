/** The architectural state: registers, memory, calls and services as a program sees them. */
import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../src/program/program.ts';
import { symbolValues } from '../../src/run/outputs.ts';
import type { VmOptions } from '../../src/vm/vm.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText } from '../support/run.ts';

function run(text: string, options: VmOptions = {}): Vm {
  const vm = new Vm(assembleText(text), options);
  while (vm.next());
  return vm;
}

function tileOf(vm: Vm, register: number): number[][] {
  const { rows, cols, data } = vm.tile(register)!;
  return Array.from({ length: rows }, (_, i) => [...data.subarray(i * cols, (i + 1) * cols)]);
}

const valuesOf = (vm: Vm, name: string) => [...symbolValues(vm, findSymbol(vm.program, name)!)];

const TWO = `
.data
A: .f32 2, 2 = [[1, 2], [3, 4]]
R: .f32 2, 3 = [[1, 2, 3], [4, 5, 6]]
.text
LOAD t0, [A]
LOAD t1, [R]
`;

describe('an int32 accumulator', () => {
  // As a float32, −1 and −(2^22 + 1) are NaNs, a quiet and a signalling one, whose bits must not change.
  const SUMS = `
.data
A: .i8 1, 2 = [-1, 1]
B: .i8 2, 2 = [[1, 127], [0, 0]]
N: .i32 1, 2 = [0, -4194178]
.bss
S: .f32 1, 2
.show S
.text
LI r1, N
LOAD t0, [r1], rows=1, cols=2
LOAD.I8 t1, [A]
LOAD.I8 t2, [B]
MATMUL.I8.ACC t0, t1, t2
FILL t3, 1, rows=1, cols=1
`;
  it.each([
    ['stays in its register', 'DEQUANT t9, t0, t3, t3\nHALT'],
    ['can be spilled', 'STORE [S], t0\nLOAD t5, [S]\nDEQUANT t9, t5, t3, t3\nHALT'],
    ['can be copied', 'COPY t5, t0\nDEQUANT t9, t5, t3, t3\nHALT'],
  ])('%s', (_, rest) => {
    expect(tileOf(run(SUMS + rest), 9)).toEqual([[-1, -4194305]]);
  });

  it('survives a snapshot', () => {
    const vm = new Vm(assembleText(`${SUMS}DEQUANT t9, t0, t3, t3\nHALT`));
    for (let i = 0; i < 6; i++) vm.next();
    const saved = vm.snapshot();
    while (vm.next());
    vm.restore(saved);
    while (vm.next());
    expect(tileOf(vm, 9)).toEqual([[-1, -4194305]]);
  });
});

describe('small elements', () => {
  it('start as NaN where there is one, touch nothing beside them, and widen exactly', () => {
    const vm = run(`
.bss
H: .f16 2, 2
G: .bf16 3
Q: .i8 5
.show G
.text
FILL t0, 1.5, rows=1, cols=2
STORE.F16 [H + 4], t0
STORE.BF16 [G], t0
STORE.I8 [Q + 1], t0
LOAD.F16 t9, [H + 4], rows=1, cols=2
HALT
`);
    expect(vm.trap).toBeUndefined();
    expect(valuesOf(vm, 'H')).toEqual([NaN, NaN, 1.5, 1.5]);
    expect(valuesOf(vm, 'G')).toEqual([1.5, 1.5, NaN]);
    expect(valuesOf(vm, 'Q')).toEqual([0, 2, 2, 0, 0]);
    expect(tileOf(vm, 9)).toEqual([[1.5, 1.5]]);
  });

  /** What quantised inference does: x·w with 8 bits each, against the float32 product. */
  it('make a product that is as near as their scales promise', () => {
    const vm = run(`
.data
X: .f32 8, 16 = normal(0, 1, seed=1)
W: .f32 16, 8 = uniform(-0.5, 0.5, seed=2)
.text
LOAD t0, [X]
LOAD t1, [W]
MATMUL t2, t0, t1
FILL t3, 127/8, rows=1, cols=1
FILL t4, 127*2, rows=1, cols=1
QUANT t5, t0, t3
QUANT t6, t1, t4
MATMUL.I8 t7, t5, t6
FILL t3, 8/127, rows=8, cols=1
FILL t4, 1/254, rows=1, cols=8
DEQUANT t8, t7, t3, t4
HALT
`);
    const [exact, small] = [tileOf(vm, 2), tileOf(vm, 8)];
    const x = tileOf(vm, 0);
    exact.forEach((row, i) => {
      // Each factor is off by half a step; 2⁻¹⁸ covers the float32 roundings of sums below 4.
      const sumOfX = x[i]!.reduce((sum, value) => sum + Math.abs(value), 0);
      const bound = (sumOfX + 16 * (4 / 127)) / 508 + 16 * 0.5 * (4 / 127) + 2 ** -18;
      row.forEach((value, j) => {
        expect(Math.abs(small[i]![j]! - value)).toBeLessThanOrEqual(bound);
      });
    });
  });
});

describe('a destination that is a source too', () => {
  it.each([
    [
      'MATMUL t0, t0, t0',
      0,
      [
        [7, 10],
        [15, 22],
      ],
    ],
    [
      'MATMUL.T t0, t0, t0',
      0,
      [
        [5, 11],
        [11, 25],
      ],
    ],
    [
      'MATMUL.ACC t0, t0, t0',
      0,
      [
        [8, 12],
        [18, 26],
      ],
    ],
    [
      'MATMUL t1, t0, t1',
      1,
      [
        [9, 12, 15],
        [19, 26, 33],
      ],
    ],
    [
      'TRANSPOSE t1, t1',
      1,
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    [
      'ADD t0, t0, t0',
      0,
      [
        [2, 4],
        [6, 8],
      ],
    ],
    ['ROWSUM t1, t1', 1, [[6], [15]]],
  ])('%s', (line, register, rows) => {
    expect(tileOf(run(`${TWO}${line}\nHALT\n.show R`), register)).toEqual(rows);
  });

  it('leaves the other registers alone, over and over', () => {
    const vm = run(`${TWO}COPY t2, t0\nMATMUL t0, t0, t0\nMATMUL t0, t0, t0\nHALT\n.show R`);
    expect(tileOf(vm, 0)).toEqual([
      [199, 290],
      [435, 634],
    ]);
    expect(tileOf(vm, 2)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tileOf(vm, 1)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
});

describe('registers', () => {
  it('are not there before they are written', () => {
    const vm = run('LI r1, 5\nHALT');
    expect(vm.scalar(1)).toBe(5);
    expect(vm.scalar(2)).toBeUndefined();
    expect(vm.scalar(0)).toBe(0);
    expect(vm.tile(0)).toBeUndefined();
    expect(vm.tile(99)).toBeUndefined();
  });

  it('r0 stays 0, whatever is written to it', () => {
    const vm = run('LI r0, 7\nIADD r1, r0, r0\nJAL r0, on\non: IADD r2, r0, 1\nHALT');
    expect([vm.scalar(0), vm.scalar(1), vm.scalar(2)]).toEqual([0, 0, 1]);
  });

  it('integers have one zero', () => {
    const vm = run('LI r1, -5\nIMUL r2, r1, 0\nIREM r3, r1, 5\nHALT');
    expect([Object.is(vm.scalar(2), 0), Object.is(vm.scalar(3), 0)]).toEqual([true, true]);
  });

  it('tiles keep −0', () => {
    const vm = run('FILL t0, -0.0, rows=1, cols=1\nCOPY t1, t0\nHALT');
    expect(Object.is(vm.tile(1)!.data[0], -0)).toBe(true);
  });

  it('number operands are float32', () => {
    const vm = run('FILL t0, 0.1, rows=1, cols=1\nHALT');
    expect(vm.tile(0)!.data[0]).toBe(Math.fround(0.1));
  });
});

describe('memory', () => {
  it('starts as NaN in f32 of .bss and .arena, as 0 in i32, as written in .data', () => {
    const vm = run(`
.data
D: .f32 2 = [1.5, -0.0]
E: .i32 2 = [7, -7]
.bss
F: .f32 2
G: .i32 2
.arena
H: .f32 2
.text
HALT
.show D
.show E
.show F
.show G
.show H`);
    expect(valuesOf(vm, 'D')).toEqual([1.5, -0]);
    expect(valuesOf(vm, 'E')).toEqual([7, -7]);
    expect(valuesOf(vm, 'F')).toEqual([NaN, NaN]);
    expect(valuesOf(vm, 'G')).toEqual([0, 0]);
    expect(valuesOf(vm, 'H')).toEqual([NaN, NaN]);
  });

  it('shows a missing STORE as NaN, which goes on without a trap', () => {
    const vm = run(`
.bss
F: .f32 1, 2
.text
LOAD t0, [F]
FILL t1, 1, rows=1, cols=2
ADD t2, t0, t1
MATMUL.T t3, t0, t1
SOFTMAX t4, t0
RELU t5, t0
STORE [F], t2
HALT`);
    expect(vm.trap).toBeUndefined();
    for (const tile of [2, 3, 4, 5]) expect(tileOf(vm, tile).flat().every(Number.isNaN)).toBe(true);
  });

  it('reads and writes up to the last byte, backwards too', () => {
    const vm = run(`
.data
M: .f32 2, 2 = [[1, 2], [3, 4]]
.text
LOAD t0, [M + 12], rows=1, cols=1
LOAD t1, [M + 8], rows=2, cols=2, stride=-8
LOAD t2, [M + 4], rows=3, cols=1, stride=0
STORE [M + 12], t0, stride=-4
STORE [M + 8], t1, stride=-8
HALT`);
    expect(tileOf(vm, 0)).toEqual([[4]]);
    expect(tileOf(vm, 1)).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect(tileOf(vm, 2)).toEqual([[2], [2], [2]]);
    expect(valuesOf(vm, 'M')).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ['one column beyond', 'LOAD t0, [M + r1], rows=1, cols=2, stride=8', 12],
    ['one row beyond', 'LOAD t0, [M + r1], rows=2, cols=1, stride=4', 12],
    ['one row before', 'LOAD t0, [M + r1], rows=2, cols=1, stride=-4', 0],
  ])('traps %s', (_, line, r1) => {
    const vm = run(
      `.data\nM: .f32 2, 2 = zeros()\nN: .i32 1 = [${r1}]\n.text\nILOAD r1, [N]\n${line}\nHALT`.replace(
        /(M:.*)\n(N:.*)\n/,
        r1 === 0 ? '$1\n$2\n' : '$2\n$1\n',
      ),
    );
    expect(vm.trap).toMatchObject({ code: 'address-out-of-range', index: 1 });
  });

  it('is untouched by a store that traps', () => {
    const vm = run(`
.data
N: .i32 1 = [8]
M: .f32 2, 2 = [[1, 2], [3, 4]]
.text
ILOAD r1, [N]
FILL t0, 9, rows=2, cols=2
STORE [M + r1], t0, stride=8
HALT`);
    expect(vm.trap?.code).toBe('address-out-of-range');
    expect(valuesOf(vm, 'M')).toEqual([1, 2, 3, 4]);
  });
});

describe('control', () => {
  it('JAL leaves the address behind it, and JR goes there', () => {
    const vm = run(`
LI r2, 0
JAL r31, add
JAL r31, add
HALT
add: IADD r2, r2, 5
JR r31`);
    expect(vm.scalar(2)).toBe(10);
    expect(vm.scalar(31)).toBe(3);
    expect(vm.instructions).toBe(8);
  });

  it('steps say where control goes, and with what work', () => {
    const vm = new Vm(assembleText('LI r1, 1\nBEQ r1, 1, end\nLI r2, 2\nend: HALT'));
    expect(vm.next()).toEqual({ pc: 0, nextPc: 1, work: { kind: 'scalar' } });
    expect(vm.next()).toMatchObject({ pc: 1, nextPc: 3 });
    expect(vm.next()).toMatchObject({ pc: 3 });
    expect(vm.next()).toBeUndefined();
  });
});

describe('services', () => {
  const DRAWS = `
.data
W: .f32 1, 4 = [[0.1, 0.2, 0.3, 0.4]]
.text
LOAD t0, [W]
LI r1, 0
loop: ECALL.SAMPLE r2, t0, r1
ECALL.EMIT r2
IADD r1, r1, 1
BLT r1, 2000, loop
HALT`;

  it('draws depend on the seed alone', () => {
    const tokens = (options: VmOptions) => run(DRAWS, options).emittedTokens;
    expect(tokens({ seed: 1 })).toEqual(tokens({ seed: 1 }));
    expect(tokens({ seed: 1 })).not.toEqual(tokens({ seed: 2 }));
    expect(tokens({})).toEqual(tokens({ seed: 0 }));
  });

  it('draws follow the weights', () => {
    const counts = [0, 0, 0, 0];
    for (const token of run(DRAWS, { seed: 3 }).emittedTokens) counts[token]!++;
    // A binomial count of 2000 draws has a standard deviation of at most √500 < 22.4; five of them.
    counts.forEach((count, i) => {
      expect(Math.abs(count - 200 * (i + 1))).toBeLessThan(112);
    });
  });

  it('a prompt is read token by token, −1 outside', () => {
    const vm = run(
      'LI r1, 0\nloop: ECALL.PROMPT r2, r1\nECALL.EMIT r2\nIADD r1, r1, 1\nBGE r2, 0, loop\nHALT',
      { promptTokens: [5, 0, 9] },
    );
    expect(vm.emittedTokens).toEqual([5, 0, 9, -1]);
  });
});
