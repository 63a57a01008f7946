/** What hazard logic needs to know of an instruction: registers read and written, from the operands. */
import type { ControlFlow, Instruction } from './instruction.ts';
import type { Unit } from './work.ts';

/** Registers in one numbering: tile registers 0–31, scalar registers 32–63. */
export const REGISTER_COUNT = 64;
const FIRST_SCALAR = 32;

export type RegisterNumber = number;

/** The number of a tile register. */
export function tileRegister(index: number): RegisterNumber {
  return index;
}

/** The number of a scalar register. */
export function scalarRegister(index: number): RegisterNumber {
  return FIRST_SCALAR + index;
}

/** Whether a number is that of a tile register. */
export function isTileRegister(register: RegisterNumber): boolean {
  return register >= 0 && register < FIRST_SCALAR;
}

/** `t3` or `r5`. */
export function registerName(register: RegisterNumber): string {
  return register < FIRST_SCALAR ? `t${register}` : `r${register - FIRST_SCALAR}`;
}

/** An instruction as the timing model sees it; frozen, built once for a program. */
export interface StaticInstruction {
  readonly unit: Unit;
  /** Each register once, in operand order; r0 is never in it. */
  readonly reads: readonly RegisterNumber[];
  /** The written register, or −1. */
  readonly writes: RegisterNumber;
  /** The written register when it is read only to be accumulated onto, else −1. */
  readonly accumulates: RegisterNumber;
  readonly control: ControlFlow;
  /** The code address of the label it names, or −1. */
  readonly target: number;
}

/** The registers that an instruction reads and writes. */
export function staticInstruction(instruction: Instruction): StaticInstruction {
  const { definition, operands } = instruction;
  const reads = new Set<RegisterNumber>();
  let writes = -1;
  let accumulated = -1;
  definition.operands.forEach((spec, i) => {
    const operand = operands[i]!;
    for (const register of registersOf(operand)) {
      if (spec.access === 'read') {
        reads.add(register);
        continue;
      }
      writes = register;
      if (spec.readWith !== undefined && hasFlag(instruction, spec.readWith)) {
        accumulated = register;
      }
    }
  });
  const accumulates = reads.has(accumulated) ? -1 : accumulated;
  if (accumulated >= 0) reads.add(accumulated);
  return Object.freeze({
    unit: definition.unit,
    reads: Object.freeze([...reads]),
    writes,
    accumulates,
    control: definition.control,
    target: operands.find((operand) => operand.kind === 'label')?.target ?? -1,
  });
}

/** Whether a flag is present. */
export function hasFlag(instruction: Instruction, name: string): boolean {
  const bit = instruction.definition.flags.findIndex((flag) => flag.name === name);
  return bit >= 0 && (instruction.flags & (1 << bit)) !== 0;
}

function registersOf(operand: Instruction['operands'][number]): RegisterNumber[] {
  switch (operand.kind) {
    case 'tile':
      return [tileRegister(operand.register)];
    case 'scalar':
      return operand.register === 0 ? [] : [scalarRegister(operand.register)];
    case 'address':
      return [operand.base, operand.index].filter((r) => r !== 0).map(scalarRegister);
    case 'constant':
    case 'label':
    case 'absent':
      return [];
  }
  return operand satisfies never;
}
