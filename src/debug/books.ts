/** The books of a run: what each issue slot is charged to in each cycle. */
import type { RegisterNumber } from '../../isa/registers.ts';
import type { Cause } from '../timing/causes.ts';
import { CAUSES } from '../timing/causes.ts';
import type { ChargeEvent, InstructionId } from '../timing/events.ts';
import { Column } from './column.ts';

/** What a slot is charged to in a cycle; the fields are those of a ChargeEvent. */
export interface Charge {
  readonly slot: number;
  readonly cause: Cause;
  readonly id: InstructionId;
  readonly producer: InstructionId;
  readonly register: RegisterNumber;
  readonly causes: number;
  /** Since when the slot is charged to the same, without a break. */
  readonly startCycle: number;
}

/** One slot's charges in ascending order; each lasts until the next begins. */
class SlotBook {
  readonly starts = new Column();
  readonly causeNumbers = new Column();
  readonly ids = new Column();
  readonly producers = new Column();
  readonly registers = new Column();
  readonly causeSets = new Column();

  add({ cycle, cause, id, producer, register, causes }: ChargeEvent): void {
    this.starts.push(cycle);
    this.causeNumbers.push(CAUSES.indexOf(cause));
    this.ids.push(id);
    this.producers.push(producer);
    this.registers.push(register);
    this.causeSets.push(causes);
  }

  charge(slot: number, index: number): Charge {
    return {
      slot,
      cause: CAUSES[this.causeNumbers.get(index)]!,
      id: this.ids.get(index),
      producer: this.producers.get(index),
      register: this.registers.get(index),
      causes: this.causeSets.get(index),
      startCycle: this.starts.get(index),
    };
  }
}

export class Books {
  readonly #slots: readonly SlotBook[];

  constructor(width: number) {
    this.#slots = Array.from({ length: width }, () => new SlotBook());
  }

  add(event: ChargeEvent): void {
    this.#slots[event.slot]!.add(event);
  }

  /** The charges of a cycle, one for each slot. */
  at(cycle: number): Charge[] {
    return this.#slots.flatMap((book, slot) => {
      const index = book.starts.countUpTo(cycle) - 1;
      return index < 0 ? [] : [book.charge(slot, index)];
    });
  }

  /**
   * For how many cycles up to `cycle`, without a break, the instruction of a charge has been
   * charged with the same wait, in whatever slot and whatever else held besides.
   */
  waitedCycles(charge: Charge, cycle: number): number {
    let from = charge.startCycle;
    for (;;) {
      const earlier = this.at(from - 1).find((other) => isSameWait(other, charge));
      if (!earlier) return cycle - from + 1;
      from = earlier.startCycle;
    }
  }

  /** Slots × cycles charged to each cause in cycles 0 to `cycle`. */
  totals(cycle: number): Map<Cause, number> {
    const sums = new Array<number>(CAUSES.length).fill(0);
    for (const { starts, causeNumbers } of this.#slots) {
      const count = starts.countUpTo(cycle);
      for (let i = 0; i < count; i++) {
        const end = i + 1 < count ? starts.get(i + 1) : cycle + 1;
        sums[causeNumbers.get(i)]! += end - starts.get(i);
      }
    }
    return new Map(CAUSES.map((cause, i) => [cause, sums[i]!]));
  }
}

function isSameWait(a: Charge, b: Charge): boolean {
  return (
    a.cause === b.cause && a.id === b.id && a.producer === b.producer && a.register === b.register
  );
}
