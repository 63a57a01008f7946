/** A program as a walk sees it: what each instruction does to scalar registers and shapes, in columns. */
import type { Instruction, InstructionDefinition } from '../../isa/instruction.ts';
import type { Operand } from '../../isa/operand.ts';
import { beq } from '../../isa/instructions/beq.ts';
import { bge } from '../../isa/instructions/bge.ts';
import { blt } from '../../isa/instructions/blt.ts';
import { bne } from '../../isa/instructions/bne.ts';
import { halt } from '../../isa/instructions/halt.ts';
import { iadd } from '../../isa/instructions/iadd.ts';
import { imax } from '../../isa/instructions/imax.ts';
import { imin } from '../../isa/instructions/imin.ts';
import { imul } from '../../isa/instructions/imul.ts';
import { isub } from '../../isa/instructions/isub.ts';
import { li } from '../../isa/instructions/li.ts';
import { FORMATS } from '../tensor/formats.ts';

/** `tiles` has tile operands; `other` is executed as its definition says. */
const KINDS = [
  'tiles',
  'other',
  'li',
  'iadd',
  'isub',
  'imul',
  'imin',
  'imax',
  'blt',
  'bge',
  'beq',
  'bne',
  'halt',
] as const;
export type Kind = (typeof KINDS)[number];

/** Kinds as numbers, for columns. */
export const KIND = Object.freeze(
  Object.fromEntries(KINDS.map((kind, number) => [kind, number])),
) as Readonly<Record<Kind, number>>;

const DEFINED = new Map<InstructionDefinition, Kind>([
  [li, 'li'],
  [iadd, 'iadd'],
  [isub, 'isub'],
  [imul, 'imul'],
  [imin, 'imin'],
  [imax, 'imax'],
  [blt, 'blt'],
  [bge, 'bge'],
  [beq, 'beq'],
  [bne, 'bne'],
  [halt, 'halt'],
]);

/** No register: the operand is a constant. */
export const CONSTANT = -1;

/** The columns; an operand is the register, or CONSTANT and the value beside it. */
export interface WalkCode {
  readonly size: number;
  readonly kind: Uint8Array;
  /** The scalar register that is written; r0 is written to no effect; −1 where none is. */
  readonly target: Int8Array;
  readonly a: Int8Array;
  readonly aValue: Float64Array;
  readonly b: Int8Array;
  readonly bValue: Float64Array;
  /** Where a branch goes. */
  readonly label: Int32Array;
  /** Of instructions with an address: offset and registers; `hasAddress` tells which have one. */
  readonly hasAddress: Uint8Array;
  /** Bytes that address and stride are multiples of. */
  readonly elementBytes: Uint8Array;
  readonly offset: Float64Array;
  readonly base: Uint8Array;
  readonly index: Uint8Array;
}

/** Decodes a program once, before it is walked. */
export function walkCode(code: readonly Instruction[]): WalkCode {
  const size = code.length;
  const columns: WalkCode = {
    size,
    kind: new Uint8Array(size),
    target: new Int8Array(size).fill(CONSTANT),
    a: new Int8Array(size).fill(CONSTANT),
    aValue: new Float64Array(size),
    b: new Int8Array(size).fill(CONSTANT),
    bValue: new Float64Array(size),
    label: new Int32Array(size).fill(CONSTANT),
    hasAddress: new Uint8Array(size),
    elementBytes: new Uint8Array(size).fill(1),
    offset: new Float64Array(size),
    base: new Uint8Array(size),
    index: new Uint8Array(size),
  };
  code.forEach((instruction, pc) => decode(columns, pc, instruction));
  return columns;
}

function decode(columns: WalkCode, pc: number, { definition, operands }: Instruction): void {
  const hasTiles = operands.some(({ kind }) => kind === 'tile');
  if (definition.elements) columns.elementBytes[pc] = FORMATS[definition.elements].bytes;
  columns.kind[pc] = hasTiles ? KIND.tiles : KIND[DEFINED.get(definition) ?? 'other'];
  const reads: Operand[] = [];
  definition.operands.forEach(({ access }, i) => {
    const operand = operands[i]!;
    if (operand.kind === 'label') columns.label[pc] = operand.target;
    if (operand.kind === 'address') decodeAddress(columns, pc, operand);
    if (operand.kind !== 'scalar' && operand.kind !== 'constant') return;
    if (access === 'write') columns.target[pc] = (operand as { register: number }).register;
    else reads.push(operand);
  });
  if (hasTiles) return;
  const sides = [
    [columns.a, columns.aValue],
    [columns.b, columns.bValue],
  ] as const;
  sides.forEach(([registers, values], i) => {
    const operand = reads[i];
    if (operand?.kind === 'scalar') registers[pc] = operand.register;
    if (operand?.kind === 'constant') values[pc] = operand.value;
  });
}

function decodeAddress(
  { hasAddress, offset, base, index }: WalkCode,
  pc: number,
  operand: Extract<Operand, { kind: 'address' }>,
): void {
  hasAddress[pc] = 1;
  offset[pc] = operand.offset;
  base[pc] = operand.base;
  index[pc] = operand.index;
}

/** Whether control goes on to the label: of branches, for the difference of their operands. */
export function isTaken(kind: number, difference: number): boolean {
  switch (kind) {
    case KIND.blt:
      return difference < 0;
    case KIND.bge:
      return difference >= 0;
    case KIND.beq:
      return difference === 0;
    default:
      return difference !== 0;
  }
}

/** Whether an instruction compares its operands: a branch, a minimum or a maximum. */
export function compares(kind: number): boolean {
  return kind >= KIND.imin && kind <= KIND.bne;
}

/** Whether the result of an instruction may be too large: a sum, a difference or a product. */
export function computes(kind: number): boolean {
  return kind >= KIND.iadd && kind <= KIND.imul;
}

export function branches(kind: number): boolean {
  return kind >= KIND.blt && kind <= KIND.bne;
}
