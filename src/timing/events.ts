/** The event log: everything that the timing model says, as one stream of plain data. */
import type { RegisterNumber } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import type { Cause } from './causes.ts';
import type { Machine } from '../machine/machine.ts';

/** One instruction of the program, as reports name it. */
export interface ListingLine {
  /** Canonical text: `MATMUL.T t5, t2, t3`. */
  readonly text: string;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** The part of the model it belongs to, `layer 0/head 1`, or ''. */
  readonly part: string;
  readonly unit: Unit;
  readonly reads: readonly RegisterNumber[];
  /** −1 when none. */
  readonly writes: RegisterNumber;
  /** −1 when none; see StaticInstruction. */
  readonly accumulates: RegisterNumber;
}

/** What a log begins with: enough to make every report without the program. */
export interface RunHeader {
  readonly schema: 'lasm-log/1';
  readonly program: {
    readonly name: string;
    readonly hash: string;
    /** Indexed by code address. */
    readonly listing: readonly ListingLine[];
  };
  readonly machine: Machine;
  readonly machineHash: string;
  readonly engine: 'tick' | 'event';
}

/** The stages of all pipelines, in order; a machine has some of them (UA-1). */
export const STAGES = ['IF', 'ID', 'RO', 'RS', 'EX', 'MEM', 'WB', 'CT'] as const;
export type Stage = (typeof STAGES)[number];

/** Number of a dynamic instruction, from 0 in program order; −1 is nobody. */
export type InstructionId = number;

/**
 * An instruction is fetched: its IF begins. Ids ascend by 1.
 */
export interface FetchEvent {
  readonly kind: 'fetch';
  readonly cycle: number;
  readonly id: InstructionId;
  readonly pc: number;
}

/** A later stage begins; the stage before ends in the cycle before. */
export interface StageEvent {
  readonly kind: 'stage';
  readonly cycle: number;
  readonly id: InstructionId;
  readonly stage: Exclude<Stage, 'IF' | 'EX'>;
}

/** An instruction starts on its unit: its EX begins. */
export interface IssueEvent {
  readonly kind: 'issue';
  readonly cycle: number;
  readonly id: InstructionId;
  readonly unit: Unit;
  /**
   * How long it takes if nothing holds it up behind its issue. For an instruction without a result
   * L = `executeCycles + memoryCycles`, from issue to WB; `memoryCycles` as memory answers this
   * request, in the cycle in which it is made. With a result, to the issue of one that reads it:
   *
   * - in order, with `forwarding`: `executeCycles`, of a memory access L (UA-21);
   * - `tomasulo` with `forwarding`: L (UA-61);
   * - all others: L + 1.
   *
   * Left out is what may yet hold it up: MEM that is not free (UA-20), WAR (UA-52), the result
   * buses (UA-64).
   */
  readonly latencyCycles: number;
  /** Cycles for which the unit is closed to others. */
  readonly occupancyCycles: number;
  /** Useful multiply-accumulates. */
  readonly macs: number;
  /** Bytes moved to or from memory. */
  readonly bytes: number;
}

/** An instruction has left the pipeline; its last stage was in the cycle before. */
export interface RetireEvent {
  readonly kind: 'retire';
  readonly cycle: number;
  readonly id: InstructionId;
}

/**
 * The issue slot in cycles `cycle` … `cycle + cycles − 1` is charged to `cause`. Emitted behind
 * the last of these cycles; runs are as long as can be, and cover every cycle of every slot once.
 */
export interface ChargeEvent {
  readonly kind: 'charge';
  readonly cycle: number;
  readonly cycles: number;
  readonly slot: number;
  readonly cause: Cause;
  /** The instruction that issues or waits; −1 for `fill` and `drain`. */
  readonly id: InstructionId;
  /** The instruction it waits for, or −1. */
  readonly producer: InstructionId;
  /** The register it waits for, or −1. */
  readonly register: RegisterNumber;
  /** Every cause that is true in these cycles, the charged one included: bit i is CAUSES[i]. */
  readonly causes: number;
}

/** The run is over; `cycle` is the number of cycles it took. */
export interface EndEvent {
  readonly kind: 'end';
  readonly cycle: number;
}

/**
 * In the order of the cycle at which they are emitted: of a charge, the one behind its last. At
 * one cycle first charges, by slot; then retire, CT, WB, MEM, issue, RS or RO, ID and fetch, from
 * the last stage to the first, each by id; the end last of all. Every engine keeps this order, so
 * two logs of the same run are equal.
 */
export type TimingEvent =
  FetchEvent | StageEvent | IssueEvent | RetireEvent | ChargeEvent | EndEvent;

export type Listener = (event: TimingEvent) => void;
