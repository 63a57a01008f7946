/** The agenda of a Kanata writer: lines for cycles to come, written out in the order of time. */
import type { InstructionId } from '../timing/events.ts';
import type { Sink } from './sink.ts';

/** A wait on lane 1, up to, not including, cycle `end`. */
export interface Stall {
  readonly id: InstructionId;
  readonly end: number;
  readonly name: string;
  readonly tooltip: string;
}

/** What happens in one cycle, in this order. */
interface Entry {
  readonly cycle: number;
  /** Whose waits may end. */
  readonly ends: InstructionId[];
  readonly lines: string[];
  readonly stalls: Stall[];
}

export class Agenda {
  readonly #sink: Sink;
  /** By ascending cycle. */
  #entries: Entry[] = [];
  readonly #open = new Map<InstructionId, Stall>();
  #time = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  line(cycle: number, line: string): void {
    this.#entry(cycle).lines.push(line);
  }

  stall(cycle: number, stall: Stall): void {
    this.#entry(cycle).stalls.push(stall);
    this.#entry(stall.end).ends.push(stall.id);
  }

  /** Writes what happens before a cycle. */
  flush(before: number): void {
    let count = 0;
    let text = '';
    for (const entry of this.#entries) {
      if (entry.cycle >= before) break;
      text += this.#write(entry);
      count++;
    }
    if (count === 0) return;
    this.#entries = this.#entries.slice(count);
    this.#sink.write(text);
  }

  /** New entries are mostly late ones. */
  #entry(cycle: number): Entry {
    let at = this.#entries.length;
    while (at > 0 && this.#entries[at - 1]!.cycle > cycle) at--;
    const before = this.#entries[at - 1];
    if (before?.cycle === cycle) return before;
    const entry: Entry = { cycle, ends: [], lines: [], stalls: [] };
    this.#entries.splice(at, 0, entry);
    return entry;
  }

  #write({ cycle, ends, lines, stalls }: Entry): string {
    let text = cycle > this.#time ? `C\t${cycle - this.#time}\n` : '';
    this.#time = cycle;
    for (const id of ends) text += this.#close(id, cycle);
    for (const line of lines) text += `${line}\n`;
    for (const stall of stalls) text += this.#begin(stall, cycle);
    return text;
  }

  #close(id: InstructionId, cycle: number): string {
    const stall = this.#open.get(id);
    if (stall?.end !== cycle) return '';
    this.#open.delete(id);
    return `E\t${id}\t1\t${stall.name}\n`;
  }

  /** UA-32 may charge several slots for one instruction at once, all alike: that is one wait. */
  #begin(stall: Stall, cycle: number): string {
    const { id, name, end, tooltip } = stall;
    const open = this.#open.get(id);
    if (open && open.end > cycle && open.name === name) {
      if (end > open.end) this.#open.set(id, stall);
      return '';
    }
    this.#open.set(id, stall);
    return `S\t${id}\t1\t${name}\nL\t${id}\t2\t${tooltip}\n`;
  }
}
