/** Checks that the events of a log fit each other: nothing is missing, doubled or out of order. */
import type { Pipeline } from '../machine/machine.ts';
import type {
  ChargeEvent,
  FetchEvent,
  InstructionId,
  IssueEvent,
  ListingLine,
  RetireEvent,
  RunHeader,
  Stage,
  StageEvent,
  TimingEvent,
} from '../timing/events.ts';
import { LogError, hasCause } from './jsonl.ts';

/** Where an instruction in flight stands; it issued in `issueCycle`, or has not (−1). */
interface Standing {
  readonly pc: number;
  stage: Stage;
  stageCycle: number;
  issueCycle: number;
  isCharged: boolean;
}

/** UA-1: the stages of each kind of machine. */
const STAGES_OF: Readonly<Record<Pipeline['execution'], readonly Stage[]>> = {
  blocking: ['IF', 'ID', 'EX', 'MEM', 'WB'],
  overlapped: ['IF', 'ID', 'EX', 'MEM', 'WB'],
  scoreboard: ['IF', 'ID', 'RO', 'EX', 'MEM', 'WB'],
  tomasulo: ['IF', 'ID', 'RS', 'EX', 'MEM', 'WB', 'CT'],
};

/** Holds what is in flight. */
export class LogOrder {
  readonly #listing: readonly ListingLine[];
  readonly #stages: readonly Stage[];
  /** Whether instructions that do not access memory pass through MEM. */
  readonly #allPassMemory: boolean;
  readonly #charged: number[];
  readonly #inFlight = new Map<InstructionId, Standing>();
  #line = 0;
  #nextId = 0;
  #now = 0;

  constructor({ program, machine }: RunHeader) {
    const { execution } = machine.pipeline;
    this.#listing = program.listing;
    this.#stages = STAGES_OF[execution];
    this.#allPassMemory = execution === 'blocking' || execution === 'overlapped';
    this.#charged = new Array<number>(machine.pipeline.width).fill(0);
  }

  /** Throws a LogError where the event does not fit those before it. */
  check(event: TimingEvent, line: number): void {
    this.#line = line;
    if (event.kind === 'charge') {
      this.#charge(event);
      return;
    }
    this.#demand(event.cycle >= this.#now, `cycle ${event.cycle} comes behind ${this.#now}`);
    this.#now = event.cycle;
    switch (event.kind) {
      case 'fetch':
        this.#fetch(event);
        return;
      case 'stage':
        this.#enter(event, event.stage);
        return;
      case 'issue':
        this.#enter(event, 'EX').issueCycle = event.cycle;
        return;
      case 'retire':
        this.#retire(event);
        return;
      case 'end':
        this.#end(event.cycle);
        return;
    }
    event satisfies never;
  }

  #demand(holds: boolean, message: string): asserts holds {
    if (!holds) throw new LogError(this.#line, message);
  }

  #fetch({ id, pc, cycle }: FetchEvent): void {
    const next = this.#nextId;
    this.#demand(id === next, `#${id} is fetched where #${next} is next`);
    this.#demand(pc < this.#listing.length, `the listing has no code address ${pc}`);
    const entered = { stage: 'IF', stageCycle: cycle, issueCycle: -1 } as const;
    this.#inFlight.set(id, { pc, ...entered, isCharged: false });
    this.#nextId++;
  }

  #standing(id: InstructionId): Standing {
    const standing = this.#inFlight.get(id);
    this.#demand(standing !== undefined, `#${id} is not in flight`);
    return standing;
  }

  #enter({ id, cycle }: StageEvent | IssueEvent, stage: Stage): Standing {
    const standing = this.#standing(id);
    const { stage: before, stageCycle } = standing;
    this.#demand(stage === this.#after(standing), `#${id} enters ${stage} from ${before}`);
    this.#demand(
      cycle > stageCycle,
      `#${id} enters ${stage} in the cycle in which it enters ${before}`,
    );
    standing.stage = stage;
    standing.stageCycle = cycle;
    return standing;
  }

  /** The next stage of an instruction; undefined behind the last. */
  #after({ pc, stage }: Standing): Stage | undefined {
    const next = this.#stages[this.#stages.indexOf(stage) + 1];
    const skipsMemory = !this.#allPassMemory && this.#listing[pc]!.unit !== 'dma';
    return next === 'MEM' && skipsMemory ? 'WB' : next;
  }

  /** UA-2: the last stage takes one cycle. */
  #retire({ id, cycle }: RetireEvent): void {
    const standing = this.#standing(id);
    const { stage, stageCycle, isCharged } = standing;
    const isLast = this.#after(standing) === undefined;
    this.#demand(
      isLast && cycle === stageCycle + 1,
      `#${id} retires from ${stage} too early or late`,
    );
    this.#demand(isCharged, `#${id} retires, but no slot is charged with its issue`);
    this.#inFlight.delete(id);
  }

  #charge({ cycle, cycles, slot, cause, id, producer, causes }: ChargeEvent): void {
    const charged = this.#charged[slot];
    this.#demand(charged !== undefined, `there is no issue slot ${slot}`);
    const where = `slot ${slot} is charged from cycle ${cycle}, not from ${charged}`;
    this.#demand(cycle === charged, where);
    this.#charged[slot] = cycle + cycles;
    this.#demand(hasCause(causes, cause), `the causes of the charge leave out ${cause}`);
    this.#demand(producer < this.#nextId, `#${producer} has not been fetched`);
    if (cause === 'issue') this.#chargeIssue(this.#standing(id), id, cycle, cycles);
    // A branch can be waited for by its successor, which is fetched later (UA-33).
    else if (id >= 0 && id !== this.#nextId) {
      this.#demand(!this.#standing(id).isCharged, `#${id} waits behind its issue`);
    }
  }

  #chargeIssue(standing: Standing, id: InstructionId, cycle: number, cycles: number): void {
    const isRight = standing.issueCycle === cycle && cycles === 1 && !standing.isCharged;
    this.#demand(isRight, `#${id} is charged with an issue in cycle ${cycle}`);
    standing.isCharged = true;
  }

  /** A run that was cut off leaves instructions in flight. */
  #end(cycle: number): void {
    for (const [id, standing] of this.#inFlight) {
      const isLate = this.#after(standing) === undefined && standing.stageCycle + 1 < cycle;
      this.#demand(!isLate, `#${id} has not retired`);
    }
    this.#charged.forEach((charged, slot) =>
      this.#demand(
        charged === cycle,
        `the run ends behind ${cycle} cycles, but slot ${slot} is charged up to ${charged}`,
      ),
    );
  }
}
