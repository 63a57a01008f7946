/** What a report says: plain data under the schema `lasm-report/1` (report.schema.json describes it too). */
import type { Cause } from '../timing/causes.ts';
import type { InstructionId } from '../timing/events.ts';
import type { Unit } from '../../isa/work.ts';

/** Numbers by cause, nested at the dot of the cause's name. */
export interface ByCause {
  readonly issue?: number;
  readonly fill?: number;
  readonly control?: number;
  readonly raw?: number;
  readonly waw?: number;
  readonly war?: number;
  readonly structural?: Readonly<Record<string, number>>;
  readonly memory?: Readonly<Record<string, number>>;
  readonly drain?: number;
}

/** An instruction of the program and where it was written. */
export interface Place {
  /** Code address. */
  readonly pc: number;
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** See LowerBound: what each one bounds the cycles by. */
export type BoundName = 'dataflow' | 'execute' | 'issue' | `unit.${Unit}`;

/** No schedule of the finished instructions takes fewer cycles. */
export interface Bound {
  readonly cycles: number;
  /** The largest of `all`; `nothing` when no instruction was finished. */
  readonly setBy: BoundName | 'nothing';
  readonly sentence: string;
  readonly all: readonly { readonly name: BoundName; readonly cycles: number }[];
}

/** The largest cause of lost slots. */
export interface Loss {
  readonly cause: Cause;
  readonly slots: number;
  readonly sentence: string;
}

/** One dynamic occurrence of an edge; −1 stands for nobody and for not known. */
export interface EdgeExample {
  readonly consumer: InstructionId;
  readonly producer: InstructionId;
  /** First cycle of the wait. */
  readonly startCycle: number;
  readonly cycles: number;
  readonly producerIssueCycle: number;
  readonly producerLatencyCycles: number;
  readonly producerOccupancyCycles: number;
}

/** Who waited for whom, and why: all waits of one instruction for another, for one reason. */
export interface Edge {
  readonly consumer: Place;
  readonly producer: Place | null;
  /** `t3` or `r5`. */
  readonly register: string | null;
  readonly cause: Cause;
  /** Slots charged; cycles on a machine that issues one instruction in a cycle. */
  readonly cycles: number;
  /** Dynamic instructions that waited. */
  readonly occurrences: number;
  /** Of `cycles`, those in which another cause held too; causes with none are left out. */
  readonly alsoTrue: ByCause;
  /** The first occurrence. */
  readonly example: EdgeExample;
  readonly sentence: string;
}

export interface UnitUse {
  readonly unit: Unit;
  /** Copies of the unit. */
  readonly count: number;
  readonly instructions: number;
  /** Cycles for which it was occupied, summed over the copies. */
  readonly busyCycles: number;
  /** Cycles for which it was not: count × cycles − busyCycles. */
  readonly idleCycles: number;
  /** Slots lost because an instruction waited for this unit. */
  readonly blockedCycles: number;
  /** busyCycles ÷ (count × cycles). */
  readonly utilisation: number;
}

/** Multiply-accumulates. */
export interface MacUse {
  readonly useful: number;
  /** Processing elements × cycles. */
  readonly capacity: number;
  readonly utilisation: number;
  /** Processing-element cycles in which the array was occupied without a useful result. */
  readonly wasted: number;
}

export interface MemoryUse {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Achieved over the whole run. */
  readonly bytesPerCycle: number;
  readonly peakBytesPerCycle: number;
  readonly busyCycles: number;
}

/** The roofline model (Williams, Waterman, Patterson 2009), with MACs in place of flops. */
export interface Roofline {
  /** Arithmetic intensity, MACs per byte; null when no byte is moved. */
  readonly intensity: number | null;
  /** Machine balance: the intensity at which both roofs meet, MACs per byte. */
  readonly balance: number;
  readonly bound: 'compute' | 'memory';
  /** MACs per cycle. */
  readonly attained: number;
  /** MACs per cycle. */
  readonly roof: number;
}

export interface LineUse extends Place {
  readonly part: string;
  /** Dynamic instructions. */
  readonly instructions: number;
  /** Slots charged to it, of which `slots` gives those above 0 by cause. */
  readonly slotsTotal: number;
  readonly sharePercent: number;
  readonly slots: ByCause;
}

export interface PartUse {
  /** `layer 0/head 1`; '' for instructions of no part. */
  readonly path: string;
  /** Everything below it included. */
  readonly instructions: number;
  readonly slotsTotal: number;
  readonly sharePercent: number;
  readonly slots: ByCause;
  /** Slots charged to instructions of exactly this part. */
  readonly ownSlots: number;
}

/** Consecutive iterations of a loop with the same schedule. */
export interface SteadyState {
  readonly head: Place;
  readonly tail: Place;
  /** Counts from 1 at each entry of the loop. */
  readonly firstIteration: number;
  readonly lastIteration: number;
  /** Initiation interval: cycles from one iteration to the next. */
  readonly intervalCycles: number;
}

export interface Report {
  readonly schema: 'lasm-report/1';
  readonly program: { readonly name: string; readonly hash: string };
  readonly machine: { readonly name: string; readonly hash: string; readonly title: string };
  readonly engine: 'tick' | 'event';
  readonly cycles: number;
  /** Dynamic instructions issued. */
  readonly instructions: number;
  /** Instructions issued and not retired, because the run was cut off; 0 for a whole one. */
  readonly unfinished: number;
  /** Cycles per instruction; null when there is none. */
  readonly cpi: number | null;
  /** Instructions that can issue in a cycle. */
  readonly issueWidth: number;
  /** cycles × issueWidth. */
  readonly slotsTotal: number;
  /** For each cause that this machine can produce. */
  readonly slots: ByCause;
  /** Per cent in tenths, apportioned so that they and that of `unattributed` sum to 100.0. */
  readonly shares: ByCause;
  /** Slots charged to another cause although this one held in them too. */
  readonly alsoTrue: ByCause;
  /** slotsTotal less the sum of `slots`. */
  readonly unattributed: number;
  readonly bound: Bound;
  readonly largestLoss: Loss | null;
  readonly advice: string;
  /** Largest first; with `issue`, `fill` and `drain` they sum to slotsTotal. */
  readonly edges: readonly Edge[];
  readonly units: readonly UnitUse[];
  readonly mac: MacUse;
  readonly memory: MemoryUse;
  /** null without multiply-accumulates. */
  readonly roofline: Roofline | null;
  /** One for each instruction of the program, by code address. */
  readonly lines: readonly LineUse[];
  /** In order of appearance, each before what is below it; empty when the program names none. */
  readonly parts: readonly PartUse[];
  readonly steadyState: readonly SteadyState[];
}
