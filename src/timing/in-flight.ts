/** An instruction on its way through the pipeline: what it is, what it costs, where it stands. */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Work } from '../../isa/work.ts';
import { bytesOf, macsOf } from '../../isa/work.ts';
import type { Cost } from '../machine/cost.ts';
import type { Machine } from '../machine/machine.ts';
import type { InstructionId, IssueEvent } from './events.ts';
import type { Answer, Request } from './memory/access.ts';

/** Cycle points that are not known yet are Infinity. */
export interface InFlight {
  readonly id: InstructionId;
  readonly pc: number;
  readonly static: StaticInstruction;
  readonly work: Work;
  readonly cost: Cost;
  /** Whether fetching waits for it (UA-6). */
  readonly stopsFetch: boolean;
  /** The instruction that its own fetch waited for, or −1. */
  readonly fetchedBehind: InstructionId;
  /** What it asks of memory; undefined when it is no memory access. */
  readonly request: Request | undefined;
  /** What memory answered; undefined before the access issues. */
  answer: Answer | undefined;
  /** The latest earlier writer of each source, where instructions wait out of order. */
  producers: readonly (InFlight | undefined)[];
  /** Which unit of its kind it runs on. */
  instance: number;
  issueCycle: number;
  memoryCycle: number;
  /** When it could enter WB if nothing held it up. */
  doneCycle: number;
  writeBackCycle: number;
  commitCycle: number;
  /** From when its unit is open again, and its source tiles are not read any more (UA-10). */
  openCycle: number;
  readEndCycle: number;
}

/** Whether the result comes out of memory. */
export function readsMemory({ request }: InFlight): boolean {
  return request !== undefined && !request.isWrite;
}

/**
 * Starts an instruction on its unit in `cycle`; it enters MEM in `memoryCycle`, and stays there
 * for what memory answers, or `passCycles` if it is no access.
 */
export function start(
  instruction: InFlight,
  cycle: number,
  memoryCycle: number,
  passCycles: number,
  answer: Answer | undefined,
): void {
  const { occupancyCycles, readCycles } = instruction.cost;
  instruction.answer = answer;
  instruction.producers = [];
  instruction.issueCycle = cycle;
  instruction.memoryCycle = memoryCycle;
  instruction.doneCycle = answer ? answer.doneCycle : memoryCycle + passCycles;
  instruction.openCycle = cycle + (answer ? answer.occupancyCycles : occupancyCycles);
  instruction.readEndCycle = cycle + (answer ? answer.occupancyCycles : readCycles);
}

/** The least distance from its issue to that of a reader (UA-21, UA-51, UA-61), or to its WB. */
export function latencyCycles(instruction: InFlight, { pipeline }: Machine): number {
  const { cost, answer, doneCycle, memoryCycle } = instruction;
  const isInOrder = pipeline.execution === 'blocking' || pipeline.execution === 'overlapped';
  // A blocking machine may hold an access up in EX; the answer itself is the same.
  const toWriteBack = cost.executeCycles + doneCycle - memoryCycle;
  if (instruction.static.writes < 0) return toWriteBack;
  if (pipeline.execution === 'scoreboard' || !pipeline.forwarding) return toWriteBack + 1;
  return isInOrder && !answer ? cost.executeCycles : toWriteBack;
}

/** The event that says that an instruction starts on its unit. */
export function issueEvent(instruction: InFlight, machine: Machine): IssueEvent {
  const { id, issueCycle, openCycle, work } = instruction;
  return {
    kind: 'issue',
    cycle: issueCycle,
    id,
    unit: instruction.static.unit,
    latencyCycles: latencyCycles(instruction, machine),
    occupancyCycles: openCycle - issueCycle,
    macs: macsOf(work),
    bytes: bytesOf(work),
  };
}
