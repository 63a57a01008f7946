/**
 * Rounds of loops that need not be walked: when a loop has come back to the state of an earlier round
 * but for time and places, what happened in between happens again, and is counted as often.
 */
import type { Clock, Mark } from '../vm/step-block.ts';
import type { Change, LoopBody } from './change.ts';
import { SCALARS, changeOf } from './change.ts';
import type { WalkCode } from './code.ts';
import { KIND } from './code.ts';
import type { Loop } from './loops.ts';
import { Window, roundsAlike, roundsLeft, staysApart } from './window.ts';

/** What a walk shows of itself to those who skip parts of it. */
export interface Walked {
  readonly columns: WalkCode;
  readonly registers: Float64Array;
  readonly tileRows: Int32Array;
  readonly tileCols: Int32Array;
  /** Of comparisons: the difference of their operands, when they were executed last. */
  readonly differences: Float64Array;
  /** Instructions so far. */
  readonly instructions: () => number;
  readonly shapeRegisters: (pc: number) => readonly number[];
  /** How many there are in all: more and more of them are seen. */
  readonly shapeReads: { readonly count: number };
  /** How many more there may be; one of them is always walked. */
  readonly instructionsLeft: () => number;
  /** The first address of memory, and the one behind its last. */
  readonly memory: { readonly least: number; readonly most: number };
  readonly segmentsAt: LoopBody['segmentsAt'];
  /** Less than this many instructions are walked sooner than they are skipped. */
  readonly worthSkipping: number;
  /** Goes on as if so many more instructions had been walked, to registers moved on by `steps`. */
  readonly skip: (instructions: number, rounds: number, steps: Float64Array) => void;
}

/** Rounds that repeat a state at most: a period longer than this is not waited for. */
const MOST_ROUNDS = 4_096;

const TILES = 32;

/** States that are tried before a loop is left alone. */
const MOST_MARKS = 4;

interface Premises {
  /** Of each register, how much it has changed; not a number if it was not written. */
  readonly observed: Float64Array;
  /** Of each minimum and maximum of the body, by its place behind the head: 1 where it was that of `b`. */
  readonly picks: Uint8Array;
  shapeReads: number;
}

/** One run of a loop, from entering it to leaving it. */
interface Visit {
  readonly loop: Loop;
  /** Times that its tail went back to the head. */
  rounds: number;
  /** Walked from head to tail as long as nothing else is to be gained. */
  isOver: boolean;
  readonly registers: Float64Array;
  instructions: number;
  change: Change | undefined;
  /** What the change was concluded from, for it is mostly the same from visit to visit. */
  readonly premises: Premises;
  /** Rounds after which the banks of memory are used in the same way. */
  period: number;
  /** The round at which to look again. */
  due: number;
  marks: number;
  mark: Mark | undefined;
  readonly shapes: Int32Array;
  window: Window | undefined;
}

export class Repeats {
  /** Instructions that were counted and not walked. */
  skipped = 0;
  private readonly walked: Walked;
  private readonly visits: readonly (Visit | undefined)[];
  /** Visits that have a mark, the outermost first. */
  private readonly marked: Visit[] = [];
  private readonly spare: Window[] = [];
  /** What accesses and comparisons are noted in, if anywhere. */
  window: Window | undefined;
  private readonly moved: Float64Array;
  private readonly clock: Clock;

  constructor(loops: readonly (Loop | undefined)[], walked: Walked, clock: Clock) {
    this.walked = walked;
    this.clock = clock;
    this.visits = loops.map((loop) => loop && freshVisit(loop));
    this.moved = new Float64Array(walked.columns.size);
  }

  /** A tail goes back to its head. Returns whether `look` is to be called before walking on. */
  goesBack(tail: number): boolean {
    const visit = this.visits[tail];
    if (!visit || visit.isOver) return false;
    visit.rounds++;
    if (visit.rounds === 1) this.noteHead(visit);
    else if (visit.rounds === 2) this.prepare(visit);
    return !visit.isOver && visit.rounds === visit.due;
  }

