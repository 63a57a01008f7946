/** Walks through a program without values: scalars, shapes and addresses are as in a run, tiles have no content. */
import type { InstructionDefinition, Results } from '../../isa/instruction.ts';
import { HALTED, OperandError } from '../../isa/instruction.ts';
import { SCALAR_REGISTERS, TILE_REGISTERS } from '../../isa/index.ts';
import type { MemoryWork } from '../../isa/work.ts';
import { SCALAR_WORK } from '../../isa/work.ts';
import type { Program } from '../program/program.ts';
import { MEMORY_BASE, memoryEnd } from '../program/program.ts';
import { PLAIN_KERNELS } from '../tensor/kernels/kernels.ts';
import type { Binding } from '../vm/binding.ts';
import { bind } from '../vm/binding.ts';
import {
  instructionLimit,
  jumpOutOfCode,
  pastTheEnd,
  requireAligned,
  requireInside,
  scalarOverflow,
  unwritten,
} from '../vm/faults.ts';
import { makeHost } from '../vm/host.ts';
import type { BlockSource, Clock, StepBlock } from '../vm/step-block.ts';
import { NO_NEXT, WorkTable } from '../vm/step-block.ts';
import { MAX_EXACT } from '../vm/state.ts';
import type { Trap } from '../vm/trap.ts';
import { Fault } from '../vm/trap.ts';
import { CONSTANT, KIND, compares, isTaken, walkCode } from './code.ts';
import { Integers } from './integers.ts';
import { loopsByTail } from './loops.ts';
import type { Walked } from './repeats.ts';
import { Repeats } from './repeats.ts';
import { ShapeRule } from './shape-rule.ts';

/** Which segment an instruction counts for: that of its address, and that of its layer behind it. */
export interface WalkSegments {
  readonly count: number;
  /** By code address. */
  readonly first: Int32Array;
  /** By code address: 1 where the number in `register` is added. */
  readonly isCounted: Uint8Array;
  readonly register: number;
}

export interface WalkOptions {
  readonly segments?: WalkSegments;
  /** More instructions than this, walked or skipped, are a trap. */
  readonly maxInstructions?: number;
  /** Walk every round of every loop, whatever the clock could tell. */
  readonly everyRound?: boolean;
  /** Less than this many instructions are walked sooner than they are skipped. */
  readonly worthSkipping?: number;
  /** Tokens that ECALL.PROMPT reads. */
  readonly promptTokens?: readonly number[];
}

const WORTH_SKIPPING = 2_000;

/** What is computed from the content of tiles is 0: time never depends on it. */
const UNKNOWN_SCALAR = 0;

export class Walker implements BlockSource {
  readonly works = new WorkTable();
  readonly segmentCount: number;
  instructions = 0;
  /** Set when an instruction could not be executed; the program is then over. */
  trap: Trap | undefined;
  private readonly program: Program;
  private readonly options: WalkOptions;
  private readonly columns: ReturnType<typeof walkCode>;
  private readonly end: number;
  private readonly scalars = new Float64Array(SCALAR_REGISTERS).fill(NaN);
  private readonly tiles = {
    rows: new Int32Array(TILE_REGISTERS),
    cols: new Int32Array(TILE_REGISTERS),
  };
  private readonly shapeReads = { count: 0 };
  private readonly rules: readonly (ShapeRule | undefined)[];
  private readonly bindings: readonly (Binding | undefined)[];
  private readonly results: Results;
  private readonly differences: Float64Array;
  private readonly scalarWork: number;
  /** Of instructions without tiles that make an access: the number of its work. */
  private readonly integerWork: Int32Array;
  private repeats: Repeats | undefined;
  private pc = 0;
  /** The instruction that is being executed. */
  private current = 0;
  /** The tail of a loop that is to be looked at when all so far has been timed; −1 if there is none. */
  private lookAt = -1;

