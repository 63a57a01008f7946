/** The plain way to execute an instruction: as its definition says, with all checks; the other ways are measured by it. */
import type { Shape } from '../tensor/tile.ts';
import { HALTED, OperandError } from '../../isa/instruction.ts';
import type { Binding } from './binding.ts';
import {
  instructionLimit,
  jumpOutOfCode,
  pastTheEnd,
  requireCapacity,
  scalarOverflow,
  unwritten,
} from './faults.ts';
import type { State } from './state.ts';
import { MAX_EXACT, exchange } from './state.ts';
import type { TrapCode } from './trap.ts';
import { Fault } from './trap.ts';

export interface PlainLimits {
  readonly maxInstructions: number;
  /** Edge of a tile. */
  readonly edge: number;
}

export class PlainWay {
  private readonly state: State;
  private readonly bindings: readonly Binding[];
  private readonly limits: PlainLimits;
  /** What an OperandError means: shapes are judged first, then the values. */
  private operandCode: TrapCode = 'shape-mismatch';

  constructor(state: State, bindings: readonly Binding[], limits: PlainLimits) {
    this.state = state;
    this.bindings = bindings;
    this.limits = limits;
  }

  /** Executes the next instruction, and gives its binding; its work is in it. Throws a Fault. */
  execute(): Binding {
    try {
      return this.attempt();
    } catch (error) {
      if (!(error instanceof OperandError)) throw error;
      throw new Fault(this.operandCode, error.message, error.hint);
    }
  }

  private attempt(): Binding {
    const { state, bindings } = this;
    const { pc, results } = state;
    const { maxInstructions } = this.limits;
    if (state.instructions >= maxInstructions) throw instructionLimit(maxInstructions);
    if (pc >= bindings.length) throw pastTheEnd();
    const binding = bindings[pc]!;
    const { definition, values } = binding;
    this.operandCode = 'shape-mismatch';
    this.readOperands(binding);
    if (!binding.isShapeChecked) this.checkShape(binding);
    binding.work ??= definition.work(values);
    (results as { pc: number }).pc = pc;
    results.nextPc = pc + 1;
    this.operandCode = 'bad-operand';
    definition.execute(values, results);
    this.writeResults(binding);
    this.requireInCode(results.nextPc);
    state.pc = results.nextPc;
    state.instructions++;
    return binding;
  }

  /**
   * Puts the operands in place. Shapes and work depend on the shapes of tiles, on scalars and on addresses
   * alone, so what is known of them stays valid until one of these changes.
   */
  private readOperands(binding: Binding): void {
    const { values, tiles, scalars, addresses } = binding;
    for (let i = 0; i < tiles.length; i++) this.readTile(binding, tiles[i]!);
    for (let i = 0; i < scalars.length; i++) {
      const operand = scalars[i]!;
      const value = this.readScalar(operand.register);
      if (operand.value === value) continue;
      operand.value = value;
      values[operand.name] = value;
      binding.isShapeChecked = false;
      binding.work = undefined;
    }
    for (let i = 0; i < addresses.length; i++) {
      const { name, offset, base, index } = addresses[i]!;
      const address = offset + this.readScalar(base) + this.readScalar(index);
      if (values[name] === address) continue;
      values[name] = address;
      binding.work = undefined;
    }
  }

  private readTile(binding: Binding, operand: Binding['tiles'][number]): void {
    const { rows, cols } = operand.tile;
    if (rows === 0) throw unwritten(`t${operand.register}`);
    if (rows === operand.rows && cols === operand.cols) return;
    operand.rows = rows;
    operand.cols = cols;
    binding.isShapeChecked = false;
    binding.work = undefined;
  }

  private checkShape(binding: Binding): void {
    const shape = binding.definition.shape(binding.values) as Shape | undefined;
    if (shape) requireCapacity(shape, this.limits.edge);
    binding.isShapeChecked = true;
  }

  private readScalar(register: number): number {
    const value = this.state.scalars[register]!;
    if (Number.isNaN(value)) throw unwritten(`r${register}`);
    return value;
  }

  private writeResults({ tileResult, scalarResult }: Binding): void {
    const { tiles, scalars, results } = this.state;
    if (tileResult >= 0) exchange(tiles[tileResult]!, results.out);
    if (scalarResult > 0) {
      const value = results.scalar;
      if (!(Math.abs(value) <= MAX_EXACT)) throw scalarOverflow(value);
      scalars[scalarResult] = value + 0; // −0 becomes 0: integers have one zero
    }
  }

  private requireInCode(nextPc: number): void {
    if (nextPc === HALTED || (nextPc >= 0 && nextPc <= this.bindings.length)) return;
    throw jumpOutOfCode(nextPc, this.bindings.length);
  }
}
