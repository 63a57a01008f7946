/** The pipeline diagram: dynamic instructions by cycles, with the cause in each waiting cell. */
import type { RunHeader, TimingEvent } from '../timing/events.ts';
import type { DiagramItem } from './diagram-layout.ts';
import { layOut } from './diagram-layout.ts';
import type { Flight, Segment } from './flights.ts';
import { FlightRecorder } from './flights.ts';
import type { SteadyRun } from './loops.ts';
import { SteadyTracker } from './loops.ts';

export interface DiagramOptions {
  /** First and last cycle drawn; the whole run when absent. */
  readonly from?: number;
  readonly to?: number;
  /** Instructions drawn before the rest is only counted; 1,000 of a range, 64 of a whole run. */
  readonly maxRows?: number;
  /** Columns of the terminal; wider diagrams are cut into panels. */
  readonly width?: number;
}

export interface Diagram {
  readonly listen: (event: TimingEvent) => void;
  /** The diagram of everything heard; no line feed at its end. */
  readonly render: () => string;
}

const ROWS_OF_WHOLE_RUN = 64;
const ROWS_OF_RANGE = 1000;
const DEFAULT_WIDTH = 100;

/**
 * Begins a diagram. It remembers the rows it draws, what is in flight, and one iteration of the
 * loop under way.
 */
export function createDiagram(header: RunHeader, options: DiagramOptions = {}): Diagram {
  const rows = new Rows(options);
  const recorder = new FlightRecorder((segment) => rows.add(segment));
  return {
    listen: (event) => recorder.listen(event),
    render: () => {
      const { from = 0, to = Infinity, width = DEFAULT_WIDTH } = options;
      return layOut(header.program.listing, rows.items, { from, to, width, more: rows.more });
    },
  };
}

/** Collects what is drawn, segment by segment. */
class Rows {
  readonly items: DiagramItem[] = [];
  /** Instructions in the range that are not drawn. */
  more = 0;
  #drawn = 0;
  readonly #from: number;
  readonly #to: number;
  readonly #maxRows: number;
  readonly #tracker = new SteadyTracker();

  constructor({ from, to, maxRows }: DiagramOptions) {
    const isRange = from !== undefined || to !== undefined;
    this.#from = from ?? 0;
    this.#to = to ?? Infinity;
    this.#maxRows = maxRows ?? (isRange ? ROWS_OF_RANGE : ROWS_OF_WHOLE_RUN);
  }

  add(segment: Segment): void {
    const visible = segment.flights.filter((flight) => this.#isInRange(flight));
    if (visible.length === 0 || visible.length < segment.flights.length) {
      this.#tracker.reset();
    } else if (this.#tracker.continues(segment)) {
      this.#foldInto(this.#tracker.run!, segment);
      return;
    }
    for (const flight of visible) this.#draw({ kind: 'flight', flight });
  }

  #isInRange({ fetchCycle, retireCycle }: Flight): boolean {
    return fetchCycle <= this.#to && retireCycle > this.#from;
  }

  /** One line stands for the whole run, and the run grows. */
  #foldInto(run: SteadyRun, { flights }: Segment): void {
    const last = this.items.at(-1);
    if (last?.kind === 'same' && last.run === run) return;
    if (this.more > 0) this.more += flights.length;
    else this.items.push({ kind: 'same', run });
  }

  #draw(item: DiagramItem): void {
    if (this.#drawn >= this.#maxRows) {
      this.more++;
      return;
    }
    this.#drawn++;
    this.items.push(item);
  }
}