  constructor(program: Program, options: WalkOptions = {}) {
    const { code } = program;
    this.program = program;
    this.options = options;
    this.columns = walkCode(code);
    this.end = memoryEnd(program);
    this.segmentCount = options.segments?.count ?? 1;
    const { kind } = this.columns;
    this.rules = code.map((one, pc) =>
      kind[pc] === KIND.tiles ? new ShapeRule(one, program.tile, this.shapeReads) : undefined,
    );
    this.bindings = code.map((one, pc) => (kind[pc] === KIND.other ? bind(one, []) : undefined));
    this.differences = new Float64Array(code.length);
    this.scalarWork = this.works.numberOf(SCALAR_WORK);
    this.integerWork = new Int32Array(code.length).fill(-1);
    this.scalars[0] = 0;
    this.results = {
      out: { rows: 0, cols: 0, data: new Float32Array(0) },
      scalar: 0,
      pc: 0,
      nextPc: 0,
      kernels: PLAIN_KERNELS,
      memory: new Integers(program),
      host: makeHost(options, []),
    };
  }

  /** Instructions that were counted with the rounds of loops that were not walked. */
  get skipped(): number {
    return this.repeats?.skipped ?? 0;
  }

  fill(block: StepBlock, clock?: Clock): void {
    block.count = 0;
    if (clock && !this.options.everyRound) this.useClock(clock);
    if (this.lookAt >= 0) {
      this.repeats!.look(this.lookAt);
      this.lookAt = -1;
    }
    try {
      while (block.count < block.limit && this.pc !== HALTED && !this.trap && this.lookAt < 0) {
        this.step(block);
      }
    } catch (error) {
      this.trap = this.trapOf(error);
    }
  }

  private useClock(clock: Clock): void {
    if (this.repeats) return;
    const loops = loopsByTail(this.program.code, this.columns);
    this.repeats = new Repeats(loops, this.walked(), clock);
  }

  private walked(): Walked {
    return {
      columns: this.columns,
      registers: this.scalars,
      tileRows: this.tiles.rows,
      tileCols: this.tiles.cols,
      differences: this.differences,
      instructions: () => this.instructions,
      worthSkipping: this.options.worthSkipping ?? WORTH_SKIPPING,
      shapeReads: this.shapeReads,
      shapeRegisters: (pc) => this.rules[pc]?.shapeRegisters ?? [],
      instructionsLeft: () => (this.options.maxInstructions ?? Infinity) - this.instructions,
      memory: { least: MEMORY_BASE, most: this.end },
      segmentsAt: (pc, after) => {
        const { segments } = this.options;
        return segments && segments.isCounted[pc] === 1 ? after[segments.register]! : 0;
      },
      skip: (instructions, rounds, steps) => {
        this.instructions += instructions;
        steps.forEach((step, r) => {
          if (Number.isFinite(step)) this.scalars[r]! += rounds * step;
        });
      },
    };
  }

  private step(block: StepBlock): void {
    const { pc, columns } = this;
    this.current = pc;
    if (this.instructions >= (this.options.maxInstructions ?? Infinity)) {
      throw instructionLimit(this.options.maxInstructions!);
    }
    if (pc >= columns.size) throw pastTheEnd();
    const at = block.count;
    const kind = columns.kind[pc]!;
    block.work[at] = this.scalarWork;
    if (kind === KIND.tiles) this.stepTiles(block, at, pc);
    else if (kind === KIND.other) this.stepOther(block, at, pc);
    else this.stepScalars(kind, pc);
    block.pc[at] = pc;
    block.nextPc[at] = this.pc === HALTED ? NO_NEXT : this.pc;
    block.segment[at] = this.segmentAt(pc);
    block.count = at + 1;
    this.instructions++;
  }

  private segmentAt(pc: number): number {
    const { segments } = this.options;
    if (!segments) return 0;
    return segments.first[pc]! + (segments.isCounted[pc] ? this.scalars[segments.register]! : 0);
  }

  private stepScalars(kind: number, pc: number): void {
    const { columns } = this;
    const a = this.operand(columns.a[pc]!, columns.aValue[pc]!);
    this.pc = pc + 1;
    switch (kind) {
      case KIND.li:
        return this.write(pc, a);
      case KIND.halt:
        this.pc = HALTED;
        return;
    }
    const b = this.operand(columns.b[pc]!, columns.bValue[pc]!);
    switch (kind) {
      case KIND.iadd:
        return this.compute(pc, a + b);
      case KIND.isub:
        return this.compute(pc, a - b);
      case KIND.imul:
        return this.compute(pc, a * b);
    }
    if (compares(kind)) this.compare(kind, pc, a, b);
  }

  private compute(pc: number, value: number): void {
    this.repeats?.window?.see(pc, value, value);
    this.write(pc, value);
  }

