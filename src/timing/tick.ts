/** The tick engine: the pipeline moved by one cycle at a time, as hardware would be. */
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../machine/machine.ts';
import type { BackEnd } from './back-end.ts';
import { deadlock } from './deadlock.ts';
import type { StepSource, TimingOptions, TimingResult } from './engine.ts';
import { DEFAULT_MAX_CYCLES } from './engine.ts';
import type { Listener } from './events.ts';
import { FrontEnd } from './front-end.ts';
import type { InFlight } from './in-flight.ts';
import { InOrder } from './in-order.ts';
import { Ledger } from './ledger.ts';
import type { Lifted } from './lifted.ts';
import { Scoreboard } from './scoreboard.ts';
import { Tomasulo } from './tomasulo.ts';

/**
 * Runs the steps of a program through the pipeline of a machine.
 *
 * Each tick has two phases: everything is decided from the state as the last cycle left it, then
 * everything moves; so the order in which stages are visited does not matter. With `lifted` it
 * leaves out the waits that are lifted; without it nothing is.
 */
export class TickEngine {
  private readonly listener: Listener;
  private readonly ledger: Ledger;
  private readonly frontEnd: FrontEnd;
  private readonly backEnd: BackEnd;
  private cycle = 0;

  constructor(
    machine: Machine,
    code: readonly StaticInstruction[],
    source: StepSource,
    listener: Listener,
    lifted?: Lifted,
  ) {
    this.listener = listener;
    this.ledger = new Ledger(machine.pipeline.width, listener);
    this.frontEnd = new FrontEnd(machine, code, source, listener, lifted);
    this.backEnd = backEndOf(machine, listener, lifted);
  }

  /** Runs to the end, or to the cycle limit. */
  run({ maxCycles = DEFAULT_MAX_CYCLES }: TimingOptions = {}): TimingResult {
    let isRunning = true;
    while (isRunning && (this.cycle < maxCycles || this.isOver())) isRunning = this.tick();
    this.ledger.close();
    this.listener({ kind: 'end', cycle: this.cycle });
    const oldest = this.backEnd.inFlight[0] ?? this.frontEnd.oldest;
    return {
      cycles: this.cycle,
      instructions: this.frontEnd.fetched,
      cutOffAt: isRunning ? (oldest?.pc ?? 0) : undefined,
    };
  }

  /** One cycle; false, and no cycle, when the pipeline is empty for good. */
  tick(): boolean {
    const { cycle, frontEnd, backEnd, ledger } = this;
    const leaving = backEnd.decide(cycle, frontEnd.decoded);
    frontEnd.decide(cycle, leaving);
    if (this.isOver()) {
      ledger.close();
      backEnd.commit();
      return false;
    }
    const slots = backEnd.charge(ledger);
    frontEnd.charge(ledger, slots);
    const behindMoves = backEnd.commit();
    const frontMoves = frontEnd.commit(cycle);
    if (!behindMoves && !frontMoves) this.requireProgress();
    this.cycle++;
    return true;
  }

  /** Whether nothing is left but to leave the last stage, which takes no further cycle (UA-2). */
  private isOver(): boolean {
    return this.frontEnd.isEmpty && this.backEnd.isLeaving(this.cycle);
  }

  /** When nothing moves, something must be timed to happen later. */
  private requireProgress(): void {
    const { cycle, backEnd } = this;
    if (!backEnd.inFlight.some((instruction) => isTimed(instruction, cycle))) {
      throw deadlock(cycle, backEnd.waiting());
    }
  }
}

/** Whether an instruction that has issued reaches a known point of its way after `cycle`. */
function isTimed({ doneCycle }: InFlight, cycle: number): boolean {
  return doneCycle > cycle && doneCycle < Infinity;
}

/** What is behind ID on a machine. */
function backEndOf(machine: Machine, listener: Listener, lifted?: Lifted): BackEnd {
  switch (machine.pipeline.execution) {
    case 'blocking':
    case 'overlapped':
      return new InOrder(machine, listener, lifted);
    case 'scoreboard':
      return new Scoreboard(machine, listener, lifted);
    case 'tomasulo':
      return new Tomasulo(machine, listener, lifted);
  }
  return machine.pipeline.execution satisfies never;
}
