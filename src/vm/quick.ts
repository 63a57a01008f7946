/**
 * The quick way to execute: the forms of decoded instructions, one behind the other, with steps in
 * columns. It does what is certain to end well and leaves the rest, traps above all, to the plain way:
 * until an instruction is over it has changed nothing that a program can see.
 */
import type { Results, ScalarCondition, ScalarFunction } from '../../isa/instruction.ts';
import { SCALAR_WORK } from '../../isa/work.ts';
import { MEMORY_BASE } from '../program/program.ts';
import type { PlacedTile } from '../tensor/tile.ts';
import type { Binding } from './binding.ts';
import type { Decoded } from './decode.ts';
import { FIELD, FIELDS, FORM } from './decode.ts';
import type { State } from './state.ts';
import { MAX_EXACT, exchange } from './state.ts';
import type { StepBlock, WorkTable } from './step-block.ts';

const FLOAT_BYTES = 4;
/** The two bits that are 0 in a multiple of FLOAT_BYTES. */
const FLOAT_MASK = FLOAT_BYTES - 1;

const { compute: COMPUTE, branch: BRANCH, load: LOAD, store: STORE, tile: TILE } = FIELD;

export class QuickWay {
  private readonly state: State;
  private readonly fields: Int32Array;
  private readonly computes: readonly (ScalarFunction | undefined)[];
  private readonly branches: readonly (ScalarCondition | undefined)[];
  private readonly scalars: Float64Array;
  private readonly tiles: readonly PlacedTile[];
  private readonly results: Results & { readonly out: PlacedTile };
  private readonly bindings: readonly Binding[];
  private readonly works: WorkTable;
  private readonly edge: number;
  private readonly scalarWork: number;
  /** Of each transfer: the number of its latest work, and its rows, columns and stride. */
  private readonly transferWork: Int32Array;
  private readonly transferShape: Float64Array;

  constructor(
    state: State,
    decoded: Decoded,
    bindings: readonly Binding[],
    works: WorkTable,
    edge: number,
  ) {
    this.state = state;
    this.fields = decoded.fields;
    this.computes = decoded.computes;
    this.branches = decoded.branches;
    this.scalars = state.scalars;
    this.tiles = state.tiles;
    this.results = state.results;
    this.bindings = bindings;
    this.works = works;
    this.edge = edge;
    this.scalarWork = works.numberOf(SCALAR_WORK);
    this.transferWork = new Int32Array(bindings.length);
    this.transferShape = new Float64Array(3 * bindings.length).fill(NaN);
  }

