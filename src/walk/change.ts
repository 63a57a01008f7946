/**
 * How much the registers of a loop change from one round to the next: an abstract interpretation of
 * its body in which each register stands for the difference of its values in two rounds that follow
 * one another.
 */
import { MAX_EXACT } from '../vm/state.ts';
import type { WalkCode } from './code.ts';
import { CONSTANT, KIND, branches, computes } from './code.ts';
import type { Loop } from './loops.ts';

export const SCALARS = 32;

/** Computed anew in each round, with differences that are not always the same. */
const VARIES = NaN;
/** Carried from round to round with differences that are not always the same: then nothing is known. */
const UNKNOWN = Infinity;

/** What changes in a loop by how much from round to round. */
export interface Change {
  /** Of each scalar register; of those that are computed anew, infinite. */
  readonly steps: Float64Array;
  /** Of each instruction of the body, by its place behind the head: bytes that its address moves. */
  readonly moved: Float64Array;
  /**
   * By how much what is noted of an instruction changes: of comparisons the difference of their
   * operands, of sums and products the result; NaN is not always the same.
   */
  readonly noted: Float64Array;
  /** By how many segments its instructions are further on. */
  readonly segments: number;
}

/** What a minimum or maximum was, when it was executed last: that of `a`, or of `b`. */
export type Picks = (pc: number) => 'a' | 'b';

export interface LoopBody {
  readonly columns: WalkCode;
  readonly loop: Loop;
  /** Scalar registers on which shape and work of an instruction depend. */
  readonly shapeRegisters: (pc: number) => readonly number[];
  readonly picks: Picks;
  /** Given the instruction and the steps of registers behind it: segments that it is further on. */
  readonly segmentsAt: (pc: number, after: Float64Array) => number;
}

/**
 * What follows from the registers changing by `steps` between two visits of the head: that they do
 * so in every round, with the same path and the same shapes, as long as comparisons come out as they
 * did. Undefined where that does not follow.
 *
 * The proof is by induction over rounds. Suppose that at the head of a round each register is what it
 * was at the head of the round before plus its step. Along the same path the rules below give what
 * follows for each instruction; if at the tail each register again differs by its step, or was
 * computed anew, the supposition holds for the next round.
 */
export function changeOf(body: LoopBody, observed: Float64Array): Change | undefined {
  // What was not written before the loop, and is not read in it, stays as it is.
  const steps = observed.map((step) => (Number.isNaN(step) ? 0 : exactly(step, UNKNOWN)));
  steps[0] = 0;
  for (;;) {
    const states = interpret(body, steps);
    const end = states.at(-1);
    if (!end) return undefined;
    const wrong = steps.findIndex((step, r) => step !== UNKNOWN && end[r] !== step);
    if (wrong >= 0) steps[wrong] = UNKNOWN;
    else return conclude(body, states, steps, end);
  }
}

/** The state in front of each instruction, but behind the last one, by its place behind the head. */
function interpret(body: LoopBody, steps: Float64Array): readonly (Float64Array | undefined)[] {
  const { head, tail } = body.loop;
  const states: (Float64Array | undefined)[] = Array.from(
    { length: tail - head + 1 },
    () => undefined,
  );
  states[0] = steps;
  const waiting = [0];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const after = execute(body, at + head, states[at]!);
    for (const next of successors(body, at)) {
      const merged = merge(states[next], after);
      if (!merged) continue;
      states[next] = merged;
      waiting.push(next);
    }
  }
  return states;
}

/** Places behind the head to which control can go; behind the tail there is only the head. */
function successors({ columns, loop }: LoopBody, at: number): readonly number[] {
  const pc = at + loop.head;
  if (pc === loop.tail) return [];
  const label = columns.label[pc]!;
  return label === CONSTANT ? [at + 1] : [at + 1, label - loop.head];
}

