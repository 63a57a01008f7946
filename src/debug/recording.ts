/** A recorded run: every event of the timing engine in columns, to be asked about any cycle. */
import type { Unit } from '../../isa/work.ts';
import type { InstructionId, ListingLine, RunHeader, Stage } from '../timing/events.ts';
import { STAGES } from '../timing/events.ts';
import type { TimingEvent } from '../timing/events.ts';
import { Books } from './books.ts';
import { Column, runningMaximum } from './column.ts';

/** The cycle in which something happens that never does; no recording is that long. */
export const NEVER = 0x7fffffff;

/** An instruction in the pipeline, at the end of a cycle. */
export interface Position {
  readonly id: InstructionId;
  readonly stage: Stage;
  /** The cycle in which it entered the stage. */
  readonly sinceCycle: number;
}

/** A unit that an instruction keeps closed to others. */
export interface Occupied {
  readonly id: InstructionId;
  readonly unit: Unit;
  /** The first cycle in which it is open again; NEVER where that is not known yet. */
  readonly openCycle: number;
}

/**
 * Listens to a run, then answers. About 50 bytes for each instruction and 24 for each charge.
 * Times are cycles; an instruction that a run leaves unfinished reaches its later stages in NEVER.
 */
export class Recording {
  readonly header: RunHeader;
  readonly books: Books;
  cycles = 0;
  readonly #stages = STAGES.map(() => new Column(NEVER));
  readonly #retire = new Column(NEVER);
  readonly #occupancy = new Column();
  readonly #addresses = new Column();
  /** Ids in the order in which they issue, and when. */
  readonly #issueOrder = new Column();
  readonly #issueCycles = new Column();
  /** Of each instruction, which executed one it is, or is a pass of (UA-7). */
  readonly #steps = new Column();
  /** When an instruction and all before it have retired, and have happened. */
  #retiredBy = new Column();
  #happenedBy = new Column();

  constructor(header: RunHeader) {
    this.header = header;
    this.books = new Books(header.machine.pipeline.width);
  }

  listen(event: TimingEvent): void {
    switch (event.kind) {
      case 'fetch':
        this.#fetch(event.id, event.pc, event.cycle);
        return;
      case 'stage':
        this.#stage(event.stage).set(event.id, event.cycle);
        return;
      case 'issue':
        this.#stage('EX').set(event.id, event.cycle);
        this.#occupancy.set(event.id, event.occupancyCycles);
        this.#issueOrder.push(event.id);
        this.#issueCycles.push(event.cycle);
        return;
      case 'retire':
        this.#retire.set(event.id, event.cycle);
        return;
      case 'charge':
        this.books.add(event);
        return;
      case 'end':
        this.#end(event.cycle);
        return;
    }
    event satisfies never;
  }

  /** Instructions fetched in the whole run; passes of a cracked one count each. */
  get instructions(): number {
    return this.#addresses.length;
  }

  /** The last cycle of the run; 0 too when nothing was executed. */
  get lastCycle(): number {
    return Math.max(0, this.cycles - 1);
  }

  address(id: InstructionId): number {
    return this.#addresses.get(id);
  }

  line(id: InstructionId): ListingLine {
    return this.header.program.listing[this.address(id)]!;
  }

  /** When an instruction enters a stage. */
  entered(id: InstructionId, stage: Stage): number {
    return this.#stage(stage).get(id);
  }

  /** Which executed instruction `id` is, from 0; that of the next one for an id not fetched. */
  step(id: InstructionId): number {
    if (id < this.instructions) return this.#steps.get(id);
    return this.instructions === 0 ? 0 : this.#steps.get(this.instructions - 1) + 1;
  }

  /** Whether nothing more of the executed instruction comes behind `id`; false for passes (UA-7). */
  isLastPass(id: InstructionId): boolean {
    return this.step(id + 1) !== this.step(id);
  }

  /** When an instruction and all before it have happened (docs/debugging.md). */
  happened(id: InstructionId): number {
    return id < this.instructions ? this.#happenedBy.get(id) : NEVER;
  }

