/** Random kernels: nested loops, products, integers that address memory, and tiles that are overwritten. */
import fc from 'fast-check';
import { add } from '../../isa/instructions/add.ts';
import { mul } from '../../isa/instructions/mul.ts';
import { sub } from '../../isa/instructions/sub.ts';
import type { Affine, Size, Variable } from '../../src/compiler/kernel/affine.ts';
import { affine, plus, times } from '../../src/compiler/kernel/affine.ts';
import { KernelBuilder, placeIn } from '../../src/compiler/kernel/builder.ts';
import type { Kernel, Place, TileValue } from '../../src/compiler/kernel/kernel.ts';
import { values } from './random-graph.ts';

/** Edge of the tiles. */
export const EDGE = 4;

/** `a` is only loaded, `y` only stored, `b` both; `list` holds small whole numbers. */
export const BUFFERS = ['a', 'b', 'y', 'list'] as const;

const ELEMENTS = 2048;
/** What a tile may touch behind its address: EDGE rows of the largest stride. */
const REACH = EDGE * 80;
const LIST_LIMIT = 5;

/** Buffer → its elements; the integers of `list` are kept as numbers. */
export type Buffers = ReadonlyMap<string, Float32Array>;

const FIRST: Buffers = new Map([
  ['a', Float32Array.from(values(1, ELEMENTS, 1))],
  ['b', Float32Array.from(values(2, ELEMENTS, 1))],
  ['y', Float32Array.from(values(3, ELEMENTS, 1))],
  ['list', Float32Array.from({ length: ELEMENTS }, (_, i) => (i * 7) % (LIST_LIMIT + 1))],
  ['spill', new Float32Array(8 * ELEMENTS).fill(NaN)],
]);

/** Buffers as a kernel finds them. */
export const freshBuffers = (): Buffers =>
  new Map([...FIRST].map(([name, elements]) => [name, elements.slice()]));

/** All that a kernel has left in memory, in one comparable text; slots of spilled tiles do not count. */
export function memoryText(buffers: Buffers): string {
  const kept = [...buffers].filter(([name]) => name !== 'spill');
  return kept.map(([name, elements]) => `${name}: ${elements.join(' ')}`).join('\n');
}

/** Kernels from tapes of choices: a shorter tape is a shorter kernel. */
export const kernels: fc.Arbitrary<Kernel> = fc
  .array(fc.nat(9999), { minLength: 20, maxLength: 400, size: 'max' })
  .map((tape) => new KernelWriter(tape).write());

interface Scope {
  /** rows × EDGE each. */
  readonly tiles: TileValue[];
  /** EDGE × EDGE each. */
  readonly squares: TileValue[];
  /** Integers that may be in addresses, and the largest value of each. */
  readonly integers: readonly { readonly variable: Variable; readonly most: number }[];
  readonly depth: number;
}

const MAX_DEPTH = 3;
/** Integers that are not indices: each has a register of its own as long as its loop lasts. */
const MAX_INTEGERS = 6;

class KernelWriter {
  private readonly tape: readonly number[];
  private readonly builder = new KernelBuilder('k');
  private at = 0;
  private rows: Size = EDGE;
  private integers = 0;

  constructor(tape: readonly number[]) {
    this.tape = tape;
  }

  /** Rows in pieces, the last one shorter; in the end every tile that is left is stored. */
  write(): Kernel {
    const { builder } = this;
    builder.loop('rows', [4, 7, 12][this.next(3)]!, EDGE, (round) => {
      this.rows = round.size;
      const integers =
        typeof round.at === 'object' && !('terms' in round.at)
          ? [{ variable: round.at, most: 8 }]
          : [];
      const scope: Scope = { tiles: [], squares: [], integers, depth: 0 };
      this.loadTile(scope);
      this.loadSquare(scope);
      this.statements(scope);
      scope.tiles.forEach((tile, i) => {
        const place = placeIn('y', plus((i % 20) * 64, times(round.at, 16)));
        builder.store(place, tile, 16);
      });
    });
    return builder.finish('', 'a random kernel');
  }

