/** Writes a run as Kanata 0004, the pipeline log that Konata draws. */
import type {
  ChargeEvent,
  FetchEvent,
  InstructionId,
  IssueEvent,
  Listener,
  ListingLine,
  RetireEvent,
  RunHeader,
  Stage,
  TimingEvent,
} from '../timing/events.ts';
import { Agenda } from './agenda.ts';
import { DataFlow } from './data-flow.ts';
import { Recent } from './recent.ts';
import type { Sink } from './sink.ts';

/** EX is drawn as X and the unit: arrows go from stage to stage where the name has an X in it. */
const STAGE_NAMES: Readonly<Record<Exclude<Stage, 'EX'>, string>> = {
  IF: 'F',
  ID: 'D',
  RO: 'Ro',
  RS: 'Rs',
  MEM: 'M',
  WB: 'Wb',
  CT: 'Ct',
};

/**
 * A listener that writes Kanata: lane 0 has the stages, lane 1 the waits.
 *
 * Time in the file only goes forward, but a charge is known when its last cycle is over. So lines
 * are held back from the cycle in which the oldest instruction was fetched whose issue has not
 * been charged, or from the first cycle that some slot has not accounted for, whichever is later.
 * While a slot waits in order nothing issues, and behind an instruction that waits out of order
 * there are at most the reorder buffer and what is fetched: what is held is bounded by what is in
 * flight, some ten lines each.
 */
export function writeKanata(header: RunHeader, sink: Sink): Listener {
  const writer = new KanataWriter(header, sink);
  return (event) => writer.listen(event);
}

class KanataWriter {
  readonly #agenda: Agenda;
  readonly #recent: Recent;
  readonly #flow: DataFlow<InstructionId>;
  /** The lines that begin an instruction, by code address: left pane, then tooltip. */
  readonly #labels: readonly (readonly [string, string])[];
  /** Fetched and not retired, with the instructions whose results it reads. */
  readonly #inFlight = new Map<InstructionId, readonly InstructionId[]>();
  /** Fetch cycles of those whose issue has not been charged, oldest first. */
  readonly #uncharged = new Map<InstructionId, number>();
  /** For each slot, the cycles that have been charged. */
  readonly #charged: number[];
  #now = 0;
  #retired = 0;

  constructor(header: RunHeader, sink: Sink) {
    const { listing } = header.program;
    this.#agenda = new Agenda(sink);
    this.#recent = new Recent(listing);
    this.#flow = new DataFlow(header);
    this.#labels = listing.map(labels);
    this.#charged = new Array<number>(header.machine.pipeline.width).fill(0);
    sink.write('Kanata\t0004\nC=\t0\n');
  }

  listen(event: TimingEvent): void {
    if (event.kind !== 'charge') this.#now = event.cycle;
    switch (event.kind) {
      case 'fetch':
        this.#fetch(event);
        return;
      case 'stage':
        this.#begin(event.cycle, event.id, STAGE_NAMES[event.stage]);
        return;
      case 'issue':
        this.#issue(event);
        return;
      case 'retire':
        this.#retire(event);
        return;
      case 'charge':
        this.#charge(event);
        return;
      case 'end':
        this.#end(event.cycle);
        return;
    }
    event satisfies never;
  }

  #fetch(event: FetchEvent): void {
    const { id, pc, cycle } = event;
    this.#recent.fetch(event);
    const edges = this.#flow.fetch(pc, id);
    this.#inFlight.set(
      id,
      edges.map(({ producer }) => producer),
    );
    this.#uncharged.set(id, cycle);
    const [label, tooltip] = this.#labels[pc]!;
    this.#agenda.line(cycle, `I\t${id}\t${id}\t0\nL\t${id}\t0\t${label}`);
    this.#agenda.line(cycle, `L\t${id}\t1\t#${id}\\n${tooltip}`);
    this.#begin(cycle, id, STAGE_NAMES.IF);
  }

  #begin(cycle: number, id: InstructionId, stage: string): void {
    this.#agenda.line(cycle, `S\t${id}\t0\t${stage}`);
  }

  #issue({ cycle, id, unit }: IssueEvent): void {
    this.#begin(cycle, id, `X${unit}`);
    for (const producer of this.#inFlight.get(id)!) {
      this.#agenda.line(cycle, `W\t${id}\t${producer}\t0`);
    }
  }

  #retire({ cycle, id }: Pick<RetireEvent, 'cycle' | 'id'>, flushed = 0): void {
    this.#inFlight.delete(id);
    this.#agenda.line(cycle, `R\t${id}\t${this.#retired++}\t${flushed}`);
  }

  #charge(event: ChargeEvent): void {
    const { cycle, cycles, slot, id, cause } = event;
    const end = cycle + cycles;
    this.#charged[slot] = end;
    if (cause === 'issue') this.#uncharged.delete(id);
    else this.#wait(event, end);
    this.#agenda.flush(this.#settledCycle());
  }

  /** A wait that began before the instruction was fetched is drawn from its fetch on. */
  #wait(event: ChargeEvent, end: number): void {
    const fetchCycle = this.#uncharged.get(event.id) ?? Infinity;
    const start = Math.max(event.cycle, fetchCycle);
    if (start >= end) return;
    const tooltip = clean(this.#recent.wait(event));
    this.#agenda.stall(start, { id: event.id, end, name: event.cause, tooltip });
  }

  /** Before this cycle nothing more can happen. */
  #settledCycle(): number {
    const [oldest = this.#now] = this.#uncharged.values();
    return Math.max(oldest, Math.min(...this.#charged));
  }

  /** What a limit or a trap cut off did not retire. */
  #end(cycle: number): void {
    for (const id of [...this.#inFlight.keys()]) this.#retire({ cycle, id }, 1);
    this.#agenda.flush(Infinity);
  }
}

function labels({ text, file, line, part }: ListingLine, pc: number): [string, string] {
  const where = clean(`${file}:${line}`);
  return [clean(`${pc}: ${text}`), part === '' ? where : `${where}\\n${clean(part)}`];
}

/** Tabs and line feeds end fields and lines; a backslash may begin an escape. */
function clean(text: string): string {
  return text.replace(/[\t\r\n]/g, ' ').replaceAll('\\', '/');
}
