/** Which track of a trace a slice is on: issue slots first, then units, then memory. */
import type { Unit } from '../../isa/work.ts';
import { UNITS } from '../../isa/work.ts';
import type { InstructionId, ListingLine, RunHeader } from '../timing/events.ts';
import { Lanes } from './lanes.ts';
import type { Arguments, TraceJson } from './trace-json.ts';

export type Track = Unit | 'memory';
const TRACKS: readonly Track[] = [...UNITS, 'memory'];

/** Those of the i-th of TRACKS begin at (i + 1) times this; no machine has as many issue slots. */
const TIDS_OF_TRACK = 100_000;

export function slotTid(slot: number): number {
  return 1 + slot;
}

/** Spreads what overlaps over as many tracks as it takes, and names them when they are used. */
export class Tracks {
  readonly #json: TraceJson;
  readonly #listing: readonly ListingLine[];
  readonly #lanes = new Map<Track, Lanes>(TRACKS.map((track) => [track, new Lanes()]));

  constructor({ program, machine }: RunHeader, json: TraceJson) {
    this.#json = json;
    this.#listing = program.listing;
    for (let slot = 0; slot < machine.pipeline.width; slot++) {
      json.thread(slotTid(slot), `issue slot ${slot}`);
    }
  }

  /** Writes the cycles from `start` up to, not including, `end`; returns the tid. */
  slice(
    track: Track,
    { id, pc }: { readonly id: InstructionId; readonly pc: number },
    start: number,
    end: number,
    args: Arguments,
  ): number {
    const lane = this.#lanes.get(track)!.place(start, end);
    const tid = (TRACKS.indexOf(track) + 1) * TIDS_OF_TRACK + lane;
    this.#json.thread(tid, lane === 0 ? track : `${track} (${lane + 1})`);
    const { text } = this.#listing[pc]!;
    this.#json.slice(tid, start, end - start, track, text, { instruction: id, ...args });
    return tid;
  }
}
