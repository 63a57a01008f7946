/** What is known of the registers at one place of a program, whatever path led there. */
import type { PartialShape } from '../../isa/operand.ts';
import type { RegisterNumber } from '../../isa/registers.ts';
import { REGISTER_COUNT, scalarRegister } from '../../isa/registers.ts';

/** On how many of the paths to here a register has been written. */
export const NEVER = 0;
export const SOMETIMES = 1;
export const ALWAYS = 2;

/** The second fact of a register is this far behind the first. */
const SECOND = REGISTER_COUNT / 2;

/** The facts of each register; only the first half, the tiles, have a first one. */
const FACTS: readonly (readonly number[])[] = Array.from(
  { length: REGISTER_COUNT },
  (_, register) => (register < SECOND ? [register, register + SECOND] : [register + SECOND]),
);

/**
 * A tile register has two facts, rows at its number and columns `SECOND` behind; a scalar register
 * has one, its value, `SECOND` behind its number. NaN is not known.
 */
export interface State {
  readonly written: Uint8Array;
  readonly facts: Float64Array;
}

/** The start of a program: no register is written, but for r0. */
export function initialState(): State {
  const state = {
    written: new Uint8Array(REGISTER_COUNT),
    facts: new Float64Array(REGISTER_COUNT + SECOND).fill(NaN),
  };
  setScalar(state, 0, 0);
  return state;
}

export function cloneState(state: State): State {
  return { written: state.written.slice(), facts: state.facts.slice() };
}

/** Makes `into` a copy of `from`. */
export function copyState(into: State, from: State): void {
  into.written.set(from.written);
  into.facts.set(from.facts);
}

const fromFact = (fact: number): number | undefined => (Number.isNaN(fact) ? undefined : fact);

/** Puts what is known of the shape of a tile register into `shape`. */
export function readTileShape(
  { facts }: State,
  tile: number,
  shape: { rows: number | undefined; cols: number | undefined },
): void {
  shape.rows = fromFact(facts[tile]);
  shape.cols = fromFact(facts[tile + SECOND]);
}

export function setTile({ written, facts }: State, tile: number, shape: PartialShape): void {
  written[tile] = ALWAYS;
  facts[tile] = shape.rows ?? NaN;
  facts[tile + SECOND] = shape.cols ?? NaN;
}

export function scalarValue({ facts }: State, scalar: number): number | undefined {
  return fromFact(facts[scalarRegister(scalar) + SECOND]);
}

export function setScalar(state: State, scalar: number, value: number | undefined): void {
  const register = scalarRegister(scalar);
  state.written[register] = ALWAYS;
  state.facts[register + SECOND] = value ?? NaN;
}

/** Copies all that is known of one register. */
export function copyRegister(into: State, from: State, register: RegisterNumber): void {
  into.written[register] = from.written[register];
  for (const fact of FACTS[register]) into.facts[fact] = from.facts[fact];
}

/**
 * Weakens `into` to what holds on its own paths and on those of `from`; says whether it changed.
 * A path that never wrote a register says nothing of its shape or value: reading it there traps.
 */
export function joinState(into: State, from: State): boolean {
  let changed = false;
  for (let register = 0; register < REGISTER_COUNT; register++) {
    const mine = into.written[register];
    const theirs = from.written[register];
    if (theirs === NEVER && mine !== ALWAYS) continue;
    if (mine === NEVER) {
      copyRegister(into, from, register);
      changed = true;
    } else if (theirs !== NEVER && joinFacts(into, from, register)) {
      changed = true;
    }
    if (mine === theirs || into.written[register] === SOMETIMES) continue;
    into.written[register] = SOMETIMES;
    changed = true;
  }
  return changed;
}

function joinFacts(into: State, from: State, register: RegisterNumber): boolean {
  let changed = false;
  for (const fact of FACTS[register]) {
    const known = into.facts[fact];
    if (Number.isNaN(known) || known === from.facts[fact]) continue;
    into.facts[fact] = NaN;
    changed = true;
  }
  return changed;
}
