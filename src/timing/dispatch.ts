/** Dispatch on the out-of-order machines: which slots are lost before an instruction gets through. */
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import { Wait } from './wait.ts';

/** Remembers what held the oldest instruction in ID, in this cycle and in the one before. */
export class DispatchStall {
  private now = new Wait();
  private before = new Wait();
  private held: InFlight | undefined;
  private heldBefore: InFlight | undefined;

  /** Begins a cycle. */
  begin(): void {
    [this.now, this.before] = [this.before, this.now];
    this.heldBefore = this.held;
    this.held = undefined;
    this.now.clear();
  }

  /** Whether `find` finds a dispatch hazard of `instruction` in this cycle. */
  holds(instruction: InFlight, find: (instruction: InFlight, wait: Wait) => void): boolean {
    find(instruction, this.now);
    if (this.now.causes === 0) return false;
    this.held = instruction;
    return true;
  }

  /**
   * UA-32: charges all slots from `slot` on for `oldest`, which was in ID before, when it is held
   * or was held in the cycle before; returns how many slots are charged then.
   */
  charge(ledger: Ledger, slot: number, oldest: InFlight | undefined): number {
    if (!oldest) return slot;
    const isHeld = this.held === oldest;
    if (!isHeld && this.heldBefore !== oldest) return slot;
    const wait = isHeld ? this.now : this.before;
    for (let i = slot; i < ledger.width; i++) ledger.chargeWait(i, oldest.id, wait);
    return ledger.width;
  }

  /** The instruction that is held in this cycle, and why. */
  get stalled(): { readonly instruction: InFlight; readonly wait: Wait } | undefined {
    return this.held && { instruction: this.held, wait: this.now };
  }
}
