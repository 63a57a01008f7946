/** What is known of an instruction's operands before running, and what follows from it. */
import type { HostPort, Instruction, MemoryPort, Results } from '../../isa/instruction.ts';
import type { Operand, PartialShape } from '../../isa/operand.ts';
import { hasFlag } from '../../isa/registers.ts';
import { PLAIN_KERNELS } from '../tensor/kernels/kernels.ts';
import { makeTile } from '../tensor/tile.ts';
import type { State } from './verify-state.ts';
import { scalarValue, tileShape } from './verify-state.ts';

export type KnownValue = PartialShape | number | undefined;
export type KnownValues = Record<string, KnownValue | boolean>;

/** Operands and flags by name, as a shape rule wants them. */
export function knownValues(instruction: Instruction, state: State): KnownValues {
  const { definition, operands } = instruction;
  const known: KnownValues = {};
  definition.operands.forEach((spec, i) => {
    const isRead =
      spec.access === 'read' ||
      (spec.readWith !== undefined && hasFlag(instruction, spec.readWith));
    known[spec.name] = isRead ? knownOperand(operands[i], state) : undefined;
  });
  definition.flags.forEach((flag, i) => (known[flag.name] = (instruction.flags & (1 << i)) !== 0));
  return known;
}

function knownOperand(operand: Operand, state: State): KnownValue {
  switch (operand.kind) {
    case 'tile':
      return tileShape(state, operand.register);
    case 'scalar':
      return scalarValue(state, operand.register);
    case 'constant':
      return operand.value;
    case 'address':
      return addressValue(operand, state);
    case 'label':
      return operand.target;
    case 'absent':
      return undefined;
  }
  return operand satisfies never;
}

function addressValue(operand: Extract<Operand, { kind: 'address' }>, state: State) {
  const base = scalarValue(state, operand.base);
  const index = scalarValue(state, operand.index);
  if (base === undefined || index === undefined) return undefined;
  return operand.offset + base + index;
}

/** Whether all that the instruction reads is known, shapes standing for tiles. */
export function isAllKnown(instruction: Instruction, known: KnownValues): boolean {
  return instruction.definition.operands.every((spec, i) => {
    if (spec.access === 'write' || instruction.operands[i].kind === 'absent') return true;
    const value = known[spec.name];
    if (typeof value !== 'object') return value !== undefined;
    return value.rows !== undefined && value.cols !== undefined;
  });
}

export interface Outcome {
  readonly scalar: number;
  readonly nextPc: number;
}

function unavailable(): never {
  throw new Error('invariant: scalar control instructions use neither memory nor host');
}

const NO_MEMORY: MemoryPort = {
  readTile: unavailable,
  writeTile: unavailable,
  readInteger: unavailable,
  writeInteger: unavailable,
};
const NO_HOST: HostPort = { emitToken: unavailable, promptToken: unavailable, random: unavailable };

/**
 * What a scalar control instruction does, when all its operands are known; undefined for all others.
 * Throws the OperandError that it would trap with.
 */
export function evaluate(
  instruction: Instruction,
  known: KnownValues,
  pc: number,
): Outcome | undefined {
  const { definition } = instruction;
  if (definition.set !== 'control' || definition.unit !== 'alu') return undefined;
  if (!isAllKnown(instruction, known)) return undefined;
  const results: Results = {
    out: makeTile(0, 0),
    scalar: 0,
    pc,
    nextPc: pc + 1,
    kernels: PLAIN_KERNELS,
    memory: NO_MEMORY,
    host: NO_HOST,
  };
  definition.execute(known, results);
  return { scalar: results.scalar + 0, nextPc: results.nextPc }; // integers have one zero
}
