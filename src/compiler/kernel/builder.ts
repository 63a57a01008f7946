/** Writes kernels: each method adds one instruction and gives the tile or integer it computes. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { fill } from '../../../isa/instructions/fill.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { iload } from '../../../isa/instructions/iload.ts';
import { imax } from '../../../isa/instructions/imax.ts';
import { imin } from '../../../isa/instructions/imin.ts';
import { imul } from '../../../isa/instructions/imul.ts';
import { istore } from '../../../isa/instructions/istore.ts';
import { isub } from '../../../isa/instructions/isub.ts';
import { li } from '../../../isa/instructions/li.ts';
import { load } from '../../../isa/instructions/load.ts';
import { matmul } from '../../../isa/instructions/matmul.ts';
import { store } from '../../../isa/instructions/store.ts';
import type { Integer, Size, Variable } from './affine.ts';
import { affine, plus } from './affine.ts';
import type { Argument, Item, Kernel, Operation, Place, TileValue } from './kernel.ts';

/** What an instruction may be given: tiles, numbers (float32 or integer, as the operand asks), places. */
type Given = TileValue | Size | Place;

/** Where a loop is: its index, and how many elements this round has. */
export interface Round {
  readonly at: Integer;
  readonly size: Size;
}

const INTEGER_OPERATIONS = { add: iadd, sub: isub, mul: imul, min: imin, max: imax } as const;

export class KernelBuilder {
  private readonly name: string;
  private items: Item[] = [];
  private tiles = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The kernel with everything that was added. */
  finish(part: string, title: string): Kernel {
    return { name: this.name, part, title, body: this.items };
  }

  /**
   * Repeats `body` for pieces of `step` out of `extent`; no loop is made where one piece is all.
   * An extent in a register must be at least 1.
   */
  loop(name: string, extent: Size, step: number, body: (round: Round) => void, note = ''): void {
    if (typeof extent === 'number' && extent <= step) {
      body({ at: 0, size: extent });
      return;
    }
    const exact = step === 1 || (typeof extent === 'number' && extent % step === 0);
    const index: Variable = { name, register: undefined };
    const tail = exact ? undefined : { name: `${name}_size`, register: undefined };
    const inner = this.inside(() => body({ at: index, size: tail ?? step }));
    this.items.push({ kind: 'loop', name, index, extent, step, tail, body: inner, note });
  }

  /** As `loop`, but a last round that is shorter stands behind the loop, so that every size is known. */
  pieces(name: string, extent: number, step: number, body: (round: Round) => void): void {
    const rest = extent % step;
    const whole = extent - rest;
    if (whole > 0) this.loop(name, whole, step, body);
    if (rest > 0) body({ at: whole, size: rest });
  }

  /** A new tile name of this shape, for values that several instructions write. */
  tile(name: string, rows: Size, cols: Size): TileValue {
    return { name: `${name}${this.tiles++}`, rows, cols };
  }

  /** Any instruction that computes a tile of this shape. */
  compute(
    definition: InstructionDefinition,
    rows: Size,
    cols: Size,
    operands: Readonly<Record<string, Given>>,
    note = '',
    flags: readonly string[] = [],
  ): TileValue {
    const result = this.tile('v', rows, cols);
    this.into(result, definition, operands, note, flags);
    return result;
  }

  /** Any instruction that writes `result`. */
  into(
    result: TileValue,
    definition: InstructionDefinition,
    operands: Readonly<Record<string, Given>>,
    note = '',
    flags: readonly string[] = [],
  ): void {
    this.push(definition, { td: result, ...operands }, note, flags);
  }

  /** rows × cols values from a place, `stride` bytes from row to row. */
  load(place: Place, rows: Size, cols: Size, stride: Size, note = ''): TileValue {
    return this.compute(load, rows, cols, { addr: place, rows, cols, stride }, note);
  }

  store(place: Place, tile: TileValue, stride: Size, note = ''): void {
    this.push(store, { addr: place, ts: tile, stride }, note);
  }

