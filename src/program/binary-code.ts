/** The binary form of instructions: what the encoder, the decoder and the hash agree on. */
import { SCALAR_REGISTERS, TILE_REGISTERS, findOpcode } from '../../isa/index.ts';
import type { Instruction } from '../../isa/instruction.ts';
import type { Operand, OperandKind, OperandSpec } from '../../isa/operand.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

type StoredKind = Operand['kind'];

/** What may stand in place of an operand of each kind. */
const STORED: Readonly<Record<OperandKind, readonly StoredKind[]>> = {
  tile: ['tile'],
  scalar: ['scalar'],
  integer: ['constant', 'scalar'],
  number: ['constant'],
  address: ['address'],
  label: ['label'],
};

/** The byte before each operand; its index says what follows. */
const STORED_KINDS: readonly StoredKind[] = [
  'absent',
  'tile',
  'scalar',
  'constant',
  'address',
  'label',
];

/** Whether what is stored can stand in place of the operand that the definition declares. */
function operandFits(spec: OperandSpec, stored: StoredKind): boolean {
  return stored === 'absent' ? spec.optional : STORED[spec.kind].includes(stored);
}

/** Opcode, flags, then each operand behind the number of its kind. */
export function writeInstruction(writer: ByteWriter, instruction: Instruction): void {
  writer.byte(instruction.definition.opcode);
  writer.byte(instruction.flags);
  for (const operand of instruction.operands) writeOperand(writer, operand);
}

function writeOperand(writer: ByteWriter, operand: Operand): void {
  writer.byte(STORED_KINDS.indexOf(operand.kind));
  switch (operand.kind) {
    case 'tile':
    case 'scalar':
      return writer.byte(operand.register);
    case 'constant':
      return writer.number(operand.value);
    case 'address':
      writer.number(operand.offset);
      writer.byte(operand.base);
      return writer.byte(operand.index);
    case 'label':
      return writer.count(operand.target);
    case 'absent':
      return;
  }
  return operand satisfies never;
}

/** The instruction that `writeInstruction` wrote; fails unless it fits its definition. */
export function readInstruction(reader: ByteReader): Instruction {
  const opcode = reader.byte();
  const definition = findOpcode(opcode);
  if (!definition) return reader.fail(`there is no opcode ${opcode}`);
  const flags = reader.byte();
  reader.check(flags >> definition.flags.length === 0, `${definition.mnemonic} has no such flag`);
  const operands = definition.operands.map((spec) => {
    const operand = readOperand(reader, spec);
    const fits = operandFits(spec, operand.kind);
    reader.check(fits, `${definition.mnemonic} takes no ${operand.kind} as ${spec.name}`);
    return operand;
  });
  return { definition, flags, operands };
}

function readOperand(reader: ByteReader, spec: OperandSpec): Operand {
  const kind = reader.choice(STORED_KINDS);
  switch (kind) {
    case 'tile':
      return { kind, register: readRegister(reader, TILE_REGISTERS) };
    case 'scalar':
      return { kind, register: readRegister(reader, SCALAR_REGISTERS) };
    case 'constant':
      return { kind, value: spec.kind === 'number' ? reader.number() : reader.integer() };
    case 'address': {
      const offset = reader.integer();
      const base = readRegister(reader, SCALAR_REGISTERS);
      return { kind, offset, base, index: readRegister(reader, SCALAR_REGISTERS) };
    }
    case 'label':
      return { kind, target: reader.count() };
    case 'absent':
      return { kind };
  }
  return kind satisfies never;
}

function readRegister(reader: ByteReader, limit: number): number {
  const register = reader.byte();
  reader.check(register < limit, `there is no register ${register}`);
  return register;
}