  private next(below: number): number {
    return (this.tape[this.at++] ?? 0) % below;
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)]!;
  }

  /** Whether there are registers for so many more integers. */
  private mayCompute(count: number): boolean {
    if (this.integers + count > MAX_INTEGERS) return false;
    this.integers += count;
    return true;
  }

  private statements(scope: Scope): void {
    const count = 2 + this.next(20);
    for (let i = 0; i < count && this.at < this.tape.length; i++) this.statement(scope);
  }

  private statement(scope: Scope): void {
    const { builder, rows } = this;
    const { tiles, squares } = scope;
    const operation = this.pick([add, sub, mul]);
    switch (this.next(11)) {
      case 0:
        return this.loadTile(scope);
      case 1:
        return this.loadSquare(scope);
      case 2: {
        const operands = { ta: this.pick(tiles), tb: this.pick(tiles) };
        return void tiles.push(builder.compute(operation, rows, EDGE, operands));
      }
      case 3:
        return builder.into(this.pick(tiles), operation, {
          ta: this.pick(tiles),
          tb: this.pick(tiles),
        });
      case 4:
        return builder.accumulate(this.pick(tiles), this.pick(tiles), this.pick(squares), this.next(2) > 0); // prettier-ignore
      case 5:
        return void tiles.push(builder.multiply(this.pick(tiles), this.pick(squares), this.next(2) > 0)); // prettier-ignore
      case 6:
        return builder.store(this.place(this.pick(['y', 'b']), scope), this.pick(tiles), 16);
      case 7:
        return void tiles.push(builder.fill(this.next(3) - 1, rows, EDGE));
      case 8:
        return this.product(scope);
      case 9:
        return this.integer(scope);
      default:
        return this.loop(scope);
    }
  }

  private loadTile(scope: Scope): void {
    const place = this.place(this.pick(['a', 'b']), scope);
    scope.tiles.push(this.builder.load(place, this.rows, EDGE, 16 * (1 + this.next(20))));
  }

  private loadSquare(scope: Scope): void {
    const place = this.place(this.pick(['a', 'b']), scope);
    scope.squares.push(this.builder.load(place, EDGE, EDGE, 16 * (1 + this.next(20))));
  }

  /** The loop that most kernels are made of: a sum of products, in 1 to 6 rounds. */
  private product(scope: Scope): void {
    const { builder } = this;
    const sum = builder.fill(0, this.rows, EDGE);
    const step = 1 + this.next(3);
    builder.loop('inner', (1 + this.next(6)) * step, step, ({ at }) => {
      const index = typeof at === 'object' && !('terms' in at) ? [{ variable: at, most: 15 }] : [];
      const inner: Scope = {
        ...scope,
        tiles: [],
        squares: [],
        integers: [...scope.integers, ...index],
      };
      this.loadTile(inner);
      this.loadSquare(inner);
      builder.accumulate(sum, inner.tiles[0]!, inner.squares[0]!, this.next(2) > 0);
    });
    scope.tiles.push(sum);
  }

  /** What a loop computes may be used behind it, because every loop has a round. */
  private loop(scope: Scope): void {
    if (scope.depth >= MAX_DEPTH) return;
    const step = 1 + this.next(3);
    const isUnknown = this.next(4) === 0 && this.mayCompute(2);
    const extent = isUnknown ? this.count(scope) : 1 + this.next(8);
    const most = typeof extent === 'number' ? extent - 1 : LIST_LIMIT;
    this.builder.loop('loop', extent, step, ({ at }) => {
      const index = typeof at === 'object' && !('terms' in at) ? [{ variable: at, most }] : [];
      const inner: Scope = {
        tiles: [...scope.tiles],
        squares: [...scope.squares],
        integers: [...scope.integers, ...index],
        depth: scope.depth + 1,
      };
      this.statements(inner);
      if (this.next(2) > 0) scope.tiles.push(inner.tiles.at(-1)!);
    });
  }

  /** A number of rounds that only the run knows. */
  private count(scope: Scope): Size {
    const found = this.builder.integerAt(this.place('list', scope), 'count');
    return this.builder.integer('max', found, 1);
  }

  private integer(scope: Scope): void {
    if (!this.mayCompute(3)) return;
    const { builder } = this;
    const read = builder.integerAt(this.place('list', scope), 'n');
    const from = scope.integers.length > 0 ? this.pick(scope.integers).variable : read;
    const sum = builder.integer('add', from, this.next(4));
    const bounded = builder.integer('min', sum, this.next(2) === 0 ? read : 9);
    if (typeof bounded === 'number') return;
    (scope.integers as { variable: Variable; most: number }[]).push({ variable: bounded, most: 9 });
  }

  /** Anywhere in a buffer: a constant and up to four terms, as far as there is room. */
  private place(buffer: string, { integers }: Scope): Place {
    let room = ELEMENTS - REACH - 64;
    let offset: Affine = affine(4 * this.next(64));
    const count = integers.length === 0 ? 0 : this.next(5);
    for (let i = 0; i < count; i++) {
      const { variable, most } = this.pick(integers);
      const factor = 1 + this.next(40);
      if (factor * most > room) continue;
      room -= factor * most;
      offset = plus(offset, times(variable, 4 * factor));
    }
    return placeIn(buffer, offset);
  }
}