  /** A loop is left at its tail. */
  leaves(tail: number): void {
    const visit = this.visits[tail];
    if (!visit) return;
    if (visit.mark) this.unmark(visit, 0);
    visit.rounds = 0;
    visit.due = 0;
    visit.marks = 0;
    visit.isOver = false;
  }

  private noteHead(visit: Visit): void {
    visit.registers.set(this.walked.registers);
    visit.instructions = this.walked.instructions();
  }

  /** At the head for the second time: what a round changes is known, and whether it pays to look. */
  private prepare(visit: Visit): void {
    const { walked, clock } = this;
    if (!this.holds(visit) || !isObserved(walked.registers, visit)) this.conclude(visit);
    visit.period = visit.change ? periodOf(visit.change, clock.periodBytes) : Infinity;
    const left = visit.change ? this.roundsLeft(visit) : 0;
    const perRound = walked.instructions() - visit.instructions;
    const worth = (left - 2 * visit.period) * perRound;
    if (Number.isFinite(left) && worth >= walked.worthSkipping) visit.due = visit.rounds;
    else visit.isOver = true;
  }

  private conclude(visit: Visit): void {
    const { columns, shapeRegisters, shapeReads, segmentsAt, registers } = this.walked;
    const { loop, premises } = visit;
    const { observed, picks } = premises;
    observed.forEach((_, r) => (observed[r] = registers[r]! - visit.registers[r]!));
    picks.forEach((_, at) => (picks[at] = this.pickOf(loop.head + at)));
    premises.shapeReads = shapeReads.count;
    const pickOf = (pc: number) => (picks[pc - loop.head] === 1 ? 'b' : 'a');
    const body: LoopBody = { columns, loop, shapeRegisters, segmentsAt, picks: pickOf };
    visit.change = changeOf(body, observed);
  }

  /** Whether minima pick what they did, and shapes depend on no more than they did. */
  private holds({ loop, premises }: Visit): boolean {
    if (premises.shapeReads !== this.walked.shapeReads.count) return false;
    return premises.picks.every((pick, at) => pick === this.pickOf(loop.head + at));
  }

  private pickOf(pc: number): 0 | 1 {
    const { columns, differences } = this.walked;
    const kind = columns.kind[pc]!;
    if (kind !== KIND.imin && kind !== KIND.imax) return 0;
    return differences[pc]! > 0 === (kind === KIND.imin) ? 1 : 0;
  }

  private roundsLeft({ loop, change }: Visit): number {
    const { columns, differences } = this.walked;
    const { head, tail } = loop;
    const step = change!.noted[tail - head]!;
    return roundsLeft(columns.kind[tail]!, differences[tail]!, step);
  }

  /** At the head of the loop with this tail, when everything before has been timed. */
  look(tail: number): void {
    const visit = this.visits[tail]!;
    if (visit.mark && this.isBack(visit)) {
      const rounds = this.roundsToSkip(visit);
      if (rounds > 0) this.skip(visit, rounds);
      this.unmark(visit, rounds);
      visit.isOver = true;
    } else if (visit.marks === MOST_MARKS) {
      if (visit.mark) this.unmark(visit, 0);
      visit.isOver = true;
    } else {
      if (visit.mark) this.unmark(visit, 0);
      this.setMark(visit);
    }
  }

  private setMark(visit: Visit): void {
    const { walked, clock } = this;
    visit.marks++;
    visit.due = visit.rounds + visit.period;
    visit.mark = clock.mark();
    visit.shapes.set(walked.tileRows);
    visit.shapes.set(walked.tileCols, walked.tileRows.length);
    this.noteHead(visit);
    visit.window = this.spare.pop() ?? new Window(walked.columns.size);
    this.window = visit.window;
    this.marked.push(visit);
  }

