/**
 * The quick way to execute: the forms of decoded instructions, one behind the other, with steps in
 * columns. It does what is certain to end well and leaves the rest, traps above all, to the plain way:
 * until an instruction is over it has changed nothing that a program can see.
 */
import type { Results, ScalarCondition, ScalarFunction } from '../../isa/instruction.ts';
import { SCALAR_WORK } from '../../isa/work.ts';
import { MEMORY_BASE } from '../program/program.ts';
import type { ElementFormat } from '../tensor/formats.ts';
import { FORMATS } from '../tensor/formats.ts';
import type { PlacedTile } from '../tensor/tile.ts';
import type { Transfer, Transfers } from '../tensor/transfers.ts';
import type { Binding } from './binding.ts';
import type { Decoded } from './decode.ts';
import { FIELD, FIELDS, FORM } from './decode.ts';
import type { State } from './state.ts';
import { MAX_EXACT, exchange } from './state.ts';
import type { StepBlock, WorkTable } from './step-block.ts';
import type { Variants } from './variants.ts';
import { TransferVariants } from './variants.ts';

/** How a tile comes from memory or goes there, in the format of an instruction. */
interface Move extends Transfer {
  readonly bytes: number;
}

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
  /** By code address; undefined in other forms. */
  private readonly moves: readonly (Move | undefined)[];
  private readonly edge: number;
  private readonly scalarWork: number;
  private readonly variants: Variants;
  private readonly transfers: TransferVariants;

  constructor(
    state: State,
    decoded: Decoded,
    bindings: readonly Binding[],
    variants: Variants,
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
    this.moves = movesOf(bindings, state.memory.transfers);
    this.edge = edge;
    this.scalarWork = works.numberOf(SCALAR_WORK);
    this.variants = variants;
    this.transfers = new TransferVariants(
      bindings.map(({ definition }) => definition),
      works,
    );
  }

  /**
   * Executes and puts into the block until `limit` steps are in it, or one comes that the plain way has to
   * execute. One flat loop, for calls and objects would cost more than what they do.
   */
  run(block: StepBlock, limit: number): void {
    const { state, fields, scalars, tiles, results, computes, branches, bindings, edge } = this;
    const { moves, variants, transfers } = this;
    const { end } = state.memory;
    const { pc: pcs, nextPc: nextPcs, work: works, address: addresses } = block;
    let { pc } = state;
    let { count } = block;
    try {
      while (count < limit) {
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
            const move = moves[pc]!;
            if (!(rows >= 1 && rows <= edge && cols >= 1 && cols <= edge)) return;
            if (!isInside(address, rows, cols, stride, move.bytes, end)) return;
            work = transfers.numberOf(pc, rows, cols, stride);
            const tile = tiles[fields[at + LOAD.td]!]!;
            move.load(tile.address, address, stride, rows, cols);
            tile.rows = rows;
            tile.cols = cols;
            addresses[count] = address;
            break;
          }
          case FORM.store: {
            const { rows, cols, address: from } = tiles[fields[at + STORE.ts]!]!;
            const stride = scalars[fields[at + STORE.stride]!]!;
            const address =
              scalars[fields[at + STORE.offset]!]! +
              scalars[fields[at + STORE.base]!]! +
              scalars[fields[at + STORE.index]!]!;
            const move = moves[pc]!;
            if (rows === 0 || !isInside(address, rows, cols, stride, move.bytes, end)) return;
            work = transfers.numberOf(pc, rows, cols, stride);
            move.store(address, stride, from, rows, cols);
            addresses[count] = address;
            break;
          }
          case FORM.tile: {
            const binding = bindings[pc]!;
            if (!isUnchanged(binding, scalars) && !variants.recall(pc, binding, scalars)) return;
            binding.execute(binding.values, results);
            exchange(tiles[fields[at + TILE.td]!]!, results.out);
            work = binding.number;
            break;
          }
          default:
            return;
        }
        pcs[count] = pc;
        nextPcs[count] = nextPc;
        works[count] = work;
        count++;
        pc = nextPc;
      }
    } finally {
      state.pc = pc;
      state.instructions += count - block.count;
      block.count = count;
    }
  }
}

function movesOf(
  bindings: readonly Binding[],
  transfers: Transfers,
): readonly (Move | undefined)[] {
  const made = new Map<ElementFormat, Move>();
  return bindings.map(({ definition: { elements } }) => {
    if (!elements) return undefined;
    const move = made.get(elements) ?? { ...transfers[elements], bytes: FORMATS[elements].bytes };
    made.set(elements, move);
    return move;
  });
}

/**
 * Whether all rows lie in memory, with elements of `bytes` bytes, a power of 2, at multiples of that;
 * false when a number is NaN.
 */
function isInside(
  address: number,
  rows: number,
  cols: number,
  stride: number,
  bytes: number,
  end: number,
): boolean {
  const lastRow = address + (rows - 1) * stride;
  const low = Math.min(address, lastRow);
  const high = Math.max(address, lastRow) + cols * bytes;
  return low >= MEMORY_BASE && high <= end && ((address | stride) & (bytes - 1)) === 0;
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
