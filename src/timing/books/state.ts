/** The state of a machine in order as numbers: times relative to now, places by who uses them. */

/**
 * Times further back than this behind the last issue are all alike: an instruction behind it decodes
 * in its cycle at the earliest, and everything else it asks for is later.
 */
export const OLDEST = -2;

/** What describes the state of a part of the machine. */
export class StateWriter {
  readonly values: number[] = [];
  readonly places: number[] = [];
  /** Of each place: the code address of the access that it comes from, or −1. */
  readonly owners: number[] = [];
  /** What `relative` gives for all times that do not matter any more. */
  readonly oldest = OLDEST;
  private readonly now: number;

  constructor(now: number) {
    this.now = now;
  }

  exact(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.values.push(values[i]!);
  }

  /** A time as it matters from now on. */
  relative(time: number): number {
    const distance = time - this.now;
    return distance > OLDEST ? distance : OLDEST;
  }

  times(times: ArrayLike<number>): void {
    for (let i = 0; i < times.length; i++) this.values.push(this.relative(times[i]!));
  }

  /** Whether this is the other state, but for places that have moved. */
  isLike({ values, places, owners }: StateWriter, moved: Float64Array): boolean {
    if (this.values.length !== values.length || this.places.length !== places.length) return false;
    return (
      this.values.every((value, i) => value === values[i]) &&
      this.places.every((place, i) => {
        const owner = owners[i];
        return owner === this.owners[i] && place === places[i] + (owner < 0 ? 0 : moved[owner]);
      })
    );
  }

  /** A byte address that moves as the accesses of an instruction do. */
  place(bytes: number, owner: number): void {
    this.places.push(bytes);
    this.owners.push(owner);
  }
}

/** How a state goes on when rounds are repeated. */
export interface Shift {
  /** Times that were old in this cycle stay where they are. */
  readonly now: number;
  readonly cycles: number;
  /** How often the rounds are repeated. */
  readonly times: number;
  /** By code address: bytes in one repetition. */
  readonly moved: Float64Array;
}

/** Times that still matter, further on. */
export function shiftTimes(times: Float64Array | number[], { now, cycles }: Shift): void {
  for (let i = 0; i < times.length; i++) if (times[i]! > now + OLDEST) times[i]! += cycles;
}

/** A part of the machine that has a state. */
export interface Stateful {
  describe(state: StateWriter): void;
  shift(shift: Shift): void;
}

/** The state of tables that hold times, and of tables that hold anything else. */
export function tables(times: readonly Float64Array[], others: readonly Uint8Array[]): Stateful {
  return {
    describe(state) {
      for (const table of times) state.times(table);
      for (const table of others) state.exact(table);
    },
    shift(shift) {
      for (const table of times) shiftTimes(table, shift);
    },
  };
}
