/** Who the issue slots of a cycle are charged to on the out-of-order machines (UA-30, UA-32). */
import type { Ledger } from './books.ts';
import { NONE } from './numbers.ts';
import { Wait } from './wait.ts';

/** Filled by issue and dispatch in every cycle that is looked at, then settled. */
export class IssueSlots {
  /** Issued in this cycle, and waiting behind them, oldest first. */
  issued = 0;
  waiting = 0;
  private readonly books: Ledger;
  private readonly width: number;
  private readonly issuedIds: Float64Array;
  private readonly waitingIds: Float64Array;
  private readonly waits: readonly Wait[];

  constructor(books: Ledger, width: number) {
    this.books = books;
    this.width = width;
    this.issuedIds = new Float64Array(width);
    this.waitingIds = new Float64Array(width);
    this.waits = Array.from({ length: width }, () => new Wait());
  }

  clear(): void {
    this.issued = 0;
    this.waiting = 0;
  }

  /** Whether one that waits would still get a slot if nobody else issued. */
  hasRoom(): boolean {
    return this.issued + this.waiting < this.width;
  }

  addIssue(id: number): void {
    this.issuedIds[this.issued++] = id;
  }

  addWait(id: number, wait: Wait): void {
    this.waits[this.waiting].copy(wait);
    this.waitingIds[this.waiting++] = id;
  }

  /** Charges all slots for the cycles `from` up to, not including, `to`. */
  settle(from: number, to: number, rest: Wait, restId: number): void {
    const { books, width, issued } = this;
    let slot = 0;
    while (slot < issued) books.chargeIssue(slot, from, this.issuedIds[slot++]);
    for (let i = 0; i < this.waiting && slot < width; i++, slot++) {
      books.chargeWait(slot, from, to, this.waitingIds[i], this.waits[i]);
    }
    for (; slot < width; slot++) books.chargeWait(slot, from, to, restId, rest);
  }
}

/** A wait that names nobody. */
export function setPlain(wait: Wait, cause: number, producer: number = NONE): void {
  wait.clear();
  wait.add(cause, producer, NONE);
}