  private compare(kind: number, pc: number, a: number, b: number): void {
    const difference = a - b;
    this.differences[pc] = difference;
    this.repeats?.window?.see(pc, difference, difference);
    if (kind === KIND.imin) return this.write(pc, difference < 0 ? a : b);
    if (kind === KIND.imax) return this.write(pc, difference > 0 ? a : b);
    const label = this.columns.label[pc]!;
    if (!isTaken(kind, difference)) {
      if (label <= pc) this.repeats?.leaves(pc);
      return;
    }
    this.pc = label;
    if (label <= pc && this.repeats?.goesBack(pc)) this.lookAt = pc;
  }

  private operand(register: number, value: number): number {
    if (register === CONSTANT) return value;
    const read = this.scalars[register]!;
    if (Number.isNaN(read)) throw unwritten(`r${register}`);
    return read;
  }

  private write(pc: number, value: number): void {
    const target = this.columns.target[pc]!;
    if (target <= 0) return;
    if (!(Math.abs(value) <= MAX_EXACT)) throw scalarOverflow(value);
    this.scalars[target] = value + 0;
  }

  private stepTiles(block: StepBlock, at: number, pc: number): void {
    const rule = this.rules[pc]!;
    const { tiles, columns } = this;
    const hasAddress = columns.hasAddress[pc] === 1;
    const address = hasAddress ? this.addressOf(pc) : 0;
    rule.update(tiles, this.scalars, this.works);
    block.work[at] = rule.work;
    if (hasAddress) {
      block.address[at] = address;
      this.access(pc, address, this.works.at(rule.work) as MemoryWork);
    }
    if (rule.target >= 0) {
      tiles.rows[rule.target] = rule.rows;
      tiles.cols[rule.target] = rule.cols;
    }
    this.pc = pc + 1;
    if (columns.target[pc]! >= 0) this.write(pc, UNKNOWN_SCALAR);
  }

  private addressOf(pc: number): number {
    const { offset, base, index } = this.columns;
    return offset[pc]! + this.operand(base[pc]!, 0) + this.operand(index[pc]!, 0);
  }

  /** Notes an access, which lies inside memory. */
  private access(pc: number, address: number, { rows, rowBytes, strideBytes }: MemoryWork): void {
    requireAligned(address, strideBytes, this.columns.elementBytes[pc]!);
    const last = address + (rows - 1) * strideBytes;
    const low = Math.min(address, last);
    const high = Math.max(address, last) + rowBytes;
    requireInside(low, high, this.end);
    this.repeats?.window?.see(pc, low, high);
  }

  /** What is rare is executed as the machine with values does it. */
  private stepOther(block: StepBlock, at: number, pc: number): void {
    const { definition, values, scalars, addresses, scalarResult } = this.bindings[pc]!;
    const { results } = this;
    for (const { name, register } of scalars) values[name] = this.operand(register, 0);
    for (const { name } of addresses) values[name] = this.addressOf(pc);
    (results as { pc: number }).pc = pc;
    results.nextPc = pc + 1;
    this.execute(definition, values);
    if (addresses.length > 0) {
      const work = definition.work(values) as MemoryWork;
      if (this.integerWork[pc]! < 0) this.integerWork[pc] = this.works.numberOf(work);
      block.work[at] = this.integerWork[pc]!;
      block.address[at] = work.address;
      this.access(pc, work.address, work);
    }
    if (scalarResult >= 0) this.write(pc, results.scalar);
    const { nextPc } = results;
    if (!(nextPc >= 0 && nextPc <= this.columns.size))
      throw jumpOutOfCode(nextPc, this.columns.size);
    this.pc = nextPc;
  }

  /** What is wrong with an operand is its value here, not its shape. */
  private execute(definition: InstructionDefinition, values: Record<string, unknown>): void {
    try {
      definition.execute(values, this.results);
    } catch (error) {
      if (!(error instanceof OperandError)) throw error;
      throw new Fault('bad-operand', error.message, error.hint);
    }
  }

  private trapOf(error: unknown): Trap {
    if (!(error instanceof Fault) && !(error instanceof OperandError)) throw error;
    const { message, hint } = error;
    const code = error instanceof Fault ? error.code : 'shape-mismatch';
    const pc = Math.min(this.current, this.columns.size - 1);
    const span = this.program.spans[pc]!;
    return { code, message, hint, pc, index: this.instructions, span };
  }
}
