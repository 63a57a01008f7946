/** Counters of a trace: a value that changes, and the use of the matrix units in each window. */
import type { Machine } from '../machine/machine.ts';
import type { IssueEvent } from '../timing/events.ts';

type Emit = (cycle: number, value: number) => void;

/** Emits the value that each cycle ends with, where it is another than before; cycles ascend. */
export class Counter {
  readonly #emit: Emit;
  #cycle = 0;
  #value = 0;
  #emitted: number | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get value(): number {
    return this.#value;
  }

  set(cycle: number, value: number): void {
    if (cycle > this.#cycle) this.flush();
    this.#cycle = cycle;
    this.#value = value;
  }

  flush(): void {
    if (this.#value === this.#emitted) return;
    this.#emit(this.#cycle, this.#value);
    this.#emitted = this.#value;
  }
}

/** Cycles over which MAC utilisation is averaged. */
export const WINDOW_CYCLES = 64;

interface Product {
  readonly macs: number;
  readonly start: number;
  readonly end: number;
}

/**
 * MAC utilisation, useful MACs ÷ (PEs × cycles), in per cent of each window. The MACs of an
 * instruction are spread evenly over the cycles for which it occupies its unit. Holds the
 * instructions that do.
 */
export class MacUtilisation {
  readonly #counter: Counter;
  readonly #macsPerCycle: number;
  #products: Product[] = [];
  #windowStart = 0;

  constructor({ mxu }: Machine, emit: Emit) {
    this.#macsPerCycle = mxu.count * mxu.rows * mxu.columns;
    this.#counter = new Counter(emit);
  }

  issue({ cycle, macs, occupancyCycles }: IssueEvent): void {
    if (macs === 0) return;
    this.#products.push({ macs, start: cycle, end: cycle + occupancyCycles });
  }

  /** Closes the windows before a cycle. */
  advance(cycle: number): void {
    while (this.#windowStart + WINDOW_CYCLES <= cycle) {
      this.#close(this.#windowStart + WINDOW_CYCLES);
    }
  }

  /** The last window ends with the run. */
  finish(cycle: number): void {
    this.advance(cycle);
    if (cycle > this.#windowStart) this.#close(cycle);
    this.#counter.flush();
  }

  #close(end: number): void {
    const start = this.#windowStart;
    let macs = 0;
    for (const product of this.#products) {
      const cycles = Math.min(end, product.end) - Math.max(start, product.start);
      macs += (product.macs * cycles) / (product.end - product.start);
    }
    const percent = (100 * macs) / (this.#macsPerCycle * (end - start));
    this.#counter.set(start, Math.round(percent * 100) / 100);
    this.#products = this.#products.filter((product) => product.end > end);
    this.#windowStart = end;
  }
}
