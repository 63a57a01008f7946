/** The data cache: which lines are there, and which bursts an access needs (UA-42 to UA-44). */
import type { Cache as CacheParameters } from '../../machine/machine.ts';
import type { Dram } from './dram.ts';
import { NONE } from './numbers.ts';

const SETS_AT_FIRST = 64;

/** Contents follow from the order of the accesses alone. Sets take space when they are used. */
export class Cache {
  private readonly parameters: CacheParameters;
  private readonly dram: Dram;
  private readonly burstsPerLine: number;
  private readonly sets: number;
  private readonly places = new Map<number, number>();
  /** Of each way of each used set: the line, when it was touched or filled, and whether dirty. */
  private lines = new Float64Array(0);
  private stamps = new Float64Array(0);
  private dirty = new Uint8Array(0);
  private clock = 0;

  constructor(parameters: CacheParameters, burstBytes: number, dram: Dram) {
    this.parameters = parameters;
    this.burstsPerLine = parameters.lineBytes / burstBytes;
    this.dram = dram;
    this.sets = parameters.sizeBytes / (parameters.ways * parameters.lineBytes);
    this.resize(SETS_AT_FIRST);
  }

  /** Looks a line up; plans its bursts, which begin `delay` cycles behind the access's request. */
  touch(line: number, isWrite: boolean, delay: number): void {
    const { replacement, writePolicy } = this.parameters;
    const first = this.placeOf(line % this.sets);
    const hit = this.find(first, line);
    if (hit >= 0 && replacement === 'lru') this.stamps[hit] = ++this.clock;
    if (isWrite && writePolicy === 'through') {
      this.planBursts(line, delay);
      return;
    }
    const way = hit >= 0 ? hit : this.fill(first, line, delay);
    if (isWrite) this.dirty[way] = 1;
  }

  private find(first: number, line: number): number {
    const end = first + this.parameters.ways;
    for (let way = first; way < end; way++) if (this.lines[way] === line) return way;
    return NONE;
  }

  /** UA-43: an empty way (its stamp is 0), else the oldest; a dirty line is written first. */
  private fill(first: number, line: number, delay: number): number {
    const { lines, stamps, dirty } = this;
    const end = first + this.parameters.ways;
    let victim = first;
    for (let way = first + 1; way < end; way++) if (stamps[way] < stamps[victim]) victim = way;
    if (dirty[victim]) this.planBursts(lines[victim], delay);
    this.planBursts(line, delay);
    lines[victim] = line;
    stamps[victim] = ++this.clock;
    dirty[victim] = 0;
    return victim;
  }

  private planBursts(line: number, delay: number): void {
    this.dram.plan(line * this.burstsPerLine, this.burstsPerLine, delay);
  }

  /** Index of the first way of a set. */
  private placeOf(set: number): number {
    let place = this.places.get(set);
    if (place === undefined) {
      place = this.places.size;
      this.places.set(set, place);
      if (this.places.size * this.parameters.ways > this.lines.length) this.resize(2 * place);
    }
    return place * this.parameters.ways;
  }

  private resize(sets: number): void {
    const ways = Math.min(Math.max(sets, 1), this.sets) * this.parameters.ways;
    const { lines, stamps, dirty } = this;
    this.lines = new Float64Array(ways).fill(NONE);
    this.stamps = new Float64Array(ways);
    this.dirty = new Uint8Array(ways);
    this.lines.set(lines);
    this.stamps.set(stamps);
    this.dirty.set(dirty);
  }
}
