/** What is known of an instruction's operands before running, and what follows from it. */
import type {
  HostPort,
  Instruction,
  InstructionDefinition,
  MemoryPort,
  Results,
} from '../../isa/instruction.ts';
import type { Operand, PartialShape } from '../../isa/operand.ts';
import { hasFlag } from '../../isa/registers.ts';
import { PLAIN_KERNELS } from '../tensor/kernels/kernels.ts';
import { makeTile } from '../tensor/tile.ts';
import type { State } from './verify-state.ts';
import { readTileShape, scalarValue } from './verify-state.ts';

export type KnownValue = PartialShape | number | undefined;
export type KnownValues = Record<string, KnownValue | boolean>;

/** What a shape rule sees of one definition's operands: one object for all instructions, filled for each anew. */
interface View {
  readonly known: KnownValues;
  /** For each operand, the shape of the tile that it may name. */
  readonly shapes: readonly { rows: number | undefined; cols: number | undefined }[];
}

const views = new Map<InstructionDefinition, View>();

function viewOf(definition: InstructionDefinition): View {
  let view = views.get(definition);
  if (!view) {
    const { operands, flags } = definition;
    const names = [...operands.map(({ name }) => name), ...flags.map(({ name }) => name)];
    const known = Object.fromEntries(names.map((name) => [name, undefined]));
    view = { known, shapes: operands.map(() => ({ rows: undefined, cols: undefined })) };
    views.set(definition, view);
  }
  return view;
}

/**
 * Operands and flags by name, as a shape rule wants them. Good until the next instruction of the same definition:
 * a program has many, and what is known of one is looked at once.
 */
export function knownValues(instruction: Instruction, state: State): KnownValues {
  const { definition, operands, flags } = instruction;
  const { known, shapes } = viewOf(definition);
  for (let i = 0; i < definition.operands.length; i++) {
    const spec = definition.operands[i];
    const isRead =
      spec.access === 'read' ||
      (spec.readWith !== undefined && hasFlag(instruction, spec.readWith));
    known[spec.name] = isRead ? knownOperand(operands[i], state, shapes[i]) : undefined;
  }
  for (let i = 0; i < definition.flags.length; i++) {
    known[definition.flags[i].name] = (flags & (1 << i)) !== 0;
  }
  return known;
}

function knownOperand(operand: Operand, state: State, shape: View['shapes'][number]): KnownValue {
  switch (operand.kind) {
    case 'tile':
      readTileShape(state, operand.register, shape);
      return shape;
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
  const specs = instruction.definition.operands;
  for (let i = 0; i < specs.length; i++) {
    if (specs[i].access === 'write' || instruction.operands[i].kind === 'absent') continue;
    const value = known[specs[i].name];
    if (value === undefined) return false;
    if (typeof value !== 'object') continue;
    if (value.rows === undefined || value.cols === undefined) return false;
  }
  return true;
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

/** Where scalar control instructions put their results, one after the other. */
const results = {
  out: makeTile(0, 0),
  scalar: 0,
  pc: 0,
  nextPc: 0,
  kernels: PLAIN_KERNELS,
  memory: NO_MEMORY,
  host: NO_HOST,
} satisfies Results;

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
  results.scalar = 0;
  results.pc = pc;
  results.nextPc = pc + 1;
  definition.execute(known, results);
  return { scalar: results.scalar + 0, nextPc: results.nextPc }; // integers have one zero
}
