/** A recorded run of a program as a flat list of kernel calls, replayed without a machine. */
import type { Program } from '../../src/program/program.ts';
import { memoryEnd } from '../../src/program/program.ts';
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import { copy, fill } from '../../src/tensor/kernels/layout.ts';
import { argmax } from '../../src/tensor/kernels/select.ts';
import { mask } from '../../src/tensor/kernels/softmax.ts';
import { createStorage } from '../../src/tensor/storage.ts';
import type { PlacedTile } from '../../src/tensor/tile.ts';
import type { Transfer } from '../../src/tensor/transfers.ts';
import { TILE_REGISTERS } from '../../isa/index.ts';
import { hasFlag } from '../../isa/registers.ts';
import type { Vm, VmSnapshot } from '../../src/vm/vm.ts';

/** One kernel call; tiles by place, of which the result changes with every call. */
interface Call {
  readonly kind: Kind;
  readonly out: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly address: number;
  readonly stride: number;
  readonly rows: number;
  readonly cols: number;
  /** A constant operand, or the number that an integer is. */
  readonly value: number;
}

const KINDS = [
  'LOAD',
  'STORE',
  'ISTORE',
  'MATMUL',
  'MATMUL.T',
  'ADD',
  'SUB',
  'MUL',
  'DIV',
  'MAX',
  'MIN',
  'LESS',
  'EXP',
  'SILU',
  'RSQRT',
  'SQRT',
  'ROWSUM',
  'ROWMAX',
  'COPY',
  'FILL',
  'MASK',
  'ROPE',
  'SELECT',
  'ARGMAX',
] as const;
type Kind = (typeof KINDS)[number];
const NUMBER = Object.fromEntries(KINDS.map((kind, i) => [kind, i])) as Record<Kind, number>;

/** Runs the machine to its end, and keeps the kernel calls that the run consists of. */
export function recordCalls(vm: Vm): readonly Call[] {
  const { program } = vm;
  /** Register → place; the result is computed in a place of its own, as on the machine. */
  const places = Array.from({ length: TILE_REGISTERS }, (_, i) => i + 1);
  let free = 0;
  const calls: Call[] = [];
  const scalars = () => Array.from({ length: 32 }, (_, r) => vm.scalar(r) ?? NaN);
  for (let before = scalars(), step = vm.next(); step; before = scalars(), step = vm.next()) {
    const instruction = program.code[step.pc]!;
    const { definition, operands } = instruction;
    const { work } = step;
    if (work.kind === 'scalar') continue;
    const name = definition.mnemonic + (hasFlag(instruction, 'T') ? '.T' : '');
    if (name === 'ILOAD') continue; // its number is in every address that follows from it
    if (!KINDS.some((kind) => kind === name)) throw new Error(`there is no direct ${name}`);
    let written = -1;
    const read: number[] = [];
    let value = 0;
    definition.operands.forEach((spec, i) => {
      const operand = operands[i]!;
      if (operand.kind === 'constant') value = operand.value;
      if (operand.kind === 'scalar' && spec.access === 'read') value = before[operand.register]!;
      if (operand.kind !== 'tile') return;
      if (spec.access === 'read') read.push(places[operand.register]!);
      else written = operand.register;
    });
    if (hasFlag(instruction, 'ACC')) read.push(places[written]!);
    const fillValue = operands[1]?.kind === 'constant' ? operands[1].value : 0;
    const shape = written < 0 ? { rows: 0, cols: 0 } : vm.tile(written)!;
    const [a = -1, b = -1, c = -1] = read;
    calls.push({
      kind: name as Kind,
      out: free,
      ...{ a, b, c },
      address: work.kind === 'memory' ? work.address : 0,
      stride: work.kind === 'memory' ? work.strideBytes : 0,
      rows: shape.rows,
      cols: shape.cols,
      value: name === 'FILL' ? fillValue : value,
    });
    if (written < 0) continue;
    [places[written], free] = [free, places[written]!];
  }
  return calls;
}

/** The calls in columns, and a storage of their own for them. */
export class DirectRun {
  private readonly start: VmSnapshot;
  private readonly tiles: readonly PlacedTile[];
  private readonly words: Int32Array;
  private readonly kernels: Kernels;
  private readonly transfer: Transfer;
  private readonly kind: Uint8Array;
  private readonly out: Int8Array;
  private readonly a: Int8Array;
  private readonly b: Int8Array;
  private readonly c: Int8Array;
  private readonly address: Int32Array;
  private readonly stride: Int32Array;
  private readonly rows: Int32Array;
  private readonly cols: Int32Array;
  private readonly value: Float64Array;
  chosen = 0;

