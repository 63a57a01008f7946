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
  readonly link: number;
  readonly callees: readonly Call[];
  readonly ends: readonly number[];
}

/**
 * Finds the routines of a program. A jump through a register that links no routine around it may go
 * behind any call, or, without calls, to any label.
 */
export function findRoutines(flow: Flow): Routines {
  const drafts = new Map<string, Draft>();
  const ofCall = new Map<number, Draft>();
  for (const call of flow.calls.values()) {
    const key = `${call.target} ${call.link}`;
    const routine = drafts.get(key) ?? draft(flow, call);
    drafts.set(key, routine);
    routine.returns.push({ callPc: call.pc, target: call.pc + 1 });
    ofCall.set(call.pc, routine);
  }
  spreadModified([...drafts.values()], ofCall);
  const endedBy = new Map<number, Routine[]>();
  for (const routine of drafts.values()) {
    for (const pc of routine.ends) endedBy.set(pc, [...(endedBy.get(pc) ?? []), routine]);
  }
  const anywhere = [anyRoutine(flow)];
  return { ofCall, endedBy: (pc) => endedBy.get(pc) ?? anywhere };
}

function draft(flow: Flow, { target, link }: Call): Draft {
  const { code, blocks, calls } = flow;
  const modified = new Uint8Array(REGISTER_COUNT);
  const callees: Call[] = [];
  const ends: number[] = [];
  const body = reachableBlocks(flow, target, false, () => []);
  body.forEach((reached, i) => {
    if (reached === 0) return;
    for (let pc = blocks[i].start; pc < blocks[i].end; pc++) markWritten(flow, pc, modified);
    const last = blocks[i].end - 1;
    const call = calls.get(last);
    if (call) callees.push(call);
    const register = jumpRegister(code[last]);
    if (register === link) ends.push(last);
    else if (register !== undefined) modified.fill(1);
  });
  return { returns: [], modified, link, callees, ends };
}

function markWritten(flow: Flow, pc: number, modified: Uint8Array): void {
  const register: RegisterNumber = staticInstruction(flow.code[pc]).writes;
  if (register >= 0) modified[register] = 1;
}

/** A routine modifies what the routines it calls modify. */
function spreadModified(drafts: readonly Draft[], ofCall: ReadonlyMap<number, Routine>): void {
  let changed = true;
  while (changed) {
    changed = false;
    for (const { modified, callees } of drafts) {
      for (const { pc } of callees) {
        ofCall.get(pc)!.modified.forEach((written, register) => {
          if (written <= modified[register]) return;
          modified[register] = written;
          changed = true;
        });
      }
    }
  }
}

function anyRoutine(flow: Flow): Routine {
  const behindCalls = [...flow.calls.keys()].map((pc) => pc + 1);
  const targets = behindCalls.length > 0 ? behindCalls : flow.labels;
  const returns = targets.map((target) => ({ callPc: -1, target }));
  return { returns, modified: new Uint8Array(REGISTER_COUNT).fill(1) };
}
