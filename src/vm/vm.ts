/** The machine that a program sees: registers, memory, one instruction after another; no cycles. */
import { HALTED } from '../../isa/instruction.ts';
import { SCALAR_REGISTERS, TILE_REGISTERS } from '../../isa/index.ts';
import type { Work } from '../../isa/work.ts';
import type { Program } from '../program/program.ts';
import { memoryEnd } from '../program/program.ts';
import { createStorage } from '../tensor/storage.ts';
import type { Tile } from '../tensor/tile.ts';
import type { Binding } from './binding.ts';
import { bind } from './binding.ts';
import { decode } from './decode.ts';
import type { HostOptions } from './host.ts';
import { makeHost } from './host.ts';
import { Memory } from './memory.ts';
import { PlainWay } from './plain.ts';
import { QuickWay } from './quick.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';
import type { BlockSource } from './step-block.ts';
import { NO_NEXT, StepBlock, WorkTable, stepAt } from './step-block.ts';
import type { Trap } from './trap.ts';
import { Fault } from './trap.ts';
import { Variants } from './variants.ts';

export interface VmOptions extends HostOptions {
  /** More executed instructions than this are a trap. */
  readonly maxInstructions?: number;
  /**
   * Use the plain loops, which define the values, where faster kernels with the same bits exist, and
   * execute every instruction the plain way.
   */
  readonly plainKernels?: boolean;
}

export const DEFAULT_MAX_INSTRUCTIONS = 100_000_000;

/** Everything that executing an instruction may change, copied; see Vm.snapshot. */
export interface VmSnapshot {
  readonly pc: number;
  readonly instructions: number;
  readonly tiles: readonly Tile[];
  /** NaN where nothing was written yet. */
  readonly scalars: Float64Array;
  readonly memory: Int32Array;
  readonly emittedTokens: readonly number[];
  readonly trap: Trap | undefined;
}

/** Runs a program, one instruction at a time or in blocks. */
export class Vm implements BlockSource {
  readonly program: Program;
  readonly memory: Memory;
  readonly emittedTokens: number[] = [];
  /** Set when an instruction could not be executed; the program is then over. */
  trap: Trap | undefined;
  readonly works = new WorkTable();
  /** It is for others to tell parts of a run apart. */
  readonly segmentCount = 1;
  private readonly state: State;
  private readonly bindings: readonly Binding[];
  private readonly variants: Variants;
  private readonly plain: PlainWay;
  private readonly quick: QuickWay | undefined;
  private readonly maxInstructions: number;
  private readonly single = new StepBlock(1);

  constructor(program: Program, options: VmOptions = {}) {
    this.program = program;
    const edge = program.tile;
    const size = { memoryBytes: memoryEnd(program), tiles: TILE_REGISTERS + 1, edge };
    const storage = createStorage(size, options.plainKernels);
    const [out, ...tiles] = storage.tiles;
    const memory = new Memory(program, storage);
    const { kernels } = storage;
    const host = makeHost(options, this.emittedTokens);
    const results = { out: out!, scalar: 0, pc: 0, nextPc: 0, kernels, memory, host };
    const decoded = decode(program.code);
    const { scalars } = decoded;
    this.memory = memory;
    this.state = { pc: 0, instructions: 0, memory, tiles, scalars, results };
    this.bindings = program.code.map((instruction) => bind(instruction, tiles));
    this.variants = new Variants(program.code.length);
    this.maxInstructions = options.maxInstructions ?? DEFAULT_MAX_INSTRUCTIONS;
    const limits = { maxInstructions: this.maxInstructions, edge };
    this.plain = new PlainWay(this.state, this.bindings, limits);
    this.quick = options.plainKernels
      ? undefined
      : new QuickWay(this.state, decoded, this.bindings, this.variants, this.works, edge);
  }

  /** Executed so far. */
  get instructions(): number {
    return this.state.instructions;
  }

  /** Executes the next instruction; undefined when the program has halted or trapped. */
  next(): Step | undefined {
    const { single } = this;
    this.fill(single);
    return single.count === 0 ? undefined : stepAt(single, 0, this.works);
  }

