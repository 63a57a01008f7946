/** The way out for events: in the order of cycles, however they come in. */
import type { Listener, TimingEvent } from '../events.ts';

/** An event, the cycle at which it is emitted, and its place among the events of that cycle. */
interface Entry {
  readonly at: number;
  readonly order: number;
  readonly event: TimingEvent;
}

/** The order within a cycle that TimingEvent promises: charges, then from the last stage up. */
const ORDER = ['charge', 'retire', 'CT', 'WB', 'MEM', 'issue', 'RS', 'RO', 'ID', 'fetch'];
const RANK = Object.fromEntries(ORDER.map((name, i) => [name, i]));
/** More than there are instructions. */
const PER_RANK = 2 ** 48;

/** A heap of events that are not due yet. Its size is bounded by what can be in flight at once. */
export class Outlet {
  private readonly listener: Listener;
  private readonly heap: Entry[] = [];

  constructor(listener: Listener) {
    this.listener = listener;
  }

  put(event: TimingEvent): void {
    switch (event.kind) {
      case 'charge':
        return this.rise({ at: event.cycle + event.cycles, order: event.slot, event });
      case 'end':
        throw new Error('invariant: the end is emitted by finish');
      case 'stage':
      case 'fetch':
      case 'issue':
      case 'retire': {
        const rank = RANK[event.kind === 'stage' ? event.stage : event.kind];
        return this.rise({ at: event.cycle, order: rank * PER_RANK + event.id, event });
      }
    }
    return event satisfies never;
  }

  /** Emits all events before `cycle`; nobody may put in an earlier one after this. */
  emitBefore(cycle: number): void {
    while (this.heap.length > 0 && this.heap[0].at < cycle) this.listener(this.takeFirst().event);
  }

  /** Emits what is left, up to charges that end with the last cycle. */
  finish(cycles: number, isCutOff: boolean): void {
    this.emitBefore(cycles);
    while (this.heap.length > 0) {
      const { event } = this.takeFirst();
      if (!isCutOff || event.kind === 'charge') this.listener(event);
    }
    this.listener({ kind: 'end', cycle: cycles });
  }

  private rise(entry: Entry): void {
    const { heap } = this;
    let i = heap.length;
    heap.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(entry, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = entry;
  }

  private takeFirst(): Entry {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
