/** Results on their way to WB, for the write ports (UA-27). */
import type { Exchange } from './saved.ts';
import type { Shift, StateWriter, Stateful } from './state.ts';
import { shiftTimes } from './state.ts';

const PLACES_AT_FIRST = 32;
/** A power of two: cycles are told apart modulo it. */
const FILTER_CYCLES = 256;

/**
 * Most questions are about a cycle in which nothing is written, and are answered by a filter: of
 * all cycles that are equal modulo its length, the last one in which something is.
 */
export class WritePorts implements Stateful {
  private readonly perCycle: number;
  /** The filter; behind it the last cycle of all in which a result enters WB. */
  private readonly filter = new Float64Array(FILTER_CYCLES + 1);
  /** The cycles in which results enter WB; those that have, are written over. */
  private written = new Float64Array(PLACES_AT_FIRST);
  private at = 0;
  /** How many places there are. */
  private readonly places = Float64Array.of(PLACES_AT_FIRST);

  constructor(perCycle: number) {
    this.perCycle = perCycle;
  }

  /** The last cycle in which a result enters WB. */
  get latest(): number {
    return this.filter[FILTER_CYCLES];
  }

  /** Adds a result that enters WB in `written`, in `cycle`. */
  add(written: number, cycle: number): void {
    const place = written & (FILTER_CYCLES - 1);
    if (this.filter[place] < written) this.filter[place] = written;
    if (this.filter[FILTER_CYCLES] < written) this.filter[FILTER_CYCLES] = written;
    this.at = (this.at + 1) & (this.written.length - 1);
    if (this.written[this.at] > cycle) this.findPlace(cycle);
    this.written[this.at] = written;
  }

  private findPlace(cycle: number): void {
    const { written } = this;
    const place = written.findIndex((at) => at <= cycle);
    this.at = place >= 0 ? place : written.length;
    if (place >= 0) return;
    this.places[0] = 2 * written.length;
    this.written = new Float64Array(2 * written.length);
    this.written.set(written);
  }

  /** Whether all ports are taken in a cycle. */
  isFull(cycle: number): boolean {
    return this.filter[cycle & (FILTER_CYCLES - 1)] >= cycle && this.count(cycle) >= this.perCycle;
  }

  private count(cycle: number): number {
    const { written } = this;
    let count = 0;
    for (let i = 0; i < written.length; i++) if (written[i] === cycle) count++;
    return count;
  }

  /** The first cycle behind `cycle` in which a result enters WB; ∞ if none does. */
  nextAfter(cycle: number): number {
    const { written } = this;
    let next = Infinity;
    for (let i = 0; i < written.length; i++) {
      if (written[i] > cycle && written[i] < next) next = written[i];
    }
    return next;
  }

  /** What is still to come, in its order; where it stands, and the filter, are no matter. */
  describe(state: StateWriter): void {
    const coming = this.written.filter((at) => state.relative(at) > state.oldest).sort();
    state.exact([coming.length]);
    state.times(coming);
    state.times([this.latest]);
  }

  shift(shift: Shift): void {
    const latest = [this.latest];
    shiftTimes(latest, shift);
    shiftTimes(this.written, shift);
    this.filter[FILTER_CYCLES] = latest[0];
    this.fillFilter();
  }

  exchange(exchange: Exchange): void {
    const { places, filter } = this;
    this.written.sort();
    exchange.exact(places, 0, 1);
    if (this.written.length !== places[0]) this.written = new Float64Array(places[0]);
    exchange.times(this.written, 0, places[0]);
    exchange.times(filter, FILTER_CYCLES, FILTER_CYCLES + 1);
    this.at = places[0] - 1;
    this.fillFilter();
  }

  private fillFilter(): void {
    const { filter, written } = this;
    filter.fill(0, 0, FILTER_CYCLES);
    for (let i = 0; i < written.length; i++) {
      const place = written[i] & (FILTER_CYCLES - 1);
      if (filter[place] < written[i]) filter[place] = written[i];
    }
  }
}