  /**
   * Executes as many instructions as the block takes, or fewer: what emits a token is the first of its
   * block, so that nobody hears it before all that came before has been taken.
   */
  fill(block: StepBlock): void {
    block.count = 0;
    while (block.count < block.limit && this.state.pc !== HALTED && !this.trap) {
      if (this.quick) this.runQuick(this.quick, block);
      if (block.count === block.limit) return;
      if (block.count > 0 && this.bindings[this.state.pc]?.definition.emits) return;
      this.stepPlainly(block);
    }
  }

  /** A tile register's content; undefined when it was never written. */
  tile(register: number): Tile | undefined {
    const tile = this.state.tiles[register];
    return tile && tile.rows > 0 ? tile : undefined;
  }

  /** A scalar register's content; undefined when it was never written. */
  scalar(register: number): number | undefined {
    const value = register < SCALAR_REGISTERS ? this.state.scalars[register] : undefined;
    return Number.isNaN(value) ? undefined : value;
  }

  /** The whole state, to come back to; as large as memory and the tile registers in use. */
  snapshot(): VmSnapshot {
    const { pc, instructions, tiles, scalars } = this.state;
    return {
      pc,
      instructions,
      tiles: tiles.map(copyTile),
      scalars: scalars.slice(0, SCALAR_REGISTERS),
      memory: this.memory.snapshot(),
      emittedTokens: this.emittedTokens.slice(),
      trap: this.trap,
    };
  }

  /** Goes back, or forward, to a state that a machine with the same program and options had. */
  restore(saved: VmSnapshot): void {
    const { state } = this;
    state.pc = saved.pc;
    state.instructions = saved.instructions;
    saved.tiles.forEach((tile, i) => {
      const own = state.tiles[i]!;
      own.rows = tile.rows;
      own.cols = tile.cols;
      own.data.set(tile.data);
    });
    state.scalars.set(saved.scalars);
    this.memory.restore(saved.memory);
    this.emittedTokens.length = 0;
    for (const token of saved.emittedTokens) this.emittedTokens.push(token);
    this.trap = saved.trap;
  }

  /** What a kernel refuses on the way, the plain way will meet again, and explain. */
  private runQuick(quick: QuickWay, block: StepBlock): void {
    const room = this.maxInstructions - this.state.instructions;
    try {
      quick.run(block, Math.min(block.limit, block.count + room));
    } catch {
      return;
    }
  }

  private stepPlainly(block: StepBlock): void {
    const { pc } = this.state;
    try {
      const binding = this.plain.execute();
      this.put(block, pc, binding);
    } catch (error) {
      this.trap = this.trapOf(error);
    }
  }

  /** Notes an instruction that has just been executed. */
  private put(block: StepBlock, pc: number, binding: Binding): void {
    const { work } = binding;
    if (!work) throw new Error('invariant: executed without work');
    if (work !== binding.numbered) {
      if (!isSameTransfer(work, binding.numbered)) binding.number = this.works.numberOf(work);
      binding.numbered = work;
      if (this.quick && binding.addresses.length === 0) this.variants.remember(pc, binding);
    }
    const at = block.count++;
    const next = this.state.pc;
    block.pc[at] = pc;
    block.nextPc[at] = next === HALTED ? NO_NEXT : next;
    block.work[at] = binding.number;
    if (work.kind === 'memory') block.address[at] = work.address;
  }

  private trapOf(error: unknown): Trap {
    if (!(error instanceof Fault)) throw error;
    const pc = Math.min(this.state.pc, this.program.code.length - 1);
    const span = this.program.spans[pc] ?? {
      file: this.program.name,
      line: 1,
      column: 1,
      length: 1,
    };
    const { code, message, hint } = error;
    return { code, message, hint, pc, index: this.state.instructions, span };
  }
}

/** Whether two are transfers that differ in nothing but their address; a search is dearer than this. */
function isSameTransfer(work: Work, other: Work | undefined): boolean {
  if (work.kind !== 'memory' || other?.kind !== 'memory') return false;
  const { rows, rowBytes, strideBytes, direction } = work;
  const isSameShape = rows === other.rows && rowBytes === other.rowBytes;
  return isSameShape && strideBytes === other.strideBytes && direction === other.direction;
}

function copyTile({ rows, cols, data }: Tile): Tile {
  return { rows, cols, data: data.slice(0, rows * cols) };
}
