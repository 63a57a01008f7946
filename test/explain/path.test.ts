/** The critical path is connected, covers the run, and folds without losing a cycle. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPath } from '../../src/explain/fold-path.ts';
import type { CriticalPath, PathStep } from '../../src/explain/path.ts';
import { PathRecorder } from '../../src/explain/path.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runProgram } from '../../src/run/run.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { randomMachine } from '../support/random-machine.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, assembleText, machineNamed } from '../support/run.ts';

function traced(program: Program, machine: Machine) {
  const events: TimingEvent[] = [];
  let recorder: PathRecorder | undefined;
  runProgram(program, machine, {
    listeners: (header) => {
      recorder = new PathRecorder(header);
      return [recorder.listen, (event) => void events.push(event)];
    },
  });
  return { path: recorder!.finish()!, events };
}

const told = ({ steps }: CriticalPath) =>
  steps.map(
    ({ place, cycles, cause, register }) =>
      `${place.line} ${cycles} ${register ? `${cause} ${register}` : cause}`,
  );

describe('the path', () => {
  it('of a chain goes through all of it', () => {
    const program = assembleFixture('programs/hazards/raw.lasm');
    const { path } = traced(program, machineNamed('classic5'));
    // The last to be written back is HALT, which waits in ID until the STORE has left EX.
    expect(told(path)).toEqual(['16 2 fill', '17 15 raw t0', '18 4 raw t1', '19 1 next']);
    expect(path.drainCycles).toBe(15);
  });

  it('goes through the one that was waited for, and a source that came just in time', () => {
    const program = assembleText(`
.text
FILL t0, 1, rows=2, cols=2
LI   r1, 1
COPY t1, t0
HALT
`);
    const { path } = traced(program, machineNamed('multicycle'));
    // LI is put off by the write port, so COPY issues behind it, when t0 has long been there.
    expect(told(path)).toEqual(['3 2 fill', '4 2 structural.port', '5 1 next', '6 1 next']);
    const forwarded = { ...machineNamed('multicycle').pipeline, writePorts: 2 };
    const wide = { ...machineNamed('multicycle'), pipeline: forwarded };
    // COPY issues in 4, the first cycle in which it can have t0.
    expect(told(traced(program, wide).path)).toEqual(['3 2 fill', '5 2 raw t0', '6 1 next']);
  });

  it('is connected, begins with the first instruction, ends with the last, and is the run', () => {
    const machines = fc.oneof(fc.constantFrom(...PRESETS), randomMachine({ tile: 8 }));
    fc.assert(
      fc.property(randomProgram(), machines, ({ program }, machine) => {
        const { path, events } = traced(program, machine);
        const { steps, drainCycles } = path;
        const at = (kind: 'issue' | 'stage', stage?: string) =>
          new Map(
            events.flatMap((event) =>
              event.kind === kind && (event.kind !== 'stage' || event.stage === stage)
                ? [[event.id, event.cycle] as const]
                : [],
            ),
          );
        const [issues, writeBacks] = [at('issue'), at('stage', 'WB')];
        expect(steps[0]).toMatchObject({ id: 0, cause: 'fill' });
        const last = steps.at(-1)!;
        expect(writeBacks.get(last.id)).toBe(Math.max(...writeBacks.values()));
        steps.forEach((step, i) => {
          const before = steps[i - 1];
          expect(step.issueCycle).toBe(issues.get(step.id));
          expect(step.cycles).toBe(step.issueCycle - (before?.issueCycle ?? 0));
          expect(step.cycles).toBeGreaterThanOrEqual(0);
          if (before && step.cause !== 'next') expect(explains(events, before, step)).toBe(true);
        });
        const run = events.at(-1)!;
        const sum = steps.reduce((total, { cycles }) => total + cycles, drainCycles);
        expect([run.kind, sum]).toEqual(['end', run.cycle]);
      }),
      { numRuns: 300, seed: 95 },
    );
  });

  /** A charge says so, or the result of the one before came in the very cycle. */
  function explains(events: readonly TimingEvent[], before: PathStep, step: PathStep): boolean {
    return events.some((event) => {
      if (event.kind === 'charge') {
        const { id, producer, cause } = event;
        return id === step.id && producer === before.id && cause === step.cause;
      }
      if (event.kind !== 'issue' || event.id !== before.id || step.cause !== 'raw') return false;
      return event.cycle + event.latencyCycles === step.issueCycle;
    });
  }
});

describe('a folded path', () => {
  const step = (pc: number, cycles: number): PathStep => ({
    id: 0,
    place: { pc, file: 'test.lasm', line: pc + 1, text: `I${pc}` },
    issueCycle: 0,
    cycles,
    cause: 'next',
    register: null,
  });
  const fold = (pcs: readonly number[]) =>
    foldPath({ steps: pcs.map((pc, i) => step(pc, i)), drainCycles: 0 }).map(
      ({ place, times, depth, cycles }) => [place.pc, times, depth, cycles],
    );

  it('tells a repetition once, with the sum', () => {
    expect(fold([0, 1, 2, 1, 2, 3])).toEqual([
      [0, 1, 0, 0],
      [1, 2, 1, 1 + 3],
      [2, 2, 1, 2 + 4],
      [3, 1, 0, 5],
    ]);
  });

  it('finds loops in loops', () => {
    expect(fold([0, 1, 1, 1, 0, 1, 1, 1, 2])).toEqual([
      [0, 2, 1, 0 + 4],
      [1, 6, 2, 1 + 2 + 3 + 5 + 6 + 7],
      [2, 1, 0, 8],
    ]);
  });

  it('keeps every step and every cycle', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 200 }), (pcs) => {
        const rows = fold(pcs);
        for (const pc of [0, 1, 2, 3]) {
          const own = rows.filter((row) => row[0] === pc);
          const sum = (at: number) => own.reduce((total, row) => total + row[at]!, 0);
          expect(sum(1)).toBe(pcs.filter((other) => other === pc).length);
          expect(sum(3)).toBe(pcs.reduce((total, other, i) => total + (other === pc ? i : 0), 0));
        }
      }),
      { numRuns: 300, seed: 96 },
    );
  });
});
