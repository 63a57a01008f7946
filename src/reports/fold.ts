/** The report as a fold over the event stream: the same live and replayed from a log. */
import type { Cause } from '../timing/causes.ts';
import { possibleCauses } from '../timing/causes.ts';
import type { ChargeEvent, IssueEvent, RunHeader, TimingEvent } from '../timing/events.ts';
import { adviceOn, largestLossOf } from './advice.ts';
import { BlameFold } from './blame.ts';
import { LowerBound } from './bound.ts';
import type { CauseCounts } from './by-cause.ts';
import { CAUSE_INDEX, addAlsoTrue, apportion, nest, zeroCounts } from './by-cause.ts';
import { SteadyFold } from './loops.ts';
import { Names } from './names.ts';
import { PlaceFold } from './places.ts';
import type { Report } from './report.ts';
import { UnitFold } from './units.ts';
import { Window } from './window.ts';

export interface ReportFold {
  readonly listen: (event: TimingEvent) => void;
  /** The report on everything heard; throws when the run has not ended. */
  readonly finish: () => Report;
}

/**
 * Begins a report. It remembers counters for each instruction of the program, for each pair of
 * instructions that wait for each other, and what is in flight: its memory is bounded by the
 * program, not by the run.
 */
export function createReport(header: RunHeader): ReportFold {
  const fold = new Fold(header);
  return { listen: (event) => fold.listen(event), finish: () => fold.finish() };
}

class Fold {
  readonly #header: RunHeader;
  readonly #names: Names;
  readonly #window = new Window();
  readonly #slots = zeroCounts();
  readonly #alsoTrue = zeroCounts();
  readonly #bound: LowerBound;
  readonly #units: UnitFold;
  readonly #places: PlaceFold;
  readonly #blame: BlameFold;
  readonly #steady: SteadyFold;
  #instructions = 0;
  #unfinished = 0;
  #cycles = -1;

  constructor(header: RunHeader) {
    this.#header = header;
    this.#names = new Names(header.program.listing, header.machine.pipeline.width);
    this.#bound = new LowerBound(header.machine, this.#names);
    this.#units = new UnitFold(header.machine);
    this.#places = new PlaceFold(this.#names);
    this.#blame = new BlameFold(this.#names, this.#window);
    this.#steady = new SteadyFold(this.#names);
  }

  listen(event: TimingEvent): void {
    this.#steady.listen(event);
    switch (event.kind) {
      case 'fetch':
        this.#window.fetch(event);
        return;
      case 'issue':
        this.#issue(event);
        return;
      case 'retire':
        this.#window.retire(event.id);
        this.#bound.retire(event.id);
        this.#units.retire(event.id);
        this.#unfinished--;
        return;
      case 'charge':
        this.#count(event);
        this.#charge(event);
        return;
      case 'end':
        this.#cycles = event.cycle;
        return;
      case 'stage':
        return;
    }
    event satisfies never;
  }

  #issue(event: IssueEvent): void {
    const pc = this.#window.pc(event.id);
    this.#window.issue(event);
    this.#instructions++;
    this.#unfinished++;
    this.#bound.issue(event, pc);
    this.#units.issue(event, this.#names.line(pc));
    this.#places.issue(pc);
  }

  #count(event: ChargeEvent): void {
    this.#slots[CAUSE_INDEX[event.cause]]! += event.cycles;
    addAlsoTrue(this.#alsoTrue, event);
    this.#units.charge(event);
  }

  /** The successor of the last jump is never fetched: what it waits for, the jump is charged with. */
  #charge(event: ChargeEvent): void {
    const id = event.id < this.#window.next ? event.id : event.producer;
    if (!this.#window.has(id)) return;
    this.#places.charge(event, this.#window.pc(id));
    if (event.cause !== 'issue') this.#blame.charge(event, id);
  }

  finish(): Report {
    const { program, machine, machineHash, engine } = this.#header;
    const cycles = this.#cycles;
    if (cycles < 0) throw new Error('invariant: the run has no end');
    const issueWidth = machine.pipeline.width;
    const slotsTotal = cycles * issueWidth;
    const possible = possibleCauses(machine);
    const edges = this.#blame.finish();
    const shares = this.#shares(possible, slotsTotal);
    const largestLoss = largestLossOf(possible, this.#slots, shares, edges, this.#names);
    return {
      schema: 'lasm-report/1',
      program: { name: program.name, hash: program.hash },
      machine: { name: machine.name, hash: machineHash, title: machine.title },
      engine,
      cycles,
      instructions: this.#instructions,
      unfinished: this.#unfinished,
      cpi: this.#instructions === 0 ? null : cycles / this.#instructions,
      issueWidth,
      slotsTotal,
      slots: nest(this.#slots, possible),
      shares: nest(shares, possible),
      alsoTrue: nest(this.#alsoTrue, possible),
      unattributed: slotsTotal - this.#slotsOf(possible),
      bound: this.#bound.finish(),
      largestLoss,
      advice: adviceOn(largestLoss, edges, this.#names),
      edges,
      units: this.#units.units(cycles),
      mac: this.#units.mac(cycles),
      memory: this.#units.memory(cycles),
      roofline: this.#units.roofline(cycles),
      lines: this.#places.lines(slotsTotal),
      parts: this.#places.parts(slotsTotal),
      steadyState: this.#steady.finish(),
    };
  }

  /** A charge to a cause that this machine cannot produce is in no sum: it shows as unattributed. */
  #slotsOf(possible: readonly Cause[]): number {
    return possible.reduce((sum, cause) => sum + this.#slots[CAUSE_INDEX[cause]]!, 0);
  }

  #shares(possible: readonly Cause[], slotsTotal: number): CauseCounts {
    const counts = possible.map((cause) => this.#slots[CAUSE_INDEX[cause]]!);
    const unattributed = slotsTotal - this.#slotsOf(possible);
    const tenths = apportion([...counts, unattributed], slotsTotal);
    const shares = zeroCounts();
    possible.forEach((cause, i) => (shares[CAUSE_INDEX[cause]] = tenths[i]!));
    return shares;
  }
}
