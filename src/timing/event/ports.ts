/** Things on their way to WB, in lists that are searched: results for the ports, and accesses. */
import { NONE } from './numbers.ts';

/** Results that have issued and are not in WB yet (UA-27). */
export class Ports {
  /** The last cycle in which a result enters WB. */
  latest = 0;
  private readonly perCycle: number;
  private readonly written: number[] = [];
  private readonly ids: number[] = [];
  private count = 0;

  constructor(perCycle: number) {
    this.perCycle = perCycle;
  }

  /** Adds a result, and forgets those that are in WB by `cycle`. */
  add(written: number, id: number, cycle: number): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (this.written[i] <= cycle) continue;
      this.written[kept] = this.written[i];
      this.ids[kept++] = this.ids[i];
    }
    this.written[kept] = written;
    this.ids[kept] = id;
    this.count = kept + 1;
    if (written > this.latest) this.latest = written;
  }

  /** The youngest result that enters WB in `cycle` if the ports are all taken, else −1. */
  youngestOfFull(cycle: number): number {
    let taken = 0;
    let youngest = NONE;
    for (let i = 0; i < this.count; i++) {
      if (this.written[i] !== cycle) continue;
      taken++;
      if (this.ids[i] > youngest) youngest = this.ids[i];
    }
    return taken >= this.perCycle ? youngest : NONE;
  }

  /** The first cycle behind `cycle` in which a result enters WB; ∞ if none does. */
  nextAfter(cycle: number): number {
    let next = Infinity;
    for (let i = 0; i < this.count; i++) {
      if (this.written[i] > cycle && this.written[i] < next) next = this.written[i];
    }
    return next;
  }
}
