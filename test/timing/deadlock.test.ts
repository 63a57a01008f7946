/** A deadlock is our mistake, and is told as one. */
import { describe, expect, it } from 'vitest';
import type { StaticInstruction } from '../../isa/registers.ts';
import { SCALAR_WORK } from '../../isa/work.ts';
import { deadlock } from '../../src/timing/deadlock.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import { machineNamed } from '../support/run.ts';

describe('deadlock', () => {
  it('names the circle of waits, and leaves out who only waits for it', () => {
    const { message } = deadlock(7, [
      { id: 3, cause: 'raw', producer: 4 },
      { id: 4, cause: 'structural.vec', producer: 5 },
      { id: 5, cause: 'war', producer: 4 },
    ]);
    expect(message).toBe(
      'invariant: deadlock in cycle 7: #4 waits for #5 (structural.vec), #5 waits for #4 (war)',
    );
  });

  it('tells all waits when there is no circle', () => {
    expect(deadlock(2, [{ id: 1, cause: 'raw', producer: 0 }]).message).toBe(
      'invariant: deadlock in cycle 2: #1 waits for #0 (raw)',
    );
    expect(deadlock(2, []).message).toBe('invariant: deadlock in cycle 2: nobody waits');
  });

  it('is noticed in the cycle in which nothing moves any more', () => {
    // No machine file can say this: there is no way for a result to its register.
    const tomasulo = machineNamed('tomasulo1');
    const pipeline = { ...tomasulo.pipeline, writePorts: 0, stations: 1 };
    const machine = { ...tomasulo, pipeline };
    const code: StaticInstruction[] = [
      { unit: 'alu', reads: [], writes: 40, accumulates: -1, control: 'next', target: -1 },
    ];
    const steps = [0, 1, 2].map(() => ({ pc: 0, nextPc: 1, work: SCALAR_WORK }));
    const engine = new TickEngine(machine, code, { next: () => steps.shift() }, () => undefined);
    // #0 is done in cycle 4, and keeps its station; IF and ID are full.
    expect(() => engine.run()).toThrow(
      'invariant: deadlock in cycle 4: #1 waits for #0 (structural.queue)',
    );
  });
});