  constructor(program: Program, start: VmSnapshot, calls: readonly Call[]) {
    const size = { memoryBytes: memoryEnd(program), tiles: TILE_REGISTERS + 1, edge: program.tile };
    const { buffer, tiles, kernels, transfers } = createStorage(size);
    this.start = start;
    this.tiles = tiles;
    this.kernels = kernels;
    this.transfer = transfers.f32;
    this.words = new Int32Array(buffer, 0, start.memory.length);
    this.kind = Uint8Array.from(calls, ({ kind }) => NUMBER[kind]);
    this.out = Int8Array.from(calls, ({ out }) => out);
    this.a = Int8Array.from(calls, ({ a }) => a);
    this.b = Int8Array.from(calls, ({ b }) => b);
    this.c = Int8Array.from(calls, ({ c }) => c);
    this.address = Int32Array.from(calls, ({ address }) => address);
    this.stride = Int32Array.from(calls, ({ stride }) => stride);
    this.rows = Int32Array.from(calls, ({ rows }) => rows);
    this.cols = Int32Array.from(calls, ({ cols }) => cols);
    this.value = Float64Array.from(calls, ({ value }) => value);
  }

  /** Memory, as it is now. */
  memory(): Int32Array {
    return this.words;
  }

  /** Back to where the recording began. */
  restore(): void {
    this.words.set(this.start.memory);
    this.start.tiles.forEach((tile, register) => {
      const own = this.tiles[register + 1]!;
      own.rows = tile.rows;
      own.cols = tile.cols;
      own.data.set(tile.data);
    });
  }

  /** All calls in order; flat, for it is what others are measured by. */
  run(): void {
    const { tiles, kernels, transfer, kind, address, stride, rows, cols, value, words } = this;
    for (let i = 0; i < kind.length; i++) {
      const out = tiles[this.out[i]!]!;
      const a = tiles[this.a[i]!]!;
      const b = tiles[this.b[i]!]!;
      const c = this.c[i]! < 0 ? undefined : tiles[this.c[i]!]!;
      switch (kind[i]) {
        case NUMBER.LOAD: {
          transfer.load(out.address, address[i]!, stride[i]!, rows[i]!, cols[i]!);
          out.rows = rows[i]!;
          out.cols = cols[i]!;
          break;
        }
        case NUMBER.STORE:
          transfer.store(address[i]!, stride[i]!, a.address, a.rows, a.cols);
          break;
        case NUMBER.ISTORE:
          words[address[i]! / 4] = value[i]!;
          break;
        case NUMBER.MATMUL:
          kernels.matmul(out, a, b, false, c);
          break;
        case NUMBER['MATMUL.T']:
          kernels.matmul(out, a, b, true, c);
          break;
        case NUMBER.ADD:
          kernels.add(out, a, b);
          break;
        case NUMBER.SUB:
          kernels.sub(out, a, b);
          break;
        case NUMBER.MUL:
          kernels.mul(out, a, b);
          break;
        case NUMBER.DIV:
          kernels.div(out, a, b);
          break;
        case NUMBER.MAX:
          kernels.max(out, a, b);
          break;
        case NUMBER.MIN:
          kernels.min(out, a, b);
          break;
        case NUMBER.LESS:
          kernels.less(out, a, b);
          break;
        case NUMBER.EXP:
          kernels.exp(out, a);
          break;
        case NUMBER.SILU:
          kernels.silu(out, a);
          break;
        case NUMBER.RSQRT:
          kernels.rsqrt(out, a);
          break;
        case NUMBER.SQRT:
          kernels.sqrt(out, a);
          break;
        case NUMBER.ROWSUM:
          kernels.rowSum(out, a);
          break;
        case NUMBER.ROWMAX:
          kernels.rowMax(out, a);
          break;
        case NUMBER.COPY:
          copy(out, a);
          break;
        case NUMBER.FILL:
          fill(out, rows[i]!, cols[i]!, value[i]!);
          break;
        case NUMBER.MASK:
          mask(out, a, value[i]!);
          break;
        case NUMBER.ROPE:
          kernels.rope(out, a, b, c!, false);
          break;
        case NUMBER.SELECT:
          kernels.select(out, a, b, c!);
          break;
        case NUMBER.ARGMAX:
          this.chosen = argmax(a);
          break;
        default:
          throw new Error('invariant: an unknown call');
      }
    }
  }
}
