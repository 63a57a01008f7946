/** The way out for events: in the order of cycles, however they come in. */
import type { Listener, TimingEvent } from '../events.ts';

/** An event and the cycle at which it is emitted: for a charge, the one behind its last. */
interface Entry {
  readonly at: number;
  readonly order: number;
  readonly event: TimingEvent;
}

/**
 * A heap of events that are not due yet. Events of one cycle come out as they were put in, but
 * charges, which are about earlier cycles, before all others. Its size is bounded by what can be
 * in flight at once.
 */
export class Outlet {
  private readonly listener: Listener;
  private readonly heap: Entry[] = [];
  private count = 0;

  constructor(listener: Listener) {
    this.listener = listener;
  }

  put(event: TimingEvent): void {
    const isCharge = event.kind === 'charge';
    const at = isCharge ? event.cycle + event.cycles : event.cycle;
    const order = isCharge ? -1 / ++this.count : ++this.count;
    this.rise({ at, order, event });
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
