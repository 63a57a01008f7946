/** What an instruction with tiles does to shapes, and what work it is: asked of its definition once for each shape. */
import type { Instruction, InstructionDefinition } from '../../isa/instruction.ts';
import { hasFlag } from '../../isa/registers.ts';
import type { Shape } from '../tensor/tile.ts';
import { requireCapacity, unwritten } from '../vm/faults.ts';
import type { WorkTable } from '../vm/step-block.ts';

/** The shapes of the tile registers; no rows in those that were never written. */
export interface TileShapes {
  readonly rows: Int32Array;
  readonly cols: Int32Array;
}

interface TileOperand {
  readonly name: string;
  readonly register: number;
  rows: number;
  cols: number;
}

interface ScalarOperand {
  readonly name: string;
  readonly register: number;
  value: number;
  /** Whether shape or work were seen to depend on it; a causal mask, for one, changes neither. */
  isRead: boolean;
}

const NO_DATA = new Float32Array(0);

/** One instruction of a program, with what is known of it for the operands that it had last. */
export class ShapeRule {
  /** The tile register that is written, or −1. */
  readonly target: number;
  /** Of the tile that is written. */
  rows = 0;
  cols = 0;
  /** The number of its work. */
  work = -1;
  private readonly definition: InstructionDefinition;
  private readonly edge: number;
  private readonly reads: { count: number };
  private readonly tiles: TileOperand[] = [];
  private readonly scalars: ScalarOperand[] = [];
  private readonly values: Record<string, unknown> = {};

  /** `edge` is that of the largest tile; `reads` counts the scalars that shapes and works depend on. */
  constructor(instruction: Instruction, edge: number, reads: { count: number }) {
    const { definition } = instruction;
    this.definition = definition;
    this.edge = edge;
    this.reads = reads;
    this.target = this.bind(instruction);
  }

  private bind(instruction: Instruction): number {
    const { definition, operands } = instruction;
    const { values } = this;
    let target = -1;
    for (const { name } of definition.flags) values[name] = hasFlag(instruction, name);
    definition.operands.forEach((spec, i) => {
      const { name } = spec;
      const operand = operands[i]!;
      values[name] = operand.kind === 'constant' ? operand.value : undefined;
      if (operand.kind === 'address') values[name] = 0;
      if (operand.kind === 'tile' && spec.access === 'write') target = operand.register;
      if (spec.access === 'write' && !(spec.readWith && values[spec.readWith] === true)) return;
      if (operand.kind === 'scalar') this.bindScalar(name, operand.register);
      if (operand.kind !== 'tile') return;
      this.tiles.push({ name, register: operand.register, rows: 0, cols: 0 });
    });
    return target;
  }

  private bindScalar(name: string, register: number): void {
    const scalar = { name, register, value: NaN, isRead: false };
    this.scalars.push(scalar);
    const get = (): number => {
      if (!scalar.isRead) this.reads.count++;
      scalar.isRead = true;
      return scalar.value;
    };
    Object.defineProperty(this.values, name, { get });
  }

  /** The scalar registers that shape or work depend on. */
  get shapeRegisters(): readonly number[] {
    return this.scalars.filter(({ isRead }) => isRead).map(({ register }) => register);
  }

  /**
   * Brings rows, cols and work up to date with the operands. Throws Fault and OperandError as the
   * machine with values does.
   */
  update({ rows, cols }: TileShapes, registers: Float64Array, works: WorkTable): void {
    const { tiles, scalars } = this;
    let isKnown = this.work >= 0;
    for (let i = 0; i < tiles.length; i++) {
      const tile = tiles[i]!;
      const { register } = tile;
      if (tile.rows === rows[register] && tile.cols === cols[register]) continue;
      isKnown = false;
      tile.rows = rows[register]!;
      tile.cols = cols[register]!;
    }
    for (let i = 0; i < scalars.length; i++) {
      const scalar = scalars[i]!;
      const value = registers[scalar.register]!;
      if (scalar.value === value) continue;
      scalar.value = value;
      if (scalar.isRead) isKnown = false;
    }
    if (!isKnown) this.ask(works);
  }

  private ask(works: WorkTable): void {
    const { definition, values } = this;
    for (const { name, register, rows, cols } of this.tiles) {
      if (rows === 0) throw unwritten(`t${register}`);
      values[name] = { rows, cols, data: NO_DATA };
    }
    for (const { register, value } of this.scalars) {
      if (Number.isNaN(value)) throw unwritten(`r${register}`);
    }
    const shape = definition.shape(values) as Shape | undefined;
    if (shape) requireCapacity(shape, this.edge);
    this.rows = shape?.rows ?? 0;
    this.cols = shape?.cols ?? 0;
    this.work = works.numberOf(definition.work(values));
  }
}
