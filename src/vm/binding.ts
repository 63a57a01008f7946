/** Binding: a static instruction with its operands resolved to storage, once before the run. */
import type { Instruction, InstructionDefinition } from '../../isa/instruction.ts';
import { hasFlag } from '../../isa/registers.ts';
import type { Work } from '../../isa/work.ts';
import type { Tile } from '../tensor/tile.ts';

/** A tile that is read, with the shape it had when the instruction was executed last. */
interface TileOperand {
  readonly register: number;
  readonly tile: Tile;
  rows: number;
  cols: number;
}

/** A scalar that is read, with its value when the instruction was executed last. */
interface ScalarOperand {
  readonly name: string;
  readonly register: number;
  value: number;
}

interface AddressOperand {
  readonly name: string;
  readonly offset: number;
  readonly base: number;
  readonly index: number;
}

/**
 * The values of an instruction's operands. `values` holds constants, labels, flags and tiles from the
 * start; the machine puts scalars and addresses in before each execution.
 */
export interface Binding {
  readonly definition: InstructionDefinition;
  /** That of the definition. */
  readonly execute: InstructionDefinition['execute'];
  readonly values: Record<string, unknown>;
  readonly tiles: readonly TileOperand[];
  readonly scalars: readonly ScalarOperand[];
  readonly addresses: readonly AddressOperand[];
  /** The written tile or scalar register, or −1. */
  readonly tileResult: number;
  readonly scalarResult: number;
  /** Whether the operands, as they are, have passed the shape rule. */
  isShapeChecked: boolean;
  /** The work for the operands as they are; undefined before it is asked for. */
  work: Work | undefined;
  /** The number of the work that was numbered last, and that work. */
  number: number;
  numbered: Work | undefined;
}

/** Resolves the operands of an instruction; `registers` are the tiles, which stay the same objects. */
export function bind(instruction: Instruction, registers: readonly Tile[]): Binding {
  const { definition } = instruction;
  const values: Record<string, unknown> = {};
  const tiles: TileOperand[] = [];
  const scalars: ScalarOperand[] = [];
  const addresses: AddressOperand[] = [];
  const written = { tile: -1, scalar: -1 };
  for (const { name } of definition.flags) values[name] = hasFlag(instruction, name);
  definition.operands.forEach((spec, i) => {
    const { name } = spec;
    const operand = instruction.operands[i]!;
    values[name] = undefined;
    if (operand.kind === 'constant') values[name] = constantOf(spec.kind, operand.value);
    if (operand.kind === 'label') values[name] = operand.target;
    if (operand.kind === 'address') addresses.push({ ...operand, name });
    if (operand.kind !== 'tile' && operand.kind !== 'scalar') return;
    const { register } = operand;
    if (spec.access === 'write') written[operand.kind] = register;
    if (spec.access === 'write' && !(spec.readWith && values[spec.readWith] === true)) return;
    if (operand.kind === 'scalar') {
      scalars.push({ name, register, value: NaN });
      return;
    }
    const tile = registers[register]!;
    values[name] = tile;
    tiles.push({ register, tile, rows: 0, cols: 0 });
  });
  return {
    definition,
    execute: definition.execute,
    values,
    tiles,
    scalars,
    addresses,
    tileResult: written.tile,
    scalarResult: written.scalar,
    isShapeChecked: false,
    work: undefined,
    number: -1,
    numbered: undefined,
  };
}

/** Numbers are float32 by definition of their operand kind; integers are exact. */
function constantOf(kind: string, value: number): number {
  return kind === 'number' ? Math.fround(value) : value;
}
