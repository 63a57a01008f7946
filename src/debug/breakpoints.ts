/** Breakpoints: lines that issue, registers and memory that change; each finds its next hit. */
import type { InstructionId } from '../timing/events.ts';
import type { Column } from './column.ts';
import { stepsThatWrite } from './history.ts';
import type { RecordedRun } from './record.ts';
import type { Recording } from './recording.ts';
import { NEVER } from './recording.ts';
import type { LineTarget, MemoryTarget, RegisterTarget } from './target.ts';

export type BreakTarget = LineTarget | RegisterTarget | MemoryTarget;

export interface Hit {
  readonly cycle: number;
  /** Every instruction that hits in this cycle, oldest first. */
  readonly ids: readonly InstructionId[];
}

export interface Breakpoint {
  readonly target: BreakTarget;
  /** The first hit behind a cycle. */
  readonly hitBehind: (cycle: number) => Hit | undefined;
}

/** A breakpoint of a run; one on memory executes the program once, to see who writes there. */
export function breakpointAt(run: RecordedRun, target: BreakTarget): Breakpoint {
  const { recording } = run;
  switch (target.kind) {
    case 'line':
      return { target, hitBehind: (cycle) => issueOfLine(recording, target, cycle) };
    case 'register': {
      const { register } = target;
      const writes = (id: InstructionId) => recording.line(id).writes === register;
      return { target, hitBehind: (cycle) => happening(recording, writes, cycle) };
    }
    case 'memory': {
      const steps = recording.step(recording.instructions);
      const writing = stepsThatWrite(run.start, steps, target.from, target.to);
      const writes = (id: InstructionId) => contains(writing, recording.step(id));
      return { target, hitBehind: (cycle) => happening(recording, writes, cycle) };
    }
  }
  return target satisfies never;
}

/** A line hits in the cycle in which one of its instructions issues. */
function issueOfLine(recording: Recording, target: LineTarget, cycle: number): Hit | undefined {
  const ids: InstructionId[] = [];
  let hitCycle = NEVER;
  recording.visitIssues(cycle, (id, issueCycle) => {
    if (issueCycle > hitCycle) return false;
    const { file, line } = recording.line(id);
    if (line === target.line && file === target.file) {
      ids.push(id);
      hitCycle = issueCycle;
    }
    return true;
  });
  return ids.length > 0 ? { cycle: hitCycle, ids: ids.sort((a, b) => a - b) } : undefined;
}

/** A value hits in the cycle in which the instruction has happened, so that it can be looked at. */
function happening(
  recording: Recording,
  matches: (id: InstructionId) => boolean,
  cycle: number,
): Hit | undefined {
  const ids: InstructionId[] = [];
  let hitCycle = NEVER;
  for (let id = recording.happenedCount(cycle); recording.happened(id) < NEVER; id++) {
    if (recording.happened(id) > hitCycle) break;
    if (!matches(id) || !recording.isLastPass(id)) continue;
    ids.push(id);
    hitCycle = recording.happened(id);
  }
  return ids.length > 0 ? { cycle: hitCycle, ids } : undefined;
}

function contains(ascending: Column, value: number): boolean {
  const count = ascending.countUpTo(value);
  return count > 0 && ascending.get(count - 1) === value;
}
