/** Routines: what calls have in common, so that a return goes back to the callers of its own routine. */
import type { RegisterNumber } from '../../isa/registers.ts';
import { REGISTER_COUNT, staticInstruction } from '../../isa/registers.ts';
import type { Call, Flow } from './flow.ts';
import { jumpRegister, reachableBlocks } from './flow.ts';

/** A code address that a routine may return to. */
export interface Return {
  /** The call it belongs to, or −1 when control may come from anywhere. */
  readonly callPc: number;
  readonly target: number;
}

export interface Routine {
  readonly returns: readonly Return[];
  /** 1 for each register that it, or a routine it calls, may write. */
  readonly modified: Uint8Array;
}

export interface Routines {
  /** The routine that each call enters. */
  readonly ofCall: ReadonlyMap<number, Routine>;
  /** The routines that a jump through a register may end. */
  endedBy(pc: number): readonly Routine[];
}

interface Draft extends Routine {
  readonly returns: Return[];
  /** Calls in its body, and the jumps that end it. */
  readonly callees: readonly Call[];
  readonly ends: readonly number[];
  /** Size of its body. */
  readonly blocks: number;
}

/** Blocks of all routines together; with more, routines overlap beyond all sense. */
const MAX_BLOCKS = 4_000_000;

/**
 * Finds the routines of a program. A jump through a register that links no routine around it may go
 * behind any call, or, without calls, to any label.
 */
export function findRoutines(flow: Flow): Routines {
  const anywhere = [anyRoutine(flow)];
  const drafts = new Map<string, Draft>();
  const ofCall = new Map<number, Draft>();
  let blocks = 0;
  for (const call of flow.calls.values()) {
    const key = `${call.target} ${call.link}`;
    const known = drafts.get(key);
    const routine = known ?? draft(flow, call);
    drafts.set(key, routine);
    routine.returns.push({ callPc: call.pc, target: call.pc + 1 });
    ofCall.set(call.pc, routine);
    if (!known) blocks += routine.blocks;
    if (blocks > MAX_BLOCKS) return { ofCall: new Map(), endedBy: () => anywhere };
  }
  spreadModified([...drafts.values()], ofCall);
  const endedBy = new Map<number, Routine[]>();
  for (const routine of drafts.values()) {
    for (const pc of routine.ends) {
      const routines = endedBy.get(pc) ?? [];
      routines.push(routine);
      endedBy.set(pc, routines);
    }
  }
  return { ofCall, endedBy: (pc) => endedBy.get(pc) ?? anywhere };
}

function draft(flow: Flow, { target, link }: Call): Draft {
  const { code, blocks, calls } = flow;
  const modified = new Uint8Array(REGISTER_COUNT);
  const callees: Call[] = [];
  const ends: number[] = [];
  const body = reachableBlocks(flow, target, false, []);
  for (const block of body) {
    const { start, end } = blocks[block];
    for (let pc = start; pc < end; pc++) markWritten(flow, pc, modified);
    const call = calls.get(end - 1);
    if (call) callees.push(call);
    const register = jumpRegister(code[end - 1]);
    if (register === link) ends.push(end - 1);
    else if (register !== undefined) modified.fill(1);
  }
  return { returns: [], modified, callees, ends, blocks: body.size };
}

function markWritten(flow: Flow, pc: number, modified: Uint8Array): void {
  const register: RegisterNumber = staticInstruction(flow.code[pc]).writes;
  if (register >= 0) modified[register] = 1;
}

/** A routine modifies what the routines it calls modify. */
function spreadModified(drafts: readonly Draft[], ofCall: ReadonlyMap<number, Draft>): void {
  const callers = new Map<Draft, Draft[]>(drafts.map((routine) => [routine, []]));
  for (const caller of drafts) {
    for (const { pc } of caller.callees) callers.get(ofCall.get(pc)!)!.push(caller);
  }
  const pending = [...drafts];
  for (let callee = pending.pop(); callee !== undefined; callee = pending.pop()) {
    for (const caller of callers.get(callee)!) {
      if (addModified(caller.modified, callee.modified)) pending.push(caller);
    }
  }
}

function addModified(into: Uint8Array, from: Uint8Array): boolean {
  let changed = false;
  for (let register = 0; register < REGISTER_COUNT; register++) {
    if (from[register] <= into[register]) continue;
    into[register] = 1;
    changed = true;
  }
  return changed;
}

function anyRoutine(flow: Flow): Routine {
  const behindCalls = [...flow.calls.keys()].map((pc) => pc + 1);
  const targets = behindCalls.length > 0 ? behindCalls : flow.labels;
  const returns = targets.map((target) => ({ callPc: -1, target }));
  return { returns, modified: new Uint8Array(REGISTER_COUNT).fill(1) };
}
