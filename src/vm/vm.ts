/** The machine that a program sees: registers, memory, one instruction after another; no cycles. */
import type { Results } from '../../isa/instruction.ts';
import { HALTED, OperandError } from '../../isa/instruction.ts';
import { SCALAR_REGISTERS, TILE_REGISTERS } from '../../isa/index.ts';
import type { Program } from '../program/program.ts';
import { memoryEnd } from '../program/program.ts';
import { createStorage } from '../tensor/storage.ts';
import type { PlacedTile, Shape, Tile } from '../tensor/tile.ts';
import type { Binding } from './binding.ts';
import { bind } from './binding.ts';
import {
  instructionLimit,
  pastTheEnd,
  requireCapacity,
  scalarOverflow,
  unwritten,
} from './faults.ts';
import type { HostOptions } from './host.ts';
import { makeHost } from './host.ts';
import { Memory } from './memory.ts';
import type { Step } from './step.ts';
import type { Trap, TrapCode } from './trap.ts';
import { Fault } from './trap.ts';

export interface VmOptions extends HostOptions {
  /** More executed instructions than this are a trap. */
  readonly maxInstructions?: number;
  /** Use the plain loops, which define the values, where faster kernels with the same bits exist. */
  readonly plainKernels?: boolean;
}

export const DEFAULT_MAX_INSTRUCTIONS = 100_000_000;

/** At 2^53 a sum may already have been rounded; below, every integer is exact. */
const MAX_EXACT = 2 ** 53 - 1;

/** Everything that executing an instruction may change, copied; see Vm.snapshot. */
export interface VmSnapshot {
  readonly pc: number;
  readonly instructions: number;
  readonly tiles: readonly Tile[];
  readonly scalars: Float64Array;
  readonly scalarWritten: Uint8Array;
  readonly memory: Int32Array;
  readonly emittedTokens: readonly number[];
  readonly trap: Trap | undefined;
}

/** Runs a program one instruction at a time. */
export class Vm {
  readonly program: Program;
  readonly memory: Memory;
  readonly emittedTokens: number[] = [];
  /** Set when an instruction could not be executed; the program is then over. */
  trap: Trap | undefined;
  instructions = 0;
  private pc = 0;
  private readonly bindings: readonly Binding[];
  private readonly tiles: readonly PlacedTile[];
  /** Where a tile is computed, before it changes places with the register it is for. */
  private readonly out: PlacedTile;
  private readonly scalars = new Float64Array(SCALAR_REGISTERS);
  private readonly scalarWritten = new Uint8Array(SCALAR_REGISTERS);
  private readonly results: Results;
  private readonly maxInstructions: number;
  /** What an OperandError means: shapes are judged first, then the values. */
  private operandCode: TrapCode = 'shape-mismatch';

  constructor(program: Program, options: VmOptions = {}) {
    this.program = program;
    const size = {
      memoryBytes: memoryEnd(program),
      tiles: TILE_REGISTERS + 1,
      edge: program.tile,
    };
    const storage = createStorage(size, options.plainKernels);
    const [out, ...tiles] = storage.tiles;
    this.out = out;
    this.memory = new Memory(program, storage);
    this.tiles = tiles;
    this.bindings = program.code.map((instruction) => bind(instruction, tiles));
    this.scalarWritten[0] = 1;
    this.maxInstructions = options.maxInstructions ?? DEFAULT_MAX_INSTRUCTIONS;
    this.results = {
      out,
      scalar: 0,
      pc: 0,
      nextPc: 0,
      kernels: storage.kernels,
      memory: this.memory,
      host: makeHost(options, this.emittedTokens),
    };
  }

  /** Executes the next instruction; undefined when the program has halted or trapped. */
  next(): Step | undefined {
    if (this.pc === HALTED || this.trap) return undefined;
    try {
      return this.execute();
    } catch (error) {
      this.trap = this.trapOf(error);
      return undefined;
    }
  }

  /** A tile register's content; undefined when it was never written. */
  tile(register: number): Tile | undefined {
    const tile = this.tiles[register];
    return tile && tile.rows > 0 ? tile : undefined;
  }

  /** A scalar register's content; undefined when it was never written. */
  scalar(register: number): number | undefined {
    return this.scalarWritten[register] ? this.scalars[register] : undefined;
  }

