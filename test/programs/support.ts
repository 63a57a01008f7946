/** Runs the programs of programs/ on chosen sizes and data, and judges their results. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { HALTED } from '../../isa/instruction.ts';
import type { DataSymbol, Program } from '../../src/program/program.ts';
import { findSymbol, matrixShape, symbolBytes } from '../../src/program/program.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import { setSymbol, symbolValues } from '../../src/run/outputs.ts';
import { standardNormal } from '../../src/tensor/random.ts';
import { Vm } from '../../src/vm/vm.ts';
import type { Bounded } from '../support/bounds/index.ts';
import { firstViolation, fromFloat32 } from '../support/bounds/index.ts';
import { assembleFixture } from '../support/run.ts';

/** Fixed seed: a failure can be repeated. */
export const SMALL = { numRuns: 300, seed: 20240917 } as const;

/** What a symbol is filled with: `equal` makes all elements the same, and so all logits. */
export interface Fill {
  readonly scale: number;
  readonly kind: 'normal' | 'equal';
}

/** Everyday numbers mostly; also zeros, tiny ones, and such that give logits in the hundreds. */
export const fills: fc.Arbitrary<Fill> = fc.record({
  scale: fc.constantFrom(1, 1, 1, 0, 2 ** -10, 8),
  kind: fc.constantFrom('normal', 'normal', 'normal', 'equal'),
});

export const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** From 1 to a tile; often its ends. */
export const upToTile = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.constantFrom(1, 16));

/** A program in programs/ with some of its `.param`s replaced. */
export function programNamed(name: string, params: Record<string, number> = {}): Program {
  return assembleFixture(`programs/${name}.lasm`, params);
}

/** A finished run: what was put in, exact, and what came out. */
export interface Finished {
  readonly vm: Vm;
  input(name: string): Bounded;
  output(name: string): Float32Array;
  /** An output as the exact input of what comes after it, so that one stage is judged alone. */
  exactOutput(name: string): Bounded;
}

export interface FinishOptions {
  readonly promptTokens?: readonly number[];
  /** Called where control enters another `.part`. */
  readonly onPart?: (part: string, vm: Vm) => void;
}

/** Runs a program to its HALT, without a clock, on the data that `prepare` leaves in its memory. */
export function finish(
  program: Program,
  prepare: (vm: Vm) => void = () => undefined,
  { promptTokens = [], onPart }: FinishOptions = {},
): Finished {
  const vm = new Vm(program, { promptTokens });
  prepare(vm);
  const before = new Map(program.symbols.map((s) => [s.name, symbolValues(vm, s).slice()]));
  for (let step = vm.next(); step; step = vm.next()) {
    const part = program.parts[step.nextPc];
    if (step.nextPc !== HALTED && part !== program.parts[step.pc]) onPart?.(part, vm);
  }
  expect(vm.trap).toBeUndefined();
  const exact = (name: string, values: ArrayLike<number>): Bounded => {
    const { rows, cols } = matrixShape(symbolNamed(program, name).shape);
    return fromFloat32(rows, cols, values);
  };
  const output = (name: string) => symbolValues(vm, symbolNamed(program, name)) as Float32Array;
  return {
    vm,
    input: (name) => exact(name, before.get(name)!),
    output,
    exactOutput: (name) => exact(name, output(name)),
  };
}

/** Fills every float32 symbol of `.data` anew: weights so that products keep their size. */
export function randomData(seed: number, given: Record<string, Fill> = {}): (vm: Vm) => void {
  return (vm) => {
    const symbols = vm.program.symbols.filter((s) => s.section === 'data' && s.dtype === 'f32');
    symbols.forEach((symbol, i) => {
      const weight: Fill = { scale: 1 / Math.sqrt(matrixShape(symbol.shape).rows), kind: 'normal' };
      const data = filled(symbol, given[symbol.name] ?? weight, (seed + i) % 2 ** 31);
      setSymbol(vm, symbol, { dtype: 'f32', shape: symbol.shape, data });
    });
  };
}

function filled(symbol: DataSymbol, { scale, kind }: Fill, seed: number): Float32Array {
  const data = new Float32Array(symbolBytes(symbol) / 4);
  return data.map((_, i) => scale * standardNormal(seed, kind === 'equal' ? 0 : i));
}

/**
 * Judges a result: the machine's numbers lie within the bound of the float64 reference, and the
 * composition of bounds speaks of the same thing as the reference. These two are float64 values of
 * one formula; the bound counts a float32 rounding for each of theirs, which are 2⁻²⁹ of its size,
 * so 2⁻²⁰ of the bound between them is plenty.
 */
export function expectWithin(actual: Float32Array, bounded: Bounded, reference: Matrix): void {
  const { value, error } = bounded;
  expect([value.rows, value.cols]).toEqual([reference.rows, reference.cols]);
  const stray = reference.data.findIndex(
    (x, i) => !(x === value.data[i] || Math.abs(x - value.data[i]) <= 2 ** -20 * error.data[i]),
  );
  expect(stray).toBe(-1);
  expect(firstViolation(actual, { value: reference, error })).toBeUndefined();
}

function symbolNamed(program: Program, name: string): DataSymbol {
  const symbol = findSymbol(program, name);
  if (symbol) return symbol;
  throw new Error(`${program.name} has no symbol ${name}`);
}
