/** Runs the tick engine and the event engine on the same program, and finds where they part. */
import { staticInstruction } from '../../isa/registers.ts';
import { printInstruction } from '../../src/asm/print.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import { causesIn } from '../../src/timing/causes.ts';
import type { TimingResult } from '../../src/timing/engine.ts';
import { runEvents } from '../../src/timing/event/index.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import type { Trap } from '../../src/vm/trap.ts';
import { Vm } from '../../src/vm/vm.ts';

export interface CompareOptions {
  /** The run is cut off at this limit. */
  readonly maxCycles?: number;
  /** The program traps behind this many instructions. */
  readonly maxInstructions?: number;
}

/** What both engines agree on, or the first divergence, told in full. */
export interface Comparison {
  /** Dynamic instructions that were fetched. */
  readonly instructions: number;
  readonly cycles: number;
  readonly isCutOff: boolean;
  readonly divergence: string | undefined;
}

interface Recording {
  readonly events: readonly TimingEvent[];
  /** Undefined when the engine threw. */
  readonly result: TimingResult | undefined;
  readonly error: string;
  readonly trap: Trap | undefined;
}

type Run = (
  code: ReturnType<typeof staticInstruction>[],
  vm: Vm,
  listener: (event: TimingEvent) => void,
) => TimingResult;

/**
 * Compares whole event logs, element by element.
 *
 * The order of a log is a promise of TimingEvent, so nothing is sorted before: by the cycle of
 * emission, then charges by slot, then the stages from the last to the first, then by id. A log
 * has of each dynamic instruction its address (fetch), the cycle of each stage, all of its issue,
 * its retirement; and every run of charges of every slot. Equal logs and results are equal runs.
 */
export function compareEngines(
  program: Program,
  machine: Machine,
  { maxCycles, maxInstructions }: CompareOptions = {},
): Comparison {
  const options = maxCycles === undefined ? {} : { maxCycles };
  const vmOptions = maxInstructions === undefined ? {} : { maxInstructions };
  const tick = record(program, vmOptions, (code, vm, listener) =>
    new TickEngine(machine, code, vm, listener).run(options),
  );
  const event = record(program, vmOptions, (code, vm, listener) =>
    runEvents(machine, code, vm, listener, options),
  );
  return {
    instructions: tick.result?.instructions ?? 0,
    cycles: tick.result?.cycles ?? 0,
    isCutOff: tick.result?.cutOffAt !== undefined,
    divergence: divergenceOf(program, tick, event),
  };
}

function record(program: Program, options: { maxInstructions?: number }, run: Run): Recording {
  const events: TimingEvent[] = [];
  const vm = new Vm(program, options);
  const code = program.code.map(staticInstruction);
  try {
    const result = run(code, vm, (event) => events.push(event));
    return { events, result, error: '', trap: vm.trap };
  } catch (error) {
    return { events, result: undefined, error: String(error), trap: vm.trap };
  }
}

function divergenceOf(program: Program, tick: Recording, event: Recording): string | undefined {
  if (tick.error !== '' || event.error !== '') {
    return `tick engine: ${tick.error || 'done'}\nevent engine: ${event.error || 'done'}`;
  }
  const length = Math.max(tick.events.length, event.events.length);
  for (let i = 0; i < length; i++) {
    const [a, b] = [tick.events[i], event.events[i]];
    if (!a || !b || !isSame(a, b)) return tell(program, tick.events, event.events, i);
  }
  const [a, b] = [facts(tick), facts(event)];
  return a === b ? undefined : `tick engine: ${a}\nevent engine: ${b}`;
}

function facts({ result, trap }: Recording): string {
  return JSON.stringify({ ...result, cutOffAt: result?.cutOffAt, trap: trap?.code });
}

/** Events are flat and have their fields in one order; a missing or other one shows. */
function isSame(a: TimingEvent, b: TimingEvent): boolean {
  const left = a as unknown as Readonly<Record<string, unknown>>;
  const right = b as unknown as Readonly<Record<string, unknown>>;
  for (const key in left) if (left[key] !== right[key]) return false;
  return Object.keys(left).length === Object.keys(right).length;
}

/** The cycle at which an event is emitted. */
function emissionCycle(event: TimingEvent | undefined): number {
  if (!event) return Infinity;
  return event.kind === 'charge' ? event.cycle + event.cycles : event.cycle;
}

const SHOWN = 4;

/** The first divergence: its cycle, its instruction, and what both sides say from there on. */
function tell(
  program: Program,
  tick: readonly TimingEvent[],
  event: readonly TimingEvent[],
  at: number,
): string {
  const cycle = Math.min(emissionCycle(tick[at]), emissionCycle(event[at]));
  const pcs = new Map<number, number>();
  for (const e of [...tick, ...event]) if (e.kind === 'fetch') pcs.set(e.id, e.pc);
  const nameOf = (id: number) => {
    const instruction = program.code[pcs.get(id) ?? -1];
    return instruction ? `#${id} ${printInstruction(instruction, program)}` : `#${id}`;
  };
  const side = (name: string, events: readonly TimingEvent[]) => [
    `  ${name}:`,
    ...events.slice(at, at + SHOWN).map((e) => `    ${show(e, nameOf)}`),
  ];
  const lines = [`they part at cycle ${cycle}, event ${at}:`];
  return [...lines, ...side('tick engine', tick), ...side('event engine', event)].join('\n');
}

function show(event: TimingEvent, nameOf: (id: number) => string): string {
  if (event.kind === 'end') return `${event.cycle} end`;
  if (event.kind !== 'charge') {
    const { kind, cycle, id, ...rest } = event;
    return `${cycle} ${kind} ${nameOf(id)} ${JSON.stringify(rest)}`;
  }
  const { cycle, cycles, slot, cause, id, producer, register, causes } = event;
  const span = `${cycle}-${cycle + cycles - 1} slot ${slot}`;
  const names = `${nameOf(id)} <- ${nameOf(producer)} register ${register}`;
  return `${span} ${cause} ${names} {${causesIn(causes).join(', ')}}`;
}
