/** The debugger: a recorded run, the cycle that is looked at, and how to get to others. */
import type { InstructionId } from '../timing/events.ts';
import { Names, nameLines } from '../reports/names.ts';
import type { Vm } from '../vm/vm.ts';
import type { Breakpoint, BreakTarget, Hit } from './breakpoints.ts';
import { breakpointAt } from './breakpoints.ts';
import type { HistoryOptions } from './history.ts';
import { History } from './history.ts';
import { Mistake } from './mistake.ts';
import type { RecordedRun } from './record.ts';
import type { Recording } from './recording.ts';
import { NEVER } from './recording.ts';
import type { LineTarget } from './target.ts';

export interface Numbered extends Breakpoint {
  readonly number: number;
}

/** A breakpoint that was hit; `number` is undefined for the target of `until`. */
export interface Stop {
  readonly number: number | undefined;
  readonly target: BreakTarget;
  readonly ids: readonly InstructionId[];
}

/** What it shows is the state at the end of `cycle`, from 0 to the last cycle of the run. */
export class Debugger {
  readonly run: RecordedRun;
  readonly recording: Recording;
  readonly history: History;
  readonly names: Names;
  /** The source line behind the one listed last, for `list`; undefined after a move. */
  nextListed: { readonly file: string; readonly line: number } | undefined;
  #cycle = 0;
  #breakpoints: Numbered[] = [];
  #lastNumber = 0;
  readonly #where: ReturnType<typeof nameLines>;

  constructor(run: RecordedRun, options: HistoryOptions = {}) {
    this.run = run;
    this.recording = run.recording;
    this.history = new History(run.start, options);
    const { listing } = run.recording.header.program;
    this.names = new Names(listing);
    this.#where = nameLines(listing);
  }

  get cycle(): number {
    return this.#cycle;
  }

  get isAtEnd(): boolean {
    return this.#cycle === this.recording.lastCycle;
  }

  get breakpoints(): readonly Numbered[] {
    return this.#breakpoints;
  }

  /** Goes to a cycle, or to the end or the beginning of the run if it lies beyond. */
  moveTo(cycle: number): void {
    this.#cycle = Math.max(0, Math.min(cycle, this.recording.lastCycle));
    this.nextListed = undefined;
  }

  /** Goes to the `count`-th issue from here, or to the end. */
  moveToIssue(count: number): void {
    this.moveTo(this.recording.issueBehind(this.#cycle, count));
  }

  /** Goes to where a breakpoint is hit next, or an instruction of `until` issues, or to the end. */
  runOn(until?: LineTarget): Stop[] {
    const temporary = until ? [{ number: undefined, ...breakpointAt(this.run, until) }] : [];
    const hits = [...this.#breakpoints, ...temporary].flatMap(({ number, target, hitBehind }) => {
      const hit = hitBehind(this.#cycle);
      return hit ? [{ number, target, hit }] : [];
    });
    const cycle = Math.min(NEVER, ...hits.map(({ hit }) => hit.cycle));
    this.moveTo(cycle);
    const isNow = ({ hit }: { hit: Hit }) => hit.cycle === cycle;
    return hits.filter(isNow).map(({ number, target, hit }) => ({ number, target, ids: hit.ids }));
  }

  addBreakpoint(target: BreakTarget): Numbered {
    const added = { number: ++this.#lastNumber, ...breakpointAt(this.run, target) };
    this.#breakpoints.push(added);
    return added;
  }

  /** Removes one breakpoint, or all; throws a Mistake when there is none of this number. */
  removeBreakpoints(number?: number): readonly Numbered[] {
    const isMeant = (b: Numbered) => number === undefined || b.number === number;
    const removed = this.#breakpoints.filter(isMeant);
    if (removed.length === 0 && number !== undefined) {
      throw new Mistake(`there is no breakpoint ${number}`, 'breaks lists them');
    }
    this.#breakpoints = this.#breakpoints.filter((b) => !isMeant(b));
    return removed;
  }

  /** How many instructions have happened: the values are those behind them. */
  get happened(): number {
    return this.recording.happenedCount(this.#cycle);
  }

  /** The machine with the values of this cycle; valid until the next call. */
  values(): Vm {
    return this.history.at(this.recording.step(this.happened));
  }

  /** `line 14`, or `heads.inc:14` where a program has several files. */
  where(id: InstructionId): string {
    return this.#where(this.recording.line(id));
  }

  /** `#3 line 14 MATMUL t4`. */
  label(id: InstructionId): string {
    if (id < 0 || id >= this.recording.instructions) return 'what comes next';
    return `#${id} ${this.names.subject(this.recording.address(id))}`;
  }
}
