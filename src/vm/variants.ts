/**
 * What the plain way found out about the operands of an instruction as they were: that they fit, and what
 * the work is. A loop whose last round is ragged comes back to the same few shapes again and again.
 */
import type { InstructionDefinition } from '../../isa/instruction.ts';
import type { Work } from '../../isa/work.ts';
import type { Binding } from './binding.ts';
import type { WorkTable } from './step-block.ts';

/** Of each instruction that many are kept; a new one takes the place of the oldest. */
const MOST = 8;

/** Keeps the latest of a few. */
class Latest<T> {
  readonly items: T[] = [];
  private oldest = 0;

  add(item: T): void {
    if (this.items.length < MOST) this.items.push(item);
    else this.items[this.oldest++ % MOST] = item;
  }
}

/** Shapes of the tiles that are read, then scalars, with the work that follows from them. */
interface Variant {
  readonly rows: readonly number[];
  readonly cols: readonly number[];
  readonly scalars: readonly number[];
  readonly work: Work;
  readonly number: number;
}

/** The variants of instructions from tiles and scalars to a tile. */
export class Variants {
  private readonly known: (Latest<Variant> | undefined)[];

  constructor(codeSize: number) {
    this.known = new Array<Latest<Variant> | undefined>(codeSize).fill(undefined);
  }

  /** Keeps the state of a binding whose work has just been numbered. */
  remember(pc: number, { tiles, scalars, work, number }: Binding): void {
    if (!work) throw new Error('invariant: there is no work to remember');
    (this.known[pc] ??= new Latest()).add({
      rows: tiles.map(({ rows }) => rows),
      cols: tiles.map(({ cols }) => cols),
      scalars: scalars.map(({ value }) => value),
      work,
      number,
    });
  }

  /** Brings a binding into the state that its operands ask for; false when it was never in it. */
  recall(pc: number, binding: Binding, file: Float64Array): boolean {
    const variant = this.known[pc]?.items.find((one) => fits(one, binding, file));
    if (!variant) return false;
    binding.tiles.forEach((operand, i) => {
      operand.rows = variant.rows[i]!;
      operand.cols = variant.cols[i]!;
    });
    binding.scalars.forEach((operand, i) => {
      operand.value = variant.scalars[i]!;
      binding.values[operand.name] = operand.value;
    });
    binding.isShapeChecked = true;
    binding.work = variant.work;
    binding.numbered = variant.work;
    binding.number = variant.number;
    return true;
  }
}

function fits(variant: Variant, { tiles, scalars }: Binding, file: Float64Array): boolean {
  const { rows, cols } = variant;
  return (
    tiles.every(({ tile }, i) => tile.rows === rows[i] && tile.cols === cols[i]) &&
    scalars.every(({ register }, i) => file[register] === variant.scalars[i])
  );
}

interface TransferVariant {
  readonly rows: number;
  readonly cols: number;
  readonly stride: number;
  readonly number: number;
}

/** The numbers of works of transfers, whatever their address. */
export class TransferVariants {
  private readonly works: WorkTable;
  private readonly definitions: readonly InstructionDefinition[];
  private readonly latest: (TransferVariant | undefined)[];
  private readonly known: (Latest<TransferVariant> | undefined)[];

  constructor(definitions: readonly InstructionDefinition[], works: WorkTable) {
    this.works = works;
    this.definitions = definitions;
    this.latest = new Array<TransferVariant | undefined>(definitions.length).fill(undefined);
    this.known = new Array<Latest<TransferVariant> | undefined>(definitions.length).fill(undefined);
  }

  numberOf(pc: number, rows: number, cols: number, stride: number): number {
    const latest = this.latest[pc];
    if (latest?.rows === rows && latest.cols === cols && latest.stride === stride) {
      return latest.number;
    }
    const known = (this.known[pc] ??= new Latest());
    let variant = known.items.find(
      (one) => one.rows === rows && one.cols === cols && one.stride === stride,
    );
    if (!variant) {
      const values = { addr: 0, rows, cols, stride, ts: { rows, cols } };
      const number = this.works.numberOf(this.definitions[pc]!.work(values));
      variant = { rows, cols, stride, number };
      known.add(variant);
    }
    this.latest[pc] = variant;
    return variant.number;
  }
}