  /**
   * Executes and puts into the block until `end` steps are in it, or one comes that the plain way has to
   * execute. One flat loop, for calls and objects would cost more than what they do.
   */
  run(block: StepBlock, end: number): void {
    const { state, fields, scalars, tiles, results, computes, branches, bindings, edge } = this;
    const { memory } = state;
    let { pc } = state;
    let { count } = block;
    try {
      while (count < end) {
        const at = pc * FIELDS;
        let nextPc = pc + 1;
        let work = this.scalarWork;
        switch (fields[at]) {
          case FORM.compute: {
            const a = scalars[fields[at + COMPUTE.a]!]!;
            const value = computes[pc]!(a, scalars[fields[at + COMPUTE.b]!]!);
            if (!(Math.abs(value) <= MAX_EXACT)) return;
            scalars[fields[at + COMPUTE.rd]!] = value + 0; // −0 becomes 0
            break;
          }
          case FORM.branch: {
            const a = scalars[fields[at + BRANCH.a]!]!;
            const b = scalars[fields[at + BRANCH.b]!]!;
            if (Number.isNaN(a + b)) return;
            if (branches[pc]!(a, b)) nextPc = fields[at + BRANCH.target]!;
            break;
          }
          case FORM.load: {
            const rows = scalars[fields[at + LOAD.rows]!]!;
            const cols = scalars[fields[at + LOAD.cols]!]!;
            const stride = scalars[fields[at + LOAD.stride]!]!;
            const address =
              scalars[fields[at + LOAD.offset]!]! +
              scalars[fields[at + LOAD.base]!]! +
              scalars[fields[at + LOAD.index]!]!;
            if (!(rows >= 1 && rows <= edge && cols >= 1 && cols <= edge)) return;
            const rowBytes = cols * FLOAT_BYTES;
            if (!isInside(address, rows, rowBytes, stride, memory.end)) return;
            work = this.transferNumber(pc, rows, cols, stride);
            const tile = tiles[fields[at + LOAD.td]!]!;
            memory.copyRows(tile.address, rowBytes, address, stride, rows, rowBytes);
            tile.rows = rows;
            tile.cols = cols;
            block.address[count] = address;
            break;
          }
          case FORM.store: {
            const { rows, cols, address: from } = tiles[fields[at + STORE.ts]!]!;
            const stride = scalars[fields[at + STORE.stride]!]!;
            const address =
              scalars[fields[at + STORE.offset]!]! +
              scalars[fields[at + STORE.base]!]! +
              scalars[fields[at + STORE.index]!]!;
            const rowBytes = cols * FLOAT_BYTES;
            if (rows === 0 || !isInside(address, rows, rowBytes, stride, memory.end)) return;
            work = this.transferNumber(pc, rows, cols, stride);
            memory.copyRows(address, stride, from, rowBytes, rows, rowBytes);
            block.address[count] = address;
            break;
          }
          case FORM.tile: {
            const binding = bindings[pc]!;
            if (!isUnchanged(binding, scalars)) return;
            binding.execute(binding.values, results);
            exchange(tiles[fields[at + TILE.td]!]!, results.out);
            work = binding.number;
            break;
          }
          default:
            return;
        }
        block.pc[count] = pc;
        block.nextPc[count] = nextPc;
        block.work[count] = work;
        count++;
        pc = nextPc;
      }
    } finally {
      state.pc = pc;
      state.instructions += count - block.count;
      block.count = count;
    }
  }

  /** The number of the work of a transfer, whatever its address. */
  private transferNumber(pc: number, rows: number, cols: number, stride: number): number {
    const { transferShape } = this;
    const at = 3 * pc;
    if (
      transferShape[at] !== rows ||
      transferShape[at + 1] !== cols ||
      transferShape[at + 2] !== stride
    ) {
      transferShape[at] = rows;
      transferShape[at + 1] = cols;
      transferShape[at + 2] = stride;
      const { definition } = this.bindings[pc]!;
      const values = { addr: 0, rows, cols, stride, ts: { rows, cols } };
      this.transferWork[pc] = this.works.numberOf(definition.work(values));
    }
    return this.transferWork[pc]!;
  }
}

/** Whether all rows lie in memory, at multiples of 4 bytes; false when a number is NaN. */
function isInside(
  address: number,
  rows: number,
  rowBytes: number,
  stride: number,
  end: number,
): boolean {
  const lastRow = address + (rows - 1) * stride;
  const low = Math.min(address, lastRow);
  const high = Math.max(address, lastRow) + rowBytes;
  return low >= MEMORY_BASE && high <= end && ((address | stride) & FLOAT_MASK) === 0;
}

/** Whether shapes and scalars are those for which the plain way has found the work, and no fault. */
function isUnchanged({ work, numbered, tiles, scalars }: Binding, values: Float64Array): boolean {
  if (!work || work !== numbered) return false;
  for (let i = 0; i < tiles.length; i++) {
    const { tile, rows, cols } = tiles[i]!;
    if (tile.rows !== rows || tile.cols !== cols) return false;
  }
  for (let i = 0; i < scalars.length; i++) {
    const { register, value } = scalars[i]!;
    if (values[register] !== value) return false;
  }
  return true;
}
