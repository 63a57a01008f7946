/** An instruction on its way through the pipeline: what it is, what it costs, where it stands. */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Work } from '../../isa/work.ts';
import { bytesOf, macsOf } from '../../isa/work.ts';
import type { Cost } from '../machine/cost.ts';
import { costOf } from '../machine/cost.ts';
import type { Machine } from '../machine/machine.ts';
import type { Step } from '../vm/step.ts';
import type { InstructionId, IssueEvent, Stage } from './events.ts';

export interface InFlight {
  readonly id: InstructionId;
  readonly pc: number;
  readonly static: StaticInstruction;
  readonly work: Work;
  readonly cost: Cost;
  /** Whether control leaves the straight line behind it. */
  readonly isTaken: boolean;
  stage: Stage;
  /** When it entered its stage, and when it issued; −1 before. */
  stageCycle: number;
  issueCycle: number;
  /** Which unit of its kind it runs on. */
  instance: number;
}

/** A fetched instruction: its IF is in `cycle`. */
export function fetched(
  id: InstructionId,
  step: Step,
  fixed: StaticInstruction,
  machine: Machine,
  cycle: number,
): InFlight {
  return {
    id,
    pc: step.pc,
    static: fixed,
    work: step.work,
    cost: costOf(machine, fixed.unit, step.work),
    isTaken: step.nextPc !== step.pc + 1,
    stage: 'IF',
    stageCycle: cycle,
    issueCycle: -1,
    instance: -1,
  };
}

/** Whether the result comes out of MEM instead of EX. */
export function readsMemory({ work }: InFlight): boolean {
  return work.kind === 'memory' && work.direction === 'read';
}

/** UA-21: the least distance from issue to the issue of a reader of the result. */
export function latencyCycles(instruction: InFlight, machine: Machine): number {
  const { executeCycles, memoryCycles } = instruction.cost;
  if (instruction.static.writes < 0) return executeCycles + memoryCycles;
  if (!machine.pipeline.forwarding) return executeCycles + memoryCycles + 1;
  return readsMemory(instruction) ? executeCycles + memoryCycles : executeCycles;
}

/** The event that says that an instruction starts on its unit. */
export function issueEvent(instruction: InFlight, machine: Machine, cycle: number): IssueEvent {
  return {
    kind: 'issue',
    cycle,
    id: instruction.id,
    unit: instruction.static.unit,
    latencyCycles: latencyCycles(instruction, machine),
    occupancyCycles: instruction.cost.occupancyCycles,
    macs: macsOf(instruction.work),
    bytes: bytesOf(instruction.work),
  };
}
