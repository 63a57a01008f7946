/** Symbols put in before a run and read out after it, and what a run tells its listeners. */
import { describe, expect, it } from 'vitest';
import { findSymbol } from '../../src/program/program.ts';
import {
  replacementProblem,
  setSymbol,
  symbolTensor,
  symbolValues,
} from '../../src/run/outputs.ts';
import { runProgram } from '../../src/run/run.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';
import type { RunHeader } from '../../src/timing/events.ts';
import { Vm } from '../../src/vm/vm.ts';
import { assembleText, machineNamed } from '../support/run.ts';

const program = assembleText(`
.data
X: .f32 2, 3 = [[1, 2, 3], [4, 5, 6]]
N: .i32 2 = [7, -8]
.bss
Y: .f32 2, 3
.text
.part "layer 0"
LOAD t0, [X]
ADD t1, t0, t0
STORE [Y], t1
HALT
.show N
`);
const symbol = (name: string) => findSymbol(program, name)!;
const floats = (shape: readonly number[], ...data: number[]): HostTensor => ({
  dtype: 'f32',
  shape,
  data: Float32Array.from(data),
});

describe('replacementProblem', () => {
  it.each([
    ['X', floats([2, 3], 0, 0, 0, 0, 0, 0), ''],
    ['X', floats([3, 2], 0, 0, 0, 0, 0, 0), 'X is 2×3, but the tensor is 3×2'],
    ['X', floats([6], 0, 0, 0, 0, 0, 0), 'X is 2×3, but the tensor is 6'],
    ['N', floats([2], 0, 0), 'N holds i32, but the tensor holds f32'],
    ['N', { dtype: 'i32', shape: [2], data: Int32Array.of(1, 2) } as HostTensor, ''],
  ])('%s: %#', (name, tensor, problem) => {
    expect(replacementProblem(symbol(name), tensor)).toBe(problem);
  });
});

describe('symbols', () => {
  it('are set in memory, and in this machine only', () => {
    const vm = new Vm(program);
    setSymbol(vm, symbol('X'), floats([2, 3], 9, 8, 7, 6, 5, 4));
    expect([...symbolValues(vm, symbol('X'))]).toEqual([9, 8, 7, 6, 5, 4]);
    expect([...symbolValues(vm, symbol('N'))]).toEqual([7, -8]);
    expect([...symbolValues(new Vm(program), symbol('X'))]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...symbol('X').data!]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('that do not fit are our own fault', () => {
    expect(() => {
      setSymbol(new Vm(program), symbol('X'), floats([1], 1));
    }).toThrow('invariant: X is 2×3, but the tensor is 1');
  });

  it('are read as a view or as a tensor of their own', () => {
    const vm = new Vm(program);
    const tensor = symbolTensor(vm, symbol('N'));
    expect(tensor).toEqual({ dtype: 'i32', shape: [2], data: Int32Array.of(7, -8) });
    symbolValues(vm, symbol('N'))[0] = 1;
    expect([tensor.data[0], symbolValues(vm, symbol('N'))[0]]).toEqual([7, 1]);
  });
});

describe('symbols of small elements', () => {
  const small = assembleText(
    '.data\nH: .f16 2 = [0.1, 2]\nQ: .i8 2 = [1, -2]\n.show H\n.show Q\n.text\nHALT',
  );
  const named = (name: string) => findSymbol(small, name)!;
  const tenth = 0x666 * 2 ** -14; // 0.1 to the eleven bits of binary16

  it('are read as numbers, exactly', () => {
    const vm = new Vm(small);
    const half = { dtype: 'f32', shape: [2], data: Float32Array.of(tenth, 2) };
    expect(symbolTensor(vm, named('H'))).toEqual(half);
    const bytes = { dtype: 'i32', shape: [2], data: Int32Array.of(1, -2) };
    expect(symbolTensor(vm, named('Q'))).toEqual(bytes);
  });

  it('are set with the rounding of STORE', () => {
    const vm = new Vm(small);
    setSymbol(vm, named('H'), floats([2], -0.1, 1e9));
    expect([...symbolValues(vm, named('H'))]).toEqual([-tenth, Infinity]);
    setSymbol(vm, named('Q'), { dtype: 'i32', shape: [2], data: Int32Array.of(300, -3) });
    expect([...symbolValues(vm, named('Q'))]).toEqual([127, -3]);
    expect(replacementProblem(named('Q'), floats([2], 1, 1))).toBe(
      'Q holds i8, but the tensor holds f32',
    );
  });
});

describe('runProgram', () => {
  const machine = machineNamed('classic5');

  it('replaces inputs before the run', () => {
    const inputs = new Map([['X', floats([2, 3], 1, 1, 1, 1, 1, 0.5)]]);
    const { vm } = runProgram(program, machine, { inputs });
    expect([...symbolValues(vm, symbol('Y'))]).toEqual([2, 2, 2, 2, 2, 1]);
  });

  it('refuses inputs that the program does not have', () => {
    const inputs = new Map([['Q', floats([1], 1)]]);
    expect(() => runProgram(program, machine, { inputs })).toThrow(
      'invariant: input for unknown symbol Q',
    );
  });

  it('tells listeners what the program is, and then everything that happens', () => {
    const headers: RunHeader[] = [];
    const kinds = new Set<string>();
    const { report } = runProgram(program, machine, {
      listeners: (header) => {
        headers.push(header);
        return [(event) => kinds.add(event.kind)];
      },
    });
    expect(headers).toHaveLength(1);
    const [header] = headers as [RunHeader];
    expect(header).toMatchObject({ schema: 'lasm-log/1', machine, engine: 'event' });
    expect(header.program.hash).toBe(report.program.hash);
    expect(header.machineHash).toBe(report.machine.hash);
    expect(header.program.listing[1]).toEqual({
      text: 'ADD t1, t0, t0',
      file: 'test.lasm',
      line: 10,
      part: 'layer 0',
      unit: 'vec',
      reads: [0],
      writes: 1,
      accumulates: -1,
    });
    expect([...kinds].sort()).toEqual(['charge', 'end', 'fetch', 'issue', 'retire', 'stage']);
  });
});