/** The state where two paths meet; undefined when it is the state that was there. */
function merge(before: Float64Array | undefined, after: Float64Array): Float64Array | undefined {
  if (!before) return after;
  let merged: Float64Array | undefined;
  for (let r = 0; r < SCALARS; r++) {
    const both = join(before[r]!, after[r]!);
    if (Object.is(both, before[r]!)) continue;
    merged ??= before.slice();
    merged[r] = both;
  }
  return merged;
}

function join(x: number, y: number): number {
  if (x === y) return x;
  return x === UNKNOWN || y === UNKNOWN ? UNKNOWN : VARIES;
}

/** The state behind an instruction. */
function execute({ columns, picks }: LoopBody, pc: number, before: Float64Array): Float64Array {
  const target = columns.target[pc]!;
  if (target <= 0) return before;
  const after = before.slice();
  after[target] = resultOf(columns, pc, before, picks);
  return after;
}

function resultOf(columns: WalkCode, pc: number, state: Float64Array, picks: Picks): number {
  const [a, b] = [operandOf(columns.a[pc]!, state), operandOf(columns.b[pc]!, state)];
  switch (columns.kind[pc]) {
    case KIND.li:
      return plain(a);
    case KIND.iadd:
      return plain(a + b);
    case KIND.isub:
      return plain(a - b);
    case KIND.imul:
      return productOf(columns, pc, a, b);
    case KIND.imin:
    case KIND.imax:
      return Number.isFinite(a - b) ? plain(picks(pc) === 'a' ? a : b) : VARIES;
    case KIND.tiles:
      return VARIES;
    default:
      return a === 0 && b === 0 && columns.hasAddress[pc] === 0 ? 0 : VARIES;
  }
}

const operandOf = (register: number, state: Float64Array) =>
  register === CONSTANT ? 0 : state[register]!;

/** Sums with what is not known are computed anew too: they are not known either. */
const plain = (difference: number) => exactly(difference, VARIES);

function exactly(difference: number, otherwise: number): number {
  return Math.abs(difference) <= MAX_EXACT ? difference : otherwise;
}

function productOf(columns: WalkCode, pc: number, a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  if (columns.b[pc] === CONSTANT) return plain(a * columns.bValue[pc]!);
  if (columns.a[pc] === CONSTANT) return plain(b * columns.aValue[pc]!);
  return VARIES;
}

/** What addresses and comparisons do, if shapes stay and nothing is read that is not known. */
function conclude(
  body: LoopBody,
  states: readonly (Float64Array | undefined)[],
  steps: Float64Array,
  end: Float64Array,
): Change | undefined {
  if (end.includes(UNKNOWN)) return undefined;
  const { columns, loop, shapeRegisters, segmentsAt } = body;
  const moved = new Float64Array(states.length);
  const noted = new Float64Array(states.length);
  const segments = segmentsAt(loop.tail, end);
  for (let at = 0; at < states.length; at++) {
    const state = states[at];
    const pc = at + loop.head;
    if (!state) continue;
    if (shapeRegisters(pc).some((register) => state[register] !== 0)) return undefined;
    if (columns.hasAddress[pc] === 1) {
      moved[at] = state[columns.base[pc]!]! + state[columns.index[pc]!]!;
      if (!Number.isFinite(moved[at]!)) return undefined;
    }
    const [a, b] = [operandOf(columns.a[pc]!, state), operandOf(columns.b[pc]!, state)];
    if (a === UNKNOWN || b === UNKNOWN) return undefined;
    const kind = columns.kind[pc]!;
    // A divisor that changes may become 0.
    if (kind === KIND.other && b !== 0) return undefined;
    noted[at] = computes(kind) ? resultOf(columns, pc, state, body.picks) : plain(a - b);
    if (Number.isNaN(noted[at]!) && branches(kind)) return undefined;
    if (segmentsAt(pc, execute(body, pc, state)) !== segments) return undefined;
  }
  return { steps, moved, noted, segments };
}
