/** The values of a run at any point: a machine that goes forward by executing, back by checkpoints. */
import type { MemoryWork } from '../../isa/work.ts';
import type { Vm, VmSnapshot } from '../vm/vm.ts';
import { Column } from './column.ts';

export interface HistoryOptions {
  /** What all checkpoints together may take. */
  readonly maxBytes?: number;
  /** How many there are at most. */
  readonly maxCheckpoints?: number;
}

const DEFAULT_MAX_BYTES = 256 * 2 ** 20;
const DEFAULT_MAX_CHECKPOINTS = 64;

/** Executing this many instructions again takes no time that a person would notice. */
const FIRST_INTERVAL = 1024;

/**
 * Checkpoints lie `interval` executed instructions apart. When there are too many, every other one
 * is dropped and the interval doubles, so memory is bounded however long the program runs. The
 * start needs none: `start` makes the machine anew.
 */
export class History {
  readonly #start: () => Vm;
  readonly #maxBytes: number;
  readonly #maxCheckpoints: number;
  #checkpoints: VmSnapshot[] = [];
  #interval = FIRST_INTERVAL;
  #vm: Vm;

  /** `start` gives a machine before its first instruction, the same one each time. */
  constructor(start: () => Vm, options: HistoryOptions = {}) {
    this.#start = start;
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#maxCheckpoints = options.maxCheckpoints ?? DEFAULT_MAX_CHECKPOINTS;
    this.#vm = start();
  }

  /** How many checkpoints there are, for how many bytes. */
  get held(): { readonly checkpoints: number; readonly bytes: number } {
    const bytes = this.#checkpoints.reduce((sum, checkpoint) => sum + sizeOf(checkpoint), 0);
    return { checkpoints: this.#checkpoints.length, bytes };
  }

  /**
   * The machine behind its first `steps` executed instructions; valid until the next call. Throws
   * when the program ends before.
   */
  at(steps: number): Vm {
    this.#approach(steps);
    const vm = this.#vm;
    while (vm.instructions < steps) {
      if (!vm.next()) throw new Error(`invariant: the program ends before instruction ${steps}`);
      if (vm.instructions % this.#interval === 0) this.#keep(vm);
    }
    return vm;
  }

  /** Comes as near to `steps` from below as can be had without executing. */
  #approach(steps: number): void {
    const checkpoint = this.#checkpoints.findLast(({ instructions }) => instructions <= steps);
    const now = this.#vm.instructions;
    if (now <= steps && now >= (checkpoint?.instructions ?? 0)) return;
    if (checkpoint) this.#vm.restore(checkpoint);
    else this.#vm = this.#start();
  }

  #keep(vm: Vm): void {
    if (vm.instructions <= (this.#checkpoints.at(-1)?.instructions ?? 0)) return;
    this.#checkpoints.push(vm.snapshot());
    const isTooMuch = () =>
      this.#checkpoints.length > this.#maxCheckpoints || this.held.bytes > this.#maxBytes;
    while (this.#checkpoints.length > 0 && isTooMuch()) {
      this.#interval *= 2;
      const interval = this.#interval;
      this.#checkpoints = this.#checkpoints.filter((c) => c.instructions % interval === 0);
    }
  }
}

function sizeOf({ tiles, scalars, memory, emittedTokens }: VmSnapshot): number {
  const tileBytes = tiles.reduce((sum, { data }) => sum + data.byteLength, 0);
  const tokenBytes = 8 * emittedTokens.length;
  return tileBytes + scalars.byteLength + memory.byteLength + tokenBytes;
}

/**
 * Which of the first `steps` executed instructions write one of the bytes from `from` up to, not
 * including, `to`; ascending.
 */
export function stepsThatWrite(start: () => Vm, steps: number, from: number, to: number): Column {
  const writing = new Column();
  const vm = start();
  for (let index = 0; index < steps; index++) {
    const work = vm.next()?.work;
    if (work?.kind === 'memory' && work.direction === 'write' && touches(work, from, to)) {
      writing.push(index);
    }
  }
  return writing;
}

/** Row by row: the bytes between two rows are not touched. */
function touches(work: MemoryWork, from: number, to: number): boolean {
  const { address, rows, rowBytes, strideBytes } = work;
  for (let row = 0; row < rows; row++) {
    const start = address + row * strideBytes;
    if (start < to && start + rowBytes > from) return true;
  }
  return false;
}
