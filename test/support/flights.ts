/** Runs laid out for checking: of each dynamic instruction its stage times, what it is and costs. */
import type { StaticInstruction } from '../../isa/registers.ts';
import { staticInstruction } from '../../isa/registers.ts';
import type { Work } from '../../isa/work.ts';
import type { Cost } from '../../src/machine/cost.ts';
import { costOf } from '../../src/machine/cost.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import type { Stage, TimingEvent } from '../../src/timing/events.ts';
import type { Answer } from '../../src/timing/memory/access.ts';
import { MemorySystem, requestFor } from '../../src/timing/memory/memory.ts';
import { Vm } from '../../src/vm/vm.ts';

/** The cycle in which an instruction enters each stage; −1 where it does not pass through it. */
type Times = Readonly<Record<Stage, number>>;

/** What is fetched: an executed instruction, or one pass of it (UA-7). */
interface Fetched {
  readonly pc: number;
  readonly nextPc: number;
  readonly static: StaticInstruction;
  readonly work: Work;
}

/** A dynamic instruction. */
export interface Flight extends Times, Fetched {
  /** The cycle in which it has left the pipeline. */
  readonly end: number;
  readonly cost: Cost;
  /** What memory answers to an access that is requested in the cycle of its MEM. */
  readonly answer: Answer | undefined;
}

const NOWHERE: Times = { IF: -1, ID: -1, RO: -1, RS: -1, EX: -1, MEM: -1, WB: -1, CT: -1 };

/** Every instruction of a whole run, in program order. */
export function flightsOf(
  program: Program,
  machine: Machine,
  events: readonly TimingEvent[],
): Flight[] {
  const times = timesOf(events);
  const fetched = fetchedOf(program, machine);
  const answers = answersTo(machine, fetched, times);
  return times.map((time, i) => {
    const one = fetched[i]!;
    const cost = costOf(machine, one.static.unit, one.work);
    return { ...time, ...one, cost, answer: answers[i] };
  });
}

function timesOf(events: readonly TimingEvent[]): (Times & { end: number })[] {
  const times: (Record<Stage, number> & { end: number })[] = [];
  for (const event of events) {
    if (event.kind === 'fetch') times[event.id] = { ...NOWHERE, IF: event.cycle, end: -1 };
    if (event.kind === 'stage') times[event.id]![event.stage] = event.cycle;
    if (event.kind === 'issue') times[event.id]!.EX = event.cycle;
    if (event.kind === 'retire') times[event.id]!.end = event.cycle;
  }
  return times;
}

/** UA-7: the passes of a cracked instruction; each but the first reads what the one before wrote. */
function fetchedOf(program: Program, { pipeline }: Machine): Fetched[] {
  const code = program.code.map(staticInstruction);
  const fetched: Fetched[] = [];
  const vm = new Vm(program);
  for (let step = vm.next(); step; step = vm.next()) {
    const { pc, nextPc, work } = step;
    const whole = code[pc]!;
    const passes = work.kind === 'elements' ? work.operations : [];
    if (pipeline.microOperations === 'whole' || passes.length < 2) {
      fetched.push({ pc, nextPc, work, static: whole });
      continue;
    }
    const later = [...new Set([whole.writes, ...whole.reads])].filter((register) => register >= 0);
    passes.forEach((pass, k) => {
      const reads = k === 0 ? whole.reads : later;
      const part = { ...whole, unit: pass.unit, reads, accumulates: -1 };
      fetched.push({ pc, nextPc, work: { kind: 'elements', operations: [pass] }, static: part });
    });
  }
  return fetched;
}

/** UA-14: memory is asked in the order of the requests, each in the cycle in which it enters MEM. */
function answersTo(
  machine: Machine,
  fetched: readonly Fetched[],
  times: readonly Times[],
): Answer[] {
  const memory = new MemorySystem(machine);
  const answers: Answer[] = [];
  const inOrder = times.map((_, i) => i).sort((a, b) => times[a]!.MEM - times[b]!.MEM);
  for (const i of inOrder) {
    const { work } = fetched[i]!;
    if (work.kind !== 'memory') continue;
    answers[i] = memory.request(requestFor(machine, work), i, times[i]!.MEM);
  }
  return answers;
}

/** An instruction that goes to memory. */
export type AccessFlight = Flight & { readonly answer: Answer };

/** Whether an instruction goes to memory. */
export function isAccess(flight: Flight): flight is AccessFlight {
  return flight.answer !== undefined;
}

/** Whether it reads memory. */
export function isRead({ work }: Flight): boolean {
  return work.kind === 'memory' && work.direction === 'read';
}

/** Cycles between EX and WB in which memory works; 1 in MEM on in-order machines, else 0. */
export function memoryCyclesOf({ answer, MEM }: Flight): number {
  if (answer) return answer.doneCycle - answer.requestCycle;
  return MEM >= 0 ? 1 : 0;
}

/** From when the unit of an instruction, or the way to memory, is open to others again. */
export function opensAt({ EX, cost, answer }: Flight): number {
  return EX + (answer ?? cost).occupancyCycles;
}

/** Up to when it reads its source tiles. */
export function readsUntil({ EX, cost, answer }: Flight): number {
  return EX + (answer ? answer.occupancyCycles : cost.readCycles);
}
