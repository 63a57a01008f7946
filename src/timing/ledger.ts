/** The books: one charge for each issue slot of each cycle, written out as runs of equal charges. */
import type { RegisterNumber } from '../../isa/registers.ts';
import type { Cause } from './causes.ts';
import { CAUSE_BIT } from './causes.ts';
import type { InstructionId, Listener } from './events.ts';
import type { Wait } from './wait.ts';

/** Charges each slot's cycles in ascending order; emits a ChargeEvent when a run of equal ones ends. */
export class Ledger {
  /** W: issue slots in each cycle (UA-30). */
  readonly width: number;
  private readonly slots: readonly Slot[];

  constructor(width: number, listener: Listener) {
    this.width = width;
    this.slots = Array.from({ length: width }, (_, slot) => new Slot(slot, listener));
  }

  /** Charges a slot's next cycle to an issue, or to a cause that concerns no hazard. */
  chargePlain(slot: number, cause: Cause, id: InstructionId, producer: InstructionId): void {
    this.slots[slot]!.charge(cause, id, producer, -1, CAUSE_BIT[cause]);
  }

  /** Charges a slot's next cycle to what the waiting instruction waits for. */
  chargeWait(slot: number, id: InstructionId, wait: Wait): void {
    this.slots[slot]!.charge(wait.cause, id, wait.producer, wait.register, wait.causes);
  }

  /** Emits the last runs. */
  close(): void {
    for (const slot of this.slots) slot.close();
  }
}

/** One slot and its run of equal charges. */
class Slot {
  private readonly slot: number;
  private readonly listener: Listener;
  private start = 0;
  private next = 0;
  private cause: Cause = 'fill';
  private id: InstructionId = -1;
  private producer: InstructionId = -1;
  private register: RegisterNumber = -1;
  private causes = 0;

  constructor(slot: number, listener: Listener) {
    this.slot = slot;
    this.listener = listener;
  }

  charge(
    cause: Cause,
    id: InstructionId,
    producer: InstructionId,
    register: RegisterNumber,
    causes: number,
  ): void {
    const continues =
      cause === this.cause &&
      id === this.id &&
      producer === this.producer &&
      register === this.register &&
      causes === this.causes;
    if (!continues) {
      this.close();
      this.cause = cause;
      this.id = id;
      this.producer = producer;
      this.register = register;
      this.causes = causes;
    }
    this.next++;
  }

  close(): void {
    if (this.next === this.start) return;
    this.listener({
      kind: 'charge',
      cycle: this.start,
      cycles: this.next - this.start,
      slot: this.slot,
      cause: this.cause,
      id: this.id,
      producer: this.producer,
      register: this.register,
      causes: this.causes,
    });
    this.start = this.next;
  }
}