  /** How many instructions, in program order, have happened by the end of a cycle. */
  happenedCount(cycle: number): number {
    return this.#happenedBy.countUpTo(cycle);
  }

  /** How many instructions have been fetched by the end of a cycle. */
  fetchedCount(cycle: number): number {
    return this.#stage('IF').countUpTo(cycle);
  }

  /** What is in the pipeline at the end of a cycle, oldest first. */
  inFlight(cycle: number): Position[] {
    const positions: Position[] = [];
    const end = this.fetchedCount(cycle);
    for (let id = this.#retiredBy.countUpTo(cycle); id < end; id++) {
      if (this.#retire.get(id) > cycle) positions.push(this.#position(id, cycle));
    }
    return positions;
  }

  /** The oldest instruction that has not issued by the end of a cycle; undefined when all have. */
  oldestUnissued(cycle: number): InstructionId | undefined {
    const waiting = this.inFlight(cycle).find(({ id }) => this.entered(id, 'EX') > cycle);
    if (waiting) return waiting.id;
    const next = this.fetchedCount(cycle);
    return next < this.instructions ? next : undefined;
  }

  /** The cycle of the `count`-th issue behind a cycle, or NEVER. */
  issueBehind(cycle: number, count: number): number {
    const index = this.#issueCycles.countUpTo(cycle) + count - 1;
    return index < this.#issueCycles.length ? this.#issueCycles.get(index) : NEVER;
  }

  /** What issues behind a cycle, in the order of time, until `visit` says false. */
  visitIssues(cycle: number, visit: (id: InstructionId, issueCycle: number) => boolean): void {
    const from = this.#issueCycles.countUpTo(cycle);
    for (let i = from; i < this.#issueOrder.length; i++) {
      if (!visit(this.#issueOrder.get(i), this.#issueCycles.get(i))) return;
    }
  }

  /**
   * Units that are closed in a cycle, oldest occupant first: from issue for as long as UA-10 says,
   * with a scoreboard from dispatch through WB (UA-50).
   */
  occupied(cycle: number): Occupied[] {
    const isReserved = this.header.machine.pipeline.execution === 'scoreboard';
    return this.inFlight(cycle).flatMap(({ id }): Occupied[] => {
      const { unit } = this.line(id);
      const issueCycle = this.entered(id, 'EX');
      const writeBackCycle = this.entered(id, 'WB');
      const beginCycle = isReserved ? this.entered(id, 'RO') : issueCycle;
      const known = writeBackCycle <= cycle ? writeBackCycle + 1 : NEVER;
      const openCycle = isReserved ? known : issueCycle + this.#occupancy.get(id);
      return beginCycle <= cycle && openCycle > cycle ? [{ id, unit, openCycle }] : [];
    });
  }

  #stage(stage: Stage): Column {
    return this.#stages[STAGES.indexOf(stage)]!;
  }

  #position(id: InstructionId, cycle: number): Position {
    let position: Position = { id, stage: 'IF', sinceCycle: this.entered(id, 'IF') };
    STAGES.forEach((stage, i) => {
      const sinceCycle = this.#stages[i]!.get(id);
      if (sinceCycle <= cycle) position = { id, stage, sinceCycle };
    });
    return position;
  }

  #fetch(id: InstructionId, address: number, cycle: number): void {
    const before = id - 1;
    const isAgain = id > 0 && this.#addresses.get(before) === address;
    this.#stage('IF').set(id, cycle);
    this.#addresses.set(id, address);
    // Only a branch can follow itself; anything else at the same address is a further pass.
    const isPass = isAgain && this.line(id).unit !== 'alu';
    this.#steps.set(id, id === 0 ? 0 : this.#steps.get(before) + (isPass ? 0 : 1));
  }

  #end(cycle: number): void {
    const { execution } = this.header.machine.pipeline;
    this.cycles = cycle;
    this.#retiredBy = runningMaximum(this.#retire, this.instructions);
    const last = this.#stage(execution === 'tomasulo' ? 'CT' : 'WB');
    this.#happenedBy = runningMaximum(last, this.instructions);
  }
}
