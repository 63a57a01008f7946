/** The books: one charge for each cycle of the issue slot, written out as runs of equal charges. */
import type { RegisterNumber } from '../../isa/registers.ts';
import type { Cause } from './causes.ts';
import { CAUSE_BIT } from './causes.ts';
import type { InstructionId, Listener } from './events.ts';
import type { Wait } from './wait.ts';

/** Charges cycles in ascending order and emits a ChargeEvent when a run of equal ones ends. */
export class Ledger {
  private readonly listener: Listener;
  private start = 0;
  private next = 0;
  private cause: Cause = 'fill';
  private id: InstructionId = -1;
  private producer: InstructionId = -1;
  private register: RegisterNumber = -1;
  private causes = 0;

  constructor(listener: Listener) {
    this.listener = listener;
  }

  /** Charges the next cycle to an issue, or to a cause that concerns no hazard. */
  chargePlain(cause: Cause, id: InstructionId, producer: InstructionId): void {
    this.charge(cause, id, producer, -1, CAUSE_BIT[cause]);
  }

  /** Charges the next cycle to what the waiting instruction waits for. */
  chargeWait(id: InstructionId, wait: Wait): void {
    this.charge(wait.cause, id, wait.producer, wait.register, wait.causes);
  }

  /** Emits the last run. */
  close(): void {
    if (this.next === this.start) return;
    this.listener({
      kind: 'charge',
      cycle: this.start,
      cycles: this.next - this.start,
      slot: 0,
      cause: this.cause,
      id: this.id,
      producer: this.producer,
      register: this.register,
      causes: this.causes,
    });
    this.start = this.next;
  }

  private charge(
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
}
