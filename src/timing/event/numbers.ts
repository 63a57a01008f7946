/** Causes, units and kinds of control flow as small numbers, for tables and bit sets. */
import type { ControlFlow } from '../../../isa/instruction.ts';
import type { Unit } from '../../../isa/work.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Cause } from '../causes.ts';
import { CAUSES } from '../causes.ts';

/** The place of a cause in CAUSES, which is its priority (UA-30). */
export const CAUSE_NUMBER = Object.fromEntries(CAUSES.map((cause, i) => [cause, i])) as Readonly<
  Record<Cause, number>
>;

export const UNIT_NUMBER = Object.fromEntries(UNITS.map((unit, i) => [unit, i])) as Readonly<
  Record<Unit, number>
>;

/** The cause `structural.<unit>` of each unit, by number. */
export const STRUCTURAL: readonly number[] = UNITS.map(
  (unit) => CAUSE_NUMBER[`structural.${unit}`],
);

export const CONTROL_NUMBER: Readonly<Record<ControlFlow, number>> = {
  next: 0,
  branch: 1,
  jump: 2,
  halt: 3,
};

/** Nobody: no instruction, no register. */
export const NONE = -1;

/** Units of each kind, by number; there is one way to memory. */
export function unitCounts({ alu, mxu, vec, sfu }: Machine): readonly number[] {
  const counts: Readonly<Record<Unit, number>> = {
    alu: alu.count,
    mxu: mxu.count,
    vec: vec.count,
    sfu: sfu.count,
    dma: 1,
  };
  return UNITS.map((unit) => counts[unit]);
}

/** W: instructions in IF and ID, and issue slots in each cycle (UA-1, UA-30). */
export function issueWidth({ pipeline }: Machine): number {
  return pipeline.execution === 'tomasulo' ? pipeline.width : 1;
}
