/** The critical path: from the instruction that was done last back through what it waited for. */
import { REGISTER_COUNT, registerName } from '../../isa/registers.ts';
import type { Place } from '../reports/report.ts';
import type { Cause } from '../timing/causes.ts';
import type {
  ChargeEvent,
  FetchEvent,
  InstructionId,
  IssueEvent,
  RunHeader,
  TimingEvent,
} from '../timing/events.ts';

/** `next`: nothing held it up but that it comes behind the other in program order. */
export type PathCause = Cause | 'next';

export interface PathStep {
  readonly id: InstructionId;
  readonly place: Place;
  readonly issueCycle: number;
  /** From the issue of the step before; of the first, from cycle 0. */
  readonly cycles: number;
  /** Why it did not issue earlier; `fill` of the first. */
  readonly cause: PathCause;
  readonly register: string | null;
}

export interface CriticalPath {
  readonly steps: readonly PathStep[];
  /** From the issue of the last step to the end of the run. With all `cycles` these are the run. */
  readonly drainCycles: number;
}

/** More instructions are not remembered. */
export const MAX_PATH_INSTRUCTIONS = 500_000;

interface Link {
  readonly id: InstructionId;
  readonly cause: PathCause;
  /** −1 when none. */
  readonly register: number;
}

interface Visit {
  readonly pc: number;
  /** Infinity before it issues. */
  issueCycle: number;
  latencyCycles: number;
  writeBackCycle: number;
  /** The latest writers of its sources; forgotten when it issues. */
  sources: readonly Link[];
  /** The source that came in the very cycle in which it issued. */
  onTime: Link | undefined;
  /** The last wait that it was charged with, up to this cycle. */
  wait: Link | undefined;
  waitEndCycle: number;
}

/** Listens to a run; `finish` gives its path, or nothing when the run was too long. */
export class PathRecorder {
  readonly #header: RunHeader;
  readonly #visits: Visit[] = [];
  readonly #writers = new Int32Array(REGISTER_COUNT).fill(-1);
  #isTooLong = false;
  #cycles = 0;

  constructor(header: RunHeader) {
    this.#header = header;
  }

  readonly listen = (event: TimingEvent): void => {
    if (event.kind === 'end') this.#cycles = event.cycle;
    if (this.#isTooLong) return;
    if (event.kind === 'fetch') this.#fetch(event);
    else if (event.kind === 'issue') this.#issue(event);
    else if (event.kind === 'charge') this.#charge(event);
    else if (event.kind === 'stage' && event.stage === 'WB') {
      this.#visits[event.id]!.writeBackCycle = event.cycle;
    }
  };

  #fetch({ id, pc }: FetchEvent): void {
    if (id >= MAX_PATH_INSTRUCTIONS) {
      this.#isTooLong = true;
      this.#visits.length = 0;
      return;
    }
    const { reads, writes } = this.#header.program.listing[pc]!;
    const sources = reads.flatMap((register): Link[] => {
      const writer = this.#writers[register]!;
      return writer < 0 ? [] : [{ id: writer, cause: 'raw', register }];
    });
    if (writes >= 0) this.#writers[writes] = id;
    this.#visits.push({
      pc,
      issueCycle: Infinity,
      latencyCycles: 0,
      writeBackCycle: -1,
      sources,
      onTime: undefined,
      wait: undefined,
      waitEndCycle: -1,
    });
  }

  #issue({ id, cycle, latencyCycles }: IssueEvent): void {
    const visit = this.#visits[id]!;
    visit.issueCycle = cycle;
    visit.latencyCycles = latencyCycles;
    visit.onTime = visit.sources.findLast((source) => {
      const producer = this.#visits[source.id]!;
      return producer.issueCycle + producer.latencyCycles === cycle;
    });
    visit.sources = [];
  }

  /** A wait is charged before the instruction is fetched when it is for the fetching. */
  #charge({ id, cause, cycle, cycles, producer, register }: ChargeEvent): void {
    const visit = this.#visits[id];
    if (!visit || cause === 'issue' || producer < 0) return;
    visit.wait = { id: producer, cause, register };
    visit.waitEndCycle = cycle + cycles;
  }

  finish(): CriticalPath | undefined {
    let id = this.#last();
    if (id < 0) return undefined;
    const drainCycles = this.#cycles - this.#visits[id]!.issueCycle;
    const steps: PathStep[] = [];
    for (;;) {
      const link = this.#linkOf(id);
      steps.push(this.#step(id, link));
      if (!link) break;
      id = link.id;
    }
    return { steps: steps.reverse(), drainCycles };
  }

  /** Whose result came last; of several, the youngest. */
  #last(): InstructionId {
    let last = -1;
    this.#visits.forEach(({ writeBackCycle }, id) => {
      if (last < 0 || writeBackCycle >= this.#visits[last]!.writeBackCycle) last = id;
    });
    return last;
  }

  /** A wait that ended with the issue goes before a source that came on time, and an older wait. */
  #linkOf(id: InstructionId): Link | undefined {
    const { issueCycle, wait, waitEndCycle, onTime } = this.#visits[id]!;
    const recent = waitEndCycle === issueCycle ? wait : undefined;
    const known = [recent, onTime, wait].find((link) => link && this.#isBefore(link.id, id));
    if (known) return known;
    for (let before = id - 1; before >= 0; before--) {
      if (this.#isBefore(before, id)) return { id: before, cause: 'next', register: -1 };
    }
    return undefined;
  }

  /** In the order of issue; in one cycle, of the program. */
  #isBefore(a: InstructionId, b: InstructionId): boolean {
    const [first, second] = [this.#visits[a]!.issueCycle, this.#visits[b]!.issueCycle];
    return first < second || (first === second && a < b);
  }

  #step(id: InstructionId, link: Link | undefined): PathStep {
    const { pc, issueCycle } = this.#visits[id]!;
    const { file, line, text } = this.#header.program.listing[pc]!;
    const register = link?.register ?? -1;
    return {
      id,
      place: { pc, file, line, text },
      issueCycle,
      cycles: issueCycle - (link ? this.#visits[link.id]!.issueCycle : 0),
      cause: link?.cause ?? 'fill',
      register: register < 0 ? null : registerName(register),
    };
  }
}
