/** Prefill and decode as a fold over the event stream: cycles of each token and of each layer. */
import type { ChargeEvent, InstructionId, RunHeader, TimingEvent } from '../timing/events.ts';
import { Names } from './names.ts';
import { Counters, Pass, phaseUse } from './phases-counters.ts';
import type { Phases } from './phases-data.ts';
import type { PhaseLayout } from './phases-layout.ts';
import { PhaseWalk } from './phases-layout.ts';

export interface PhaseFold {
  readonly listen: (event: TimingEvent) => void;
  /** What was heard; throws when the run has not ended. */
  readonly finish: () => Phases;
}

/**
 * Begins an account of a run by tokens and layers. The first pass over the model is prefill: the
 * prompt, up to the choice of the first token. Each further pass is decode: one token, up to the
 * choice of the next. Every slot is charged to the pass and row of the instruction that issues or
 * waits; `fill` goes to the first and `drain` to the last, so that the passes sum to the run, and
 * the rows too. Work counts when it issues. Memory is bounded by passes × rows, and by what is in
 * flight.
 */
export function createPhases(header: RunHeader, layout: PhaseLayout): PhaseFold {
  const fold = new Fold(header, layout);
  return { listen: (event) => fold.listen(event), finish: () => fold.finish() };
}

/** Consecutive instructions of one pass and row. */
interface Segment {
  readonly firstId: InstructionId;
  readonly pass: Pass;
  readonly row: number;
  /** What is counted of this row in this phase. */
  readonly inRow: Counters;
  inFlight: number;
}

class Fold {
  readonly #header: RunHeader;
  readonly #layout: PhaseLayout;
  readonly #names: Names;
  readonly #walk: PhaseWalk;
  readonly #prefillRows: readonly Counters[];
  readonly #decodeRows: readonly Counters[];
  readonly #passes: Pass[] = [];
  readonly #first: Segment;
  /** Those with instructions in flight, and the last one; oldest first. */
  readonly #segments: Segment[];
  /** Code addresses of what is in flight. */
  readonly #pcs = new Map<InstructionId, number>();
  #cycles = -1;

  constructor(header: RunHeader, layout: PhaseLayout) {
    const { program, machine } = header;
    this.#header = header;
    this.#layout = layout;
    this.#names = new Names(program.listing, machine.pipeline.width);
    this.#walk = new PhaseWalk(layout);
    const rows = () => layout.rows.map(() => new Counters(machine));
    this.#prefillRows = rows();
    this.#decodeRows = rows();
    this.#first = this.#segment(this.#beginPass(0), layout.rowOf[0]!, 0);
    this.#segments = [this.#first];
  }

  listen(event: TimingEvent): void {
    switch (event.kind) {
      case 'fetch':
        this.#fetch(event.id, event.pc);
        return;
      case 'issue': {
        const { pass, inRow } = this.#segmentOf(event.id);
        pass.issue(event, this.#pcs.get(event.id)!);
        inRow.issue(event);
        return;
      }
      case 'retire':
        this.#retire(event.id);
        return;
      case 'charge':
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

  #fetch(id: InstructionId, pc: number): void {
    this.#pcs.set(id, pc);
    this.#walk.visit(pc);
    const { row, isNewPass } = this.#walk;
    const last = this.#segments.at(-1)!;
    if (isNewPass) this.#segments.push(this.#segment(this.#beginPass(id), row, id));
    else if (row !== last.row) this.#segments.push(this.#segment(last.pass, row, id));
    const segment = this.#segments.at(-1)!;
    segment.inFlight++;
    segment.pass.fetch();
  }

  #beginPass(firstId: InstructionId): Pass {
    const pass = new Pass(this.#header.machine, this.#names, firstId, this.#layout.rows.length);
    this.#passes.push(pass);
    return pass;
  }

  #segment(pass: Pass, row: number, firstId: InstructionId): Segment {
    const rows = pass === this.#passes[0] ? this.#prefillRows : this.#decodeRows;
    return { firstId, pass, row, inRow: rows[row]!, inFlight: 0 };
  }

  #retire(id: InstructionId): void {
    const segment = this.#segmentOf(id);
    const { pass } = segment;
    segment.inFlight--;
    this.#pcs.delete(id);
    pass.retire(id, pass !== this.#passes.at(-1));
    while (this.#segments.length > 1 && this.#segments[0]!.inFlight === 0) this.#segments.shift();
  }

  #charge(event: ChargeEvent): void {
    const { pass, row, inRow } = event.cause === 'fill' ? this.#first : this.#segmentOf(event.id);
    pass.charge(event, row);
    inRow.charge(event);
  }

  /** The last one is that of what is not fetched yet, and of nobody at the end of the run. */
  #segmentOf(id: InstructionId): Segment {
    const segments = this.#segments;
    if (id < 0) return segments.at(-1)!;
    for (let i = segments.length - 1; i >= 0; i--) {
      if (segments[i]!.firstId <= id) return segments[i]!;
    }
    throw new Error(`invariant: instruction #${id} has left the pipeline, but something waits`);
  }

  finish(): Phases {
    if (this.#cycles < 0) throw new Error('invariant: the run has no end');
    const { machine } = this.#header;
    const { width } = machine.pipeline;
    return {
      cycles: this.#cycles,
      issueWidth: width,
      slotsTotal: this.#cycles * width,
      prefill: phaseUse(machine, this.#passes.slice(0, 1)),
      decode: phaseUse(machine, this.#passes.slice(1)),
      rows: this.#layout.rows.map((name, i) => ({
        name,
        prefill: this.#prefillRows[i]!.effort(),
        decode: this.#decodeRows[i]!.effort(),
      })),
      passes: this.#passes.map((pass) => pass.use()),
    };
  }
}
