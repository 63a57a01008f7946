/** Runs the abstract interpretation until nothing more can be learnt about any block. */
import { HALTED } from '../../isa/instruction.ts';
import { REGISTER_COUNT } from '../../isa/registers.ts';
import type { Flow } from './flow.ts';
import { directSuccessors, flowOf, jumpRegister } from './flow.ts';
import type { Program } from './program.ts';
import type { Return, Routine, Routines } from './routines.ts';
import { findRoutines } from './routines.ts';
import type { State } from './verify-state.ts';
import { cloneState, copyRegister, copyState, initialState, joinState } from './verify-state.ts';
import type { Report } from './verify-report.ts';
import { stepAbstract } from './verify-step.ts';

/**
 * A worklist over basic blocks. What is known of a block only ever weakens, and in few steps (a
 * register is written or not, a fact is known or not), so it ends soon, loops or not.
 */
export class Analysis {
  readonly flow: Flow;
  /** What is known where a block begins; undefined where no path leads. */
  readonly entries: (State | undefined)[];
  /** Addresses of instructions from which control may go to an address that is not code. */
  readonly exits = new Map<number, number>();
  private readonly program: Program;
  private readonly routines: Routines;
  private readonly pending: number[] = [];
  private readonly isPending: Uint8Array;
  /** What is known where a call leaves its caller, and where a routine ends. */
  private readonly callStates = new Map<number, State>();
  private readonly endStates = new Map<Routine, State>();
  /** Where `comeBack` puts a state together. */
  private readonly returned = initialState();

  constructor(program: Program) {
    this.program = program;
    this.flow = flowOf(program);
    this.routines = findRoutines(this.flow);
    this.entries = this.flow.blocks.map(() => undefined);
    this.isPending = new Uint8Array(this.flow.blocks.length);
    this.flowTo(-1, 0, initialState());
    for (let block = this.pending.pop(); block !== undefined; block = this.pending.pop()) {
      this.isPending[block] = 0;
      this.visit(block);
    }
  }

  /** Reports the problems of a block that some path leads to. */
  report(block: number, reportAt: (pc: number) => Report): void {
    const entry = this.entries[block];
    if (entry) this.walk(block, cloneState(entry), reportAt);
  }

  private visit(block: number): void {
    const state = cloneState(this.entries[block]!);
    const nextPc = this.walk(block, state, undefined);
    const pc = this.flow.blocks[block].end - 1;
    const routine = this.routines.ofCall.get(pc);
    if (routine) this.leave(pc, routine, state);
    if (nextPc !== undefined) {
      if (nextPc !== HALTED) this.flowTo(pc, nextPc, state);
      return;
    }
    const instruction = this.flow.code[pc];
    for (const target of directSuccessors(instruction, pc)) this.flowTo(pc, target, state);
    if (jumpRegister(instruction) !== undefined) this.end(pc, state);
  }

  private walk(
    block: number,
    state: State,
    reportAt: ((pc: number) => Report) | undefined,
  ): number | undefined {
    const { start, end } = this.flow.blocks[block];
    let nextPc: number | undefined;
    for (let pc = start; pc < end; pc++) {
      nextPc = stepAbstract(this.program, pc, state, reportAt?.(pc));
    }
    return nextPc;
  }

  private flowTo(from: number, target: number, state: State): void {
    const block = this.flow.blockOf[target] as number | undefined;
    if (block === undefined) {
      this.exits.set(from, target);
      return;
    }
    const entry = this.entries[block];
    if (entry === undefined) this.entries[block] = cloneState(state);
    else if (!joinState(entry, state)) return;
    if (this.isPending[block] === 1) return;
    this.isPending[block] = 1;
    this.pending.push(block);
  }

  /** A call is left; if its routine has an end already, control comes back too. */
  private leave(callPc: number, routine: Routine, state: State): void {
    this.callStates.set(callPc, state);
    const ended = this.endStates.get(routine);
    if (ended) this.comeBack({ callPc, target: callPc + 1 }, callPc, routine, ended);
  }

  /** A jump through a register ends its routines, and control comes back to all their callers. */
  private end(pc: number, state: State): void {
    for (const routine of this.routines.endedBy(pc)) {
      const ended = this.endStates.get(routine);
      if (ended === undefined) this.endStates.set(routine, cloneState(state));
      else if (!joinState(ended, state)) continue;
      const joined = ended ?? state;
      for (const back of routine.returns) this.comeBack(back, pc, routine, joined);
    }
  }

  /** The caller's registers survive, but for those that the routine may have written. */
  private comeBack(back: Return, from: number, routine: Routine, ended: State): void {
    if (back.callPc < 0) {
      this.flowTo(from, back.target, ended);
      return;
    }
    const caller = this.callStates.get(back.callPc);
    if (caller === undefined) return;
    const state = this.returned;
    copyState(state, caller);
    for (let register = 0; register < REGISTER_COUNT; register++) {
      if (routine.modified[register] === 1) copyRegister(state, ended, register);
    }
    this.flowTo(back.callPc, back.target, state);
  }
}
