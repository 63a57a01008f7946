/** Flights: the events of each dynamic instruction put together, and cut where a loop begins again. */
import type { Cause } from '../timing/causes.ts';
import type {
  ChargeEvent,
  FetchEvent,
  InstructionId,
  StageEvent,
  TimingEvent,
} from '../timing/events.ts';

/** Cycles in which an instruction was charged with waiting. */
export interface Wait {
  readonly cycle: number;
  readonly cycles: number;
  readonly cause: Cause;
}

/** One dynamic instruction on its way; a stage that it has not reached begins at Infinity. */
export interface Flight {
  readonly id: InstructionId;
  readonly pc: number;
  readonly fetchCycle: number;
  decodeCycle: number;
  /** Where it waits for operands, on machines that have such a stage. */
  dispatchStage: 'RO' | 'RS' | undefined;
  dispatchCycle: number;
  issueCycle: number;
  memoryCycle: number;
  writeBackCycle: number;
  commitCycle: number;
  retireCycle: number;
  readonly waits: Wait[];
}

const STAGE_FIELD = {
  ID: 'decodeCycle',
  RO: 'dispatchCycle',
  RS: 'dispatchCycle',
  MEM: 'memoryCycle',
  WB: 'writeBackCycle',
  CT: 'commitCycle',
} as const satisfies Record<StageEvent['stage'], keyof Flight>;

/**
 * Instructions between two jumps backwards, so code addresses ascend in it. `head` and `tail` are
 * the addresses that the jump before it led to and came from; −1 where the program begins.
 */
export interface Segment {
  readonly head: number;
  readonly tail: number;
  /** Which round of the loop this is; counts from 1, which the jump backwards never precedes. */
  readonly iteration: number;
  readonly flights: Flight[];
  /** Instructions not retired. */
  open: number;
}

const newSegment = (head: number, tail: number, iteration: number): Segment => ({
  head,
  tail,
  iteration,
  flights: [],
  open: 0,
});

/**
 * Hands each segment to `onSegment` when all its instructions have retired, in program order.
 * Holds what is in flight and the segment under way, which is no longer than the program.
 */
export class FlightRecorder {
  readonly #onSegment: (segment: Segment) => void;
  readonly #inFlight = new Map<InstructionId, Flight>();
  readonly #segmentOf = new Map<InstructionId, Segment>();
  #segments: Segment[] = [newSegment(-1, -1, 1)];
  #lastPc = -1;

  constructor(onSegment: (segment: Segment) => void) {
    this.#onSegment = onSegment;
  }

  listen(event: TimingEvent): void {
    switch (event.kind) {
      case 'fetch':
        this.#fetch(event);
        return;
      case 'charge':
        this.#charge(event);
        return;
      case 'end':
        this.#flush();
        return;
      case 'retire':
        this.#flight(event.id).retireCycle = event.cycle;
        this.#retire(event.id);
        return;
      case 'issue':
        this.#flight(event.id).issueCycle = event.cycle;
        return;
      case 'stage': {
        const flight = this.#flight(event.id);
        flight[STAGE_FIELD[event.stage]] = event.cycle;
        if (event.stage === 'RO' || event.stage === 'RS') flight.dispatchStage = event.stage;
        return;
      }
    }
    event satisfies never;
  }

  #flight(id: InstructionId): Flight {
    const flight = this.#inFlight.get(id);
    if (!flight) throw new Error(`invariant: instruction #${id} is not in flight`);
    return flight;
  }

  #fetch({ id, pc, cycle }: FetchEvent): void {
    const flight: Flight = {
      id,
      pc,
      fetchCycle: cycle,
      decodeCycle: Infinity,
      dispatchStage: undefined,
      dispatchCycle: Infinity,
      issueCycle: Infinity,
      memoryCycle: Infinity,
      writeBackCycle: Infinity,
      commitCycle: Infinity,
      retireCycle: Infinity,
      waits: [],
    };
    if (pc <= this.#lastPc) this.#beginSegment(pc);
    this.#lastPc = pc;
    this.#inFlight.set(id, flight);
    const segment = this.#segments.at(-1)!;
    segment.flights.push(flight);
    segment.open++;
    this.#segmentOf.set(id, segment);
  }

  #beginSegment(head: number): void {
    const { head: lastHead, tail, iteration } = this.#segments.at(-1)!;
    const again = head === lastHead && this.#lastPc === tail;
    this.#segments.push(newSegment(head, this.#lastPc, again ? iteration + 1 : 2));
    this.#emitComplete();
  }

  #charge(event: ChargeEvent): void {
    if (event.cause === 'issue') return;
    const { cycle, cycles, cause } = event;
    this.#inFlight.get(event.id)?.waits.push({ cycle, cycles, cause });
  }

  #retire(id: InstructionId): void {
    this.#segmentOf.get(id)!.open--;
    this.#segmentOf.delete(id);
    this.#inFlight.delete(id);
    this.#emitComplete();
  }

  /** The last segment may still grow. */
  #emitComplete(): void {
    while (this.#segments.length > 1 && this.#segments[0]!.open === 0) {
      this.#onSegment(this.#segments.shift()!);
    }
  }

  #flush(): void {
    for (const segment of this.#segments) this.#onSegment(segment);
    this.#segments = [];
  }
}
