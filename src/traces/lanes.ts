/** Lanes: spans that overlap, spread over as few tracks as it takes to keep them apart. */

/**
 * Takes spans in the order of their ends and puts each on the lane that has been free for the
 * shortest time. So two spans of one lane never overlap.
 */
export class Lanes {
  readonly #ends: number[] = [];

  /** The lane, from 0 up, for the cycles from `start` up to, not including, `end`. */
  place(start: number, end: number): number {
    let best = -1;
    for (let lane = 0; lane < this.#ends.length; lane++) {
      const free = this.#ends[lane]!;
      if (free <= start && (best < 0 || free > this.#ends[best]!)) best = lane;
    }
    if (best < 0) best = this.#ends.length;
    this.#ends[best] = end;
    return best;
  }
}