  /** A tile with one value everywhere. */
  fill(value: number, rows: Size, cols: Size, note = ''): TileValue {
    return this.compute(fill, rows, cols, { value, rows, cols }, note);
  }

  /** accumulator ← accumulator + a · b, or a · bᵀ. */
  accumulate(accumulator: TileValue, a: TileValue, b: TileValue, transposed: boolean): void {
    const flags = transposed ? ['T', 'ACC'] : ['ACC'];
    this.into(accumulator, matmul, { ta: a, tb: b }, '', flags);
  }

  /** a · b, or a · bᵀ. */
  multiply(a: TileValue, b: TileValue, transposed: boolean, note = ''): TileValue {
    const cols = transposed ? b.rows : b.cols;
    return this.compute(matmul, a.rows, cols, { ta: a, tb: b }, note, transposed ? ['T'] : []);
  }

  /** An integer operation; of two known numbers no instruction is made. */
  integer(operation: keyof typeof INTEGER_OPERATIONS, a: Size, b: Size, name = 'n'): Size {
    if (typeof a === 'number' && typeof b === 'number') return calculate(operation, a, b);
    const commutes = operation !== 'sub';
    if (commutes && typeof a === 'number') return this.integer(operation, b, a, name);
    const ra = typeof a === 'number' ? this.scalar(li, { value: a }, name) : a;
    return this.scalar(INTEGER_OPERATIONS[operation], { ra, b }, name);
  }

  /** The int32 at a place. */
  integerAt(place: Place, name: string): Variable {
    return this.scalar(iload, { addr: place }, name);
  }

  storeInteger(place: Place, value: Size): void {
    const rs = typeof value === 'number' ? this.scalar(li, { value }, 'n') : value;
    this.push(istore, { addr: place, rs });
  }

  /** Any instruction that computes an integer. */
  scalar(
    definition: InstructionDefinition,
    operands: Readonly<Record<string, Given>>,
    name: string,
    note = '',
  ): Variable {
    const variable: Variable = { name, register: undefined };
    this.push(definition, { rd: variable, ...operands }, note);
    return variable;
  }

  /** Any instruction at all. */
  push(
    definition: InstructionDefinition,
    operands: Readonly<Record<string, Given>>,
    note = '',
    flags: readonly string[] = [],
  ): void {
    const entries = Object.entries(operands).map(([name, given]): [string, Argument] => [
      name,
      argumentOf(definition, name, given),
    ]);
    const operation: Operation = {
      kind: 'operation',
      definition,
      flags,
      operands: Object.fromEntries(entries),
      note,
    };
    this.items.push(operation);
  }

  private inside(body: () => void): Item[] {
    const outer = this.items;
    this.items = [];
    body();
    const inner = this.items;
    this.items = outer;
    return inner;
  }
}

function argumentOf(definition: InstructionDefinition, name: string, given: Given): Argument {
  const spec = definition.operands.find((operand) => operand.name === name);
  if (!spec) throw new Error(`invariant: ${definition.mnemonic} has no operand ${name}`);
  if (typeof given === 'object' && 'rows' in given) return { kind: 'tile', tile: given };
  if (typeof given === 'object' && 'buffer' in given) return { kind: 'place', place: given };
  if (spec.kind === 'number') return { kind: 'number', value: given as number };
  if (spec.kind === 'scalar' && typeof given === 'object')
    return { kind: 'scalar', variable: given };
  return { kind: 'integer', value: given };
}

function calculate(operation: keyof typeof INTEGER_OPERATIONS, a: number, b: number): number {
  switch (operation) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
  }
  return operation satisfies never;
}

/** A place so many bytes further. */
export function further(place: Place, bytes: Integer): Place {
  return { buffer: place.buffer, offset: plus(place.offset, bytes) };
}

/** The start of a buffer, plus so many bytes. */
export function placeIn(buffer: string, bytes: Integer = 0): Place {
  return { buffer, offset: affine(bytes) };
}
