/** Writes a run as Chrome trace JSON, which Perfetto draws. */
import { registerName } from '../../isa/registers.ts';
import type {
  ChargeEvent,
  FetchEvent,
  InstructionId,
  IssueEvent,
  Listener,
  RunHeader,
  StageEvent,
  TimingEvent,
} from '../timing/events.ts';
import { Counter, MacUtilisation } from './counters.ts';
import type { Edge } from './data-flow.ts';
import { DataFlow } from './data-flow.ts';
import { Recent } from './recent.ts';
import type { Sink } from './sink.ts';
import { TraceJson } from './trace-json.ts';
import { Tracks, slotTid } from './tracks.ts';

/** An instruction until nothing can point to it any more. */
interface Flight {
  readonly id: InstructionId;
  readonly pc: number;
  issue: IssueEvent | undefined;
  /** When it entered MEM. */
  memoryCycle: number;
  /** The track of its execution, and the last cycle of it; −1 until it is written. */
  tid: number;
  lastCycle: number;
  /** What it reads; empty once its arrows are drawn. */
  sources: readonly Edge<Flight>[];
  /** Arrows that wait for this execution to be written. */
  arrows: Arrow[];
}

interface Arrow {
  readonly edge: Edge<Flight>;
  readonly consumer: Flight;
}

/**
 * A listener that writes a trace: issue slots, units, memory, instructions, counters and arrows.
 * Holds what is in flight and the last writer of each register; nothing is kept of the rest.
 */
export function writePerfetto(header: RunHeader, sink: Sink): Listener {
  const writer = new PerfettoWriter(header, sink);
  return (event) => writer.listen(event);
}

class PerfettoWriter {
  readonly #header: RunHeader;
  readonly #json: TraceJson;
  readonly #recent: Recent;
  readonly #flow: DataFlow<Flight>;
  readonly #tracks: Tracks;
  readonly #bytes: Counter;
  readonly #macs: MacUtilisation;
  readonly #inFlight = new Map<InstructionId, Flight>();
  #arrows = 0;

  constructor(header: RunHeader, sink: Sink) {
    this.#header = header;
    const json = new TraceJson(header, sink);
    this.#json = json;
    this.#recent = new Recent(header.program.listing);
    this.#flow = new DataFlow(header);
    this.#tracks = new Tracks(header, json);
    this.#bytes = new Counter((ts, value) => json.counter(ts, 'bytes in flight', 'bytes', value));
    this.#macs = new MacUtilisation(header.machine, (ts, value) =>
      json.counter(ts, 'MAC utilisation', 'percent', value),
    );
  }

  listen(event: TimingEvent): void {
    if (event.kind !== 'charge') this.#macs.advance(event.cycle);
    switch (event.kind) {
      case 'fetch':
        this.#fetch(event);
        return;
      case 'stage':
        this.#stage(event);
        return;
      case 'issue':
        this.#inFlight.get(event.id)!.issue = event;
        this.#macs.issue(event);
        return;
      case 'retire':
        this.#leave(this.#inFlight.get(event.id)!, event.cycle);
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
    const flight: Flight = {
      id,
      pc,
      issue: undefined,
      memoryCycle: -1,
      tid: -1,
      lastCycle: -1,
      sources: [],
      arrows: [],
    };
    flight.sources = this.#flow.fetch(pc, flight);
    this.#inFlight.set(id, flight);
    const { text, file, line, part } = this.#header.program.listing[pc]!;
    const where = { line: `${file}:${line}`, part: part === '' ? undefined : part };
    this.#json.async('b', id, cycle, text, where);
  }

  #stage({ id, stage, cycle }: StageEvent): void {
    const flight = this.#inFlight.get(id)!;
    if (!flight.issue) return;
    if (flight.tid < 0) this.#writeExecution(flight, cycle);
    if (flight.memoryCycle >= 0) this.#leaveMemory(flight, cycle);
    if (stage !== 'MEM' || flight.issue.unit !== 'dma') return;
    flight.memoryCycle = cycle;
    this.#bytes.set(cycle, this.#bytes.value + flight.issue.bytes);
  }

  #writeExecution(flight: Flight, end: number): void {
    const { cycle, unit, occupancyCycles, macs } = flight.issue!;
    flight.tid = this.#tracks.slice(unit, flight, cycle, end, {
      occupancyCycles,
      macs: macs === 0 ? undefined : macs,
    });
    flight.lastCycle = end - 1;
    for (const edge of flight.sources) {
      if (edge.producer.tid >= 0) this.#arrow(edge, flight);
      else edge.producer.arrows.push({ edge, consumer: flight });
    }
    for (const { edge, consumer } of flight.arrows) this.#arrow(edge, consumer);
    // A chain of producers would keep the whole run alive.
    flight.sources = [];
    flight.arrows = [];
  }

  #leaveMemory(flight: Flight, cycle: number): void {
    const { bytes } = flight.issue!;
    this.#tracks.slice('memory', flight, flight.memoryCycle, cycle, { bytes });
    this.#bytes.set(cycle, this.#bytes.value - bytes);
    flight.memoryCycle = -1;
  }

  /**
   * From the producer's execution to the beginning of the consumer's. There is none where nobody
   * waits for operands (UA-66) and the consumer came first.
   */
  #arrow({ producer, register }: Edge<Flight>, consumer: Flight): void {
    const issueCycle = consumer.issue!.cycle;
    if (producer.issue!.cycle > issueCycle) return;
    const from = { tid: producer.tid, ts: Math.min(producer.lastCycle, issueCycle) };
    const to = { tid: consumer.tid, ts: issueCycle };
    this.#json.arrow(this.#arrows++, `RAW ${registerName(register)}`, from, to);
  }

  #leave(flight: Flight, cycle: number): void {
    this.#json.async('e', flight.id, cycle, this.#header.program.listing[flight.pc]!.text, {});
    this.#inFlight.delete(flight.id);
  }

  #charge(event: ChargeEvent): void {
    const { slot, cycle, cycles, cause, id } = event;
    const instruction = id < 0 ? undefined : this.#recent.name(id);
    const waits = id < 0 || cause === 'issue' ? undefined : this.#recent.wait(event);
    this.#json.slice(slotTid(slot), cycle, cycles, 'slot', cause, { instruction, waits });
  }

  /** What a limit or a trap cut off ends where the run does. */
  #end(cycle: number): void {
    for (const flight of this.#inFlight.values()) {
      const isExecuting = flight.issue !== undefined && flight.tid < 0;
      if (isExecuting && flight.issue!.cycle < cycle) this.#writeExecution(flight, cycle);
      if (flight.memoryCycle >= 0 && flight.memoryCycle < cycle) this.#leaveMemory(flight, cycle);
      this.#leave(flight, cycle);
    }
    this.#bytes.flush();
    this.#macs.finish(cycle);
    this.#json.finish();
  }
}
