/** Runs laid out for checking: of each dynamic instruction its stage times, its step and its cost. */
import type { StaticInstruction } from '../../isa/registers.ts';
import { staticInstruction } from '../../isa/registers.ts';
import type { Cost } from '../../src/machine/cost.ts';
import { costOf } from '../../src/machine/cost.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import type { Stage, TimingEvent } from '../../src/timing/events.ts';
import type { Step } from '../../src/vm/step.ts';
import { Vm } from '../../src/vm/vm.ts';

/** A dynamic instruction: the cycle in which it enters each stage, and what it is. */
export interface Flight extends Readonly<Record<Stage, number>> {
  readonly step: Step;
  readonly static: StaticInstruction;
  readonly cost: Cost;
}

/** Every instruction of a whole run, in program order. */
export function flightsOf(
  program: Program,
  machine: Machine,
  events: readonly TimingEvent[],
): Flight[] {
  const stages: Record<Stage, number>[] = [];
  for (const event of events) {
    if (event.kind === 'fetch')
      stages[event.id] = { IF: event.cycle, ID: -1, EX: -1, MEM: -1, WB: -1 };
    if (event.kind === 'stage') stages[event.id]![event.stage] = event.cycle;
    if (event.kind === 'issue') stages[event.id]!.EX = event.cycle;
  }
  const code = program.code.map(staticInstruction);
  const vm = new Vm(program);
  return stages.map((times) => {
    const step = vm.next()!;
    const fixed = code[step.pc]!;
    return { ...times, step, static: fixed, cost: costOf(machine, fixed.unit, step.work) };
  });
}

/** The cycle in which each instruction has left the pipeline, in program order. */
export function retireCycles(events: readonly TimingEvent[]): number[] {
  const cycles: number[] = [];
  for (const event of events) if (event.kind === 'retire') cycles[event.id] = event.cycle;
  return cycles;
}

/** Whether an instruction goes to memory. */
export function isAccess({ step }: Flight): boolean {
  return step.work.kind === 'memory';
}