  /** Forgets a mark; the loop around it has seen what it saw. */
  private unmark(visit: Visit, rounds: number): void {
    const { loop, change, window } = visit;
    if (this.marked.pop() !== visit)
      throw new Error('invariant: loops are left from the inside out');
    const outer = this.marked.at(-1)?.window;
    outer?.include(window!, loop, change!, rounds);
    window!.clear(loop);
    this.spare.push(window!);
    this.window = outer;
    visit.window = undefined;
    visit.mark = undefined;
  }

  /** Whether machine and registers are as they were at the mark, but for what moves on evenly. */
  private isBack(visit: Visit): boolean {
    const { walked, clock } = this;
    const { shapes, period, registers } = visit;
    const { steps } = visit.change!;
    const tiles = walked.tileRows.length;
    for (let t = 0; t < tiles; t++) {
      if (shapes[t] !== walked.tileRows[t] || shapes[tiles + t] !== walked.tileCols[t])
        return false;
    }
    for (let r = 1; r < SCALARS; r++) {
      const [before, now, step] = [registers[r]!, walked.registers[r]!, steps[r]!];
      const isUnwritten = Number.isNaN(before) && Number.isNaN(now);
      if (Number.isFinite(step) && now !== before + period * step && !isUnwritten) return false;
    }
    return this.holds(visit) && clock.isBackAt(visit.mark!, this.movedBy(visit, period));
  }

  /** By how many bytes the accesses of each instruction move in so many rounds. */
  private movedBy({ loop, change }: Visit, rounds: number): Float64Array {
    const { moved } = this;
    moved.fill(0);
    change!.moved.forEach((bytes, at) => (moved[loop.head + at] = rounds * bytes));
    return moved;
  }

  /** The most rounds, in whole periods, of which all is known. */
  private roundsToSkip(visit: Visit): number {
    const { columns, differences, memory, instructions, instructionsLeft } = this.walked;
    const { loop, change, window, mark, period } = visit;
    const alike = roundsAlike(columns, loop, change!, window!, differences, memory);
    const perPeriod = instructions() - visit.instructions;
    const most = Math.floor(Math.min(alike / period, (instructionsLeft() - 1) / perPeriod));
    if (!Number.isFinite(most)) return 0;
    const { rowBytes } = this.clock;
    for (let times = most; times > 0; times = fewer(times, most)) {
      const rounds = times * period;
      if (staysApart(columns, loop, change!, window!, mark!, rounds, rowBytes)) return rounds;
    }
    return 0;
  }

  private skip(visit: Visit, rounds: number): void {
    const { walked, clock } = this;
    const { change, period } = visit;
    const times = rounds / period;
    const segments = period * change!.segments;
    clock.repeat(visit.mark!, times, this.movedBy(visit, period), segments);
    const instructions = times * (walked.instructions() - visit.instructions);
    this.skipped += instructions;
    walked.skip(instructions, rounds, change!.steps);
  }
}

function freshVisit(loop: Loop): Visit {
  return {
    loop,
    rounds: 0,
    isOver: false,
    registers: new Float64Array(SCALARS),
    instructions: 0,
    change: undefined,
    premises: {
      observed: new Float64Array(SCALARS),
      picks: new Uint8Array(loop.tail - loop.head + 1),
      shapeReads: -1,
    },
    period: 0,
    due: 0,
    marks: 0,
    mark: undefined,
    shapes: new Int32Array(2 * TILES),
    window: undefined,
  };
}

function isObserved(now: Float64Array, { registers, premises }: Visit): boolean {
  return premises.observed.every((step, r) => Object.is(step, now[r]! - registers[r]!));
}

/** Rounds after which every access has moved by a multiple of `periodBytes`. */
function periodOf({ moved }: Change, periodBytes: number): number {
  let period = 1;
  for (const bytes of moved) {
    const own = periodBytes / greatestDivisor(periodBytes, Math.abs(bytes));
    period = (period / greatestDivisor(period, own)) * own;
    if (period > MOST_ROUNDS) return Infinity;
  }
  return period;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** One less first: the last rounds may touch what lies behind; then half as many. */
function fewer(times: number, most: number): number {
  return times > most - 2 ? times - 1 : Math.floor(times / 2);
}
