/** How far a run in program order has come, and how it ends (UA-2, UA-31, UA-35). */
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import type { Sums } from './sums.ts';
import { COST, COSTS } from './variants.ts';

/** Where a run ended. */
export interface RunEnd {
  /** The code address of the last instruction, and the cycle of its issue. */
  readonly pc: number;
  readonly issued: number;
  /** When a branch that fetching waits for has left EX; 0 where it waits for none. */
  readonly resolved: number;
  /** Instructions fetched, and cycles until all of them have retired. */
  readonly instructions: number;
  readonly cycles: number;
  /** Nothing is left to be fetched. */
  readonly isOver: boolean;
}

export class Progress {
  private readonly feed: Feed;
  private readonly sums: Sums;
  private readonly limit: number;
  private oldestUnfinished: number | undefined = undefined;
  /** Variants that leave the pipeline in just the cycle in which the run is cut off. */
  private readonly leaving: number[] = [];

  constructor(feed: Feed, sums: Sums, limit: number) {
    this.feed = feed;
    this.sums = sums;
    this.limit = limit;
  }

  /** Notes one that retires at the limit or later: whether it has retired is known at the end. */
  noteAtLimit(variant: number, retires: number): void {
    this.oldestUnfinished ??= this.feed.variants.field(variant, 'pc');
    if (retires === this.limit) this.leaving.push(variant);
  }

  finish({ pc, issued, resolved, instructions, ...end }: RunEnd): TimingResult {
    const { feed, limit, sums } = this;
    const isCutOff = !end.isOver || end.cycles > limit;
    const cycles = isCutOff ? limit : end.cycles;
    sums.charge(pc, Math.max(feed.segment, 0), CAUSE_NUMBER.control, issued + 1, resolved);
    sums.chargeNobody(CAUSE_NUMBER.drain, Math.max(issued + 1, resolved), cycles);
    const { variants } = feed;
    for (const variant of isCutOff ? [] : this.leaving) {
      variants.costs[variant * COSTS + COST.retired]++;
    }
    sums.retireAll(variants);
    const cutOffAt = isCutOff ? (this.oldestUnfinished ?? 0) : undefined;
    return { cycles, instructions, cutOffAt };
  }
}