  /** The whole state, to come back to; as large as memory and the tile registers in use. */
  snapshot(): VmSnapshot {
    return {
      pc: this.pc,
      instructions: this.instructions,
      tiles: this.tiles.map(copyTile),
      scalars: this.scalars.slice(),
      scalarWritten: this.scalarWritten.slice(),
      memory: this.memory.snapshot(),
      emittedTokens: this.emittedTokens.slice(),
      trap: this.trap,
    };
  }

  /** Goes back, or forward, to a state that a machine with the same program and options had. */
  restore(saved: VmSnapshot): void {
    this.pc = saved.pc;
    this.instructions = saved.instructions;
    saved.tiles.forEach((tile, i) => {
      const own = this.tiles[i]!;
      own.rows = tile.rows;
      own.cols = tile.cols;
      own.data.set(tile.data);
    });
    this.scalars.set(saved.scalars);
    this.scalarWritten.set(saved.scalarWritten);
    this.memory.restore(saved.memory);
    this.emittedTokens.length = 0;
    for (const token of saved.emittedTokens) this.emittedTokens.push(token);
    this.trap = saved.trap;
  }

  private execute(): Step {
    const { pc, results } = this;
    if (this.instructions >= this.maxInstructions) throw instructionLimit(this.maxInstructions);
    if (pc >= this.bindings.length) throw pastTheEnd();
    const binding = this.bindings[pc]!;
    const { definition, values } = binding;
    this.operandCode = 'shape-mismatch';
    this.readOperands(binding);
    if (!binding.isShapeChecked) this.checkShape(binding);
    const work = (binding.work ??= definition.work(values));
    (results as { pc: number }).pc = pc;
    results.nextPc = pc + 1;
    this.operandCode = 'bad-operand';
    definition.execute(values, results);
    this.writeResults(binding);
    this.requireInCode(results.nextPc);
    this.pc = results.nextPc;
    this.instructions++;
    return { pc, nextPc: results.nextPc, work };
  }

  /**
   * Puts the operands in place. Shapes and work depend on the shapes of tiles, on scalars and on addresses
   * alone, so what is known of them stays valid until one of these changes.
   */
  private readOperands(binding: Binding): void {
    const { values, tiles, scalars, addresses } = binding;
    for (let i = 0; i < tiles.length; i++) this.readTile(binding, tiles[i]!);
    for (let i = 0; i < scalars.length; i++) {
      const { name, register } = scalars[i]!;
      const value = this.readScalar(register);
      if (values[name] === value) continue;
      values[name] = value;
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
    if (shape) requireCapacity(shape, this.program.tile);
    binding.isShapeChecked = true;
  }

  private readScalar(register: number): number {
    if (!this.scalarWritten[register]) throw unwritten(`r${register}`);
    return this.scalars[register]!;
  }

  /** The result was computed apart from the registers, so a source may also be the destination. */
  private writeResults({ tileResult, scalarResult }: Binding): void {
    if (tileResult >= 0) exchange(this.tiles[tileResult]!, this.out);
    if (scalarResult > 0) {
      const value = this.results.scalar;
      if (!(Math.abs(value) <= MAX_EXACT)) throw scalarOverflow(value);
      this.scalars[scalarResult] = value + 0; // −0 becomes 0: integers have one zero
      this.scalarWritten[scalarResult] = 1;
    }
  }

  private requireInCode(nextPc: number): void {
    if (nextPc === HALTED || (nextPc >= 0 && nextPc <= this.bindings.length)) return;
    throw new Fault(
      'jump-out-of-code',
      `jump to ${nextPc}, but the code has addresses 0 to ${this.bindings.length - 1}`,
      'JR needs an address that JAL has put into a register',
    );
  }

  private trapOf(error: unknown): Trap {
    const pc = Math.min(this.pc, this.program.code.length - 1);
    const fault = error instanceof OperandError ? this.operandFault(error) : error;
    if (!(fault instanceof Fault)) throw error;
    const span = this.program.spans[pc] ?? {
      file: this.program.name,
      line: 1,
      column: 1,
      length: 1,
    };
    const { code, message, hint } = fault;
    return { code, message, hint, pc, index: this.instructions, span };
  }

  private operandFault({ message, hint }: OperandError): Fault {
    return new Fault(this.operandCode, message, hint);
  }
}

function copyTile({ rows, cols, data }: Tile): Tile {
  return { rows, cols, data: data.slice(0, rows * cols) };
}

function exchange(a: PlacedTile, b: PlacedTile): void {
  const { data, address } = a;
  a.address = b.address;
  b.address = address;
  a.data = b.data;
  a.rows = b.rows;
  a.cols = b.cols;
  b.data = data;
}
