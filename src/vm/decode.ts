/**
 * A program as numbers: for each instruction its form, and where its operands are. Constants lie
 * behind the registers in one file of scalars, so that every integer that is read has a place in it.
 */
import type {
  Instruction,
  InstructionDefinition,
  ScalarCondition,
  ScalarFunction,
} from '../../isa/instruction.ts';
import { SCALAR_REGISTERS } from '../../isa/index.ts';
import type { Operand } from '../../isa/operand.ts';

/** Of the numbers of an instruction, the first is its form; what the others are depends on it. */
export const FIELDS = 8;

/** The form of an instruction: how it can be executed without looking at its definition. */
export const FORM = {
  /** Whatever else there is. */
  other: 0,
  /** rd, a, b: a function of two scalars. A result for r0 goes to a place that nobody reads. */
  compute: 1,
  /** a, b, target: a branch on two scalars. */
  branch: 2,
  /** td, offset, base, index, rows, cols, stride: a tile from memory. */
  load: 3,
  /** ts, offset, base, index, stride: a tile to memory. */
  store: 4,
  /** td: a tile from tiles, constants and scalars. */
  tile: 5,
} as const;

/** Places of the fields; all but `td`, `ts` and `target` are places in the file of scalars. */
export const FIELD = {
  compute: { rd: 1, a: 2, b: 3 },
  branch: { a: 1, b: 2, target: 3 },
  load: { td: 1, offset: 2, base: 3, index: 4, rows: 5, cols: 6, stride: 7 },
  store: { ts: 1, offset: 2, base: 3, index: 4, stride: 5 },
  tile: { td: 1 },
} as const;

export interface Decoded {
  /** [code address × FIELDS]. */
  readonly fields: Int32Array;
  /** By code address; undefined in other forms. */
  readonly computes: readonly (ScalarFunction | undefined)[];
  readonly branches: readonly (ScalarCondition | undefined)[];
  /** The registers, NaN where nothing was written yet; a place for what r0 does not take; constants. */
  readonly scalars: Float64Array;
}

/** Where results for r0 go. */
const NOWHERE = SCALAR_REGISTERS;

/** Decodes a program; the file of scalars is as it is before the first instruction. */
export function decode(code: readonly Instruction[]): Decoded {
  const constants = new Constants();
  const fields = new Int32Array(code.length * FIELDS);
  code.forEach((instruction, pc) => {
    if (isRegular(instruction, code.length)) {
      fields.set(fieldsOf(instruction, constants), pc * FIELDS);
    }
  });
  return {
    fields,
    computes: code.map(({ definition }) => definition.compute),
    branches: code.map(({ definition }) => definition.holds),
    scalars: constants.file(),
  };
}

/** Text always is; a program that was made in another way may jump anywhere, and hold fractions. */
function isRegular({ operands }: Instruction, codeSize: number): boolean {
  return operands.every((operand) => {
    if (operand.kind === 'label') return operand.target >= 0 && operand.target <= codeSize;
    return operand.kind !== 'address' || Number.isInteger(operand.offset);
  });
}

function fieldsOf(instruction: Instruction, constants: Constants): number[] {
  const { definition } = instruction;
  const { compute, holds, transfer, elements, writesTile } = definition;
  if (compute) {
    const [rd, ...read] = instruction.operands.map((operand) => constants.placeOf(operand));
    return [FORM.compute, rd === 0 ? NOWHERE : rd!, ...both(read)];
  }
  if (holds) {
    const target = instruction.operands.find((operand) => operand.kind === 'label')!.target;
    const read = instruction.operands.filter(({ kind }) => kind !== 'label');
    return [FORM.branch, ...both(read.map((operand) => constants.placeOf(operand))), target];
  }
  if (transfer) return transferFields(instruction, constants);
  if (writesTile && elements === undefined) return [FORM.tile, tileOf(instruction)];
  return [FORM.other];
}

/** One that reads a single scalar reads r0 too. */
function both([a = 0, b = 0]: readonly number[]): [number, number] {
  return [a, b];
}

function transferFields(instruction: Instruction, constants: Constants): number[] {
  const { definition, operands } = instruction;
  const address = operands.find((operand) => operand.kind === 'address')!;
  const from = [constants.place(address.offset), address.base, address.index];
  const place = (name: string) => constants.placeOf(operands[operandNumber(definition, name)]!);
  return definition.transfer === 'load'
    ? [FORM.load, tileOf(instruction), ...from, place('rows'), place('cols'), place('stride')]
    : [FORM.store, tileOf(instruction), ...from, place('stride')];
}

function operandNumber({ mnemonic, operands }: InstructionDefinition, name: string): number {
  const number = operands.findIndex((operand) => operand.name === name);
  if (number < 0) throw new Error(`invariant: ${mnemonic} has no ${name}`);
  return number;
}

/** The first tile: the one that is written, if any. */
function tileOf({ operands }: Instruction): number {
  return operands.find((operand) => operand.kind === 'tile')!.register;
}

/** The constants of a program, each once, and where they lie. */
class Constants {
  private readonly places = new Map<number, number>();

  placeOf(operand: Operand): number {
    if (operand.kind === 'scalar') return operand.register;
    if (operand.kind === 'constant') return this.place(operand.value);
    throw new Error(`invariant: a scalar was expected, not a ${operand.kind}`);
  }

  place(value: number): number {
    let place = this.places.get(value);
    if (place === undefined) {
      place = NOWHERE + 1 + this.places.size;
      this.places.set(value, place);
    }
    return place;
  }

  file(): Float64Array {
    const scalars = new Float64Array(NOWHERE + 1 + this.places.size).fill(NaN, 1);
    for (const [value, place] of this.places) scalars[place] = value;
    return scalars;
  }
}
