/** One wait lifted at a time: what it saves, worked out by hand and by programs without the hazard. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Cause } from '../../src/timing/causes.ts';
import { randomMachine } from '../support/random-machine.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleText, machineNamed, recordRun } from '../support/run.ts';
import { runLifted } from './support.ts';

const HAZARDS = new URL('../../programs/hazards/', import.meta.url);

function source(name: string): string {
  return readFileSync(new URL(`${name}.lasm`, HAZARDS), 'utf8');
}

/** What lifting the wait of line `consumer` for line `producer` leaves of the run. */
function without(text: string, machine: Machine, cause: Cause, consumer: number, producer: number) {
  const { waits, cycles } = explain(assembleText(text), machine, { top: 99 }).explanation!;
  const wait = waits.find(
    ({ edge }) =>
      edge.cause === cause && edge.consumer.line === consumer && edge.producer?.line === producer,
  );
  if (!wait) throw new Error(`line ${consumer} has no ${cause} for line ${producer}`);
  expect(wait.saving).toBe(cycles - wait.cyclesWithout);
  return wait;
}

describe('a lifted wait, worked out by hand', () => {
  const cases: readonly (readonly [string, string, Cause, number, number, number])[] = [
    // LOAD is written back in 16. Lifted, ADD issues in 3, not 17, but enters MEM behind the LOAD
    // in 16 and WB in 17, so that STORE issues in 18, not 21.
    ['raw', 'classic5', 'raw', 17, 16, 3],
    // ADD leaves EX in 19 and is written back in 20: STORE issues in 19, not 21.
    ['raw', 'classic5', 'raw', 18, 17, 2],
    // The LOAD is done long before the MATMUL, which is written back in 17 + 48 + 1 = 66.
    ['war', 'multicycle', 'war', 18, 17, 80 - 67],
    // COPY issues in 6, STORE in 8; the MATMUL is last, written back in 5 + 48 + 1 = 54.
    ['waw', 'multicycle', 'waw', 17, 16, 70 - 55],
    // The second MATMUL issues in 6, one cycle behind the first.
    ['structural-unit', 'multicycle', 'structural.mxu', 13, 12, 103 - 56],
    ['structural-port', 'multicycle', 'structural.port', 11, 10, 1],
    // The fifth LOAD issues in 6 and is written back in 6 + 14 = 20.
    ['structural-queue', 'multicycle', 'structural.queue', 18, 14, 31 - 21],
    // The bus carries one tile behind the other, whenever the second LOAD issues.
    ['memory-bandwidth', 'multicycle', 'memory.bandwidth', 15, 14, 0],
    // LOAD issues in 5; its data come one cycle behind those of the STORE, which is done in 18.
    ['memory-order', 'multicycle', 'memory.order', 15, 14, 33 - 20],
    // The second FILL enters EX in 5, but leaves it in 17 only, behind the first; HALT is one earlier.
    ['memory-latency', 'classic5', 'memory.latency', 15, 13, 1],
    // Two rounds begin two cycles earlier.
    ['control', 'classic5', 'control', 10, 13, 4],
  ];

  it.each(cases)('%s on %s: %s', (name, machine, cause, consumer, producer, saving) => {
    const wait = without(source(name), machineNamed(machine), cause, consumer, producer);
    expect(wait.saving).toBe(saving);
    expect(wait.sentence).toBe(`${wait.edge.sentence} Alone it would save ${saving}.`);
  });
});

/** t2 is there long before the ADD could issue. */
const READS_X = `.data
X: .f32 2, 2 = [[1, 2], [3, 4]]
.bss
Y: .f32 2, 2
.text
FILL t2, 1, rows=2, cols=2
LI r1, 1
LI r2, 2
LOAD t0, [X]
ADD t1, t0, t0
STORE [Y], t1
HALT
`;
const READS_OTHER = READS_X.replace('t1, t0, t0', 't1, t2, t2');

describe('a lifted wait is the difference to a program or machine without the hazard', () => {
  const multicycle = machineNamed('multicycle');
  const scoreboard = machineNamed('scoreboard');
  const tomasulo = machineNamed('tomasulo');
  const [war, waw] = ['war', 'waw'].map(source) as [string, string];
  const order = source('memory-order');
  const unit = source('structural-unit');
  const queue = source('structural-queue');
  const apart = order.replace('Y: .f32 2, 2', 'Y: .f32 2, 2\nZ: .f32 2, 2');
  const twice = (machine: Machine) => ({ ...machine, mxu: { ...machine.mxu, count: 2 } });
  const longQueue = { ...multicycle.memory, requestsInFlight: 5 };
  type Side = readonly [string, Machine];
  const cases: readonly (readonly [string, Side, Cause, number, number, Side])[] = [
    ['another tile', [war, multicycle], 'war', 18, 17, [renamed(war, 18, 't9'), multicycle]],
    ['another tile', [waw, multicycle], 'waw', 17, 16, [copied(waw), multicycle]],
    ['another tile', [waw, scoreboard], 'waw', 17, 16, [copied(waw), scoreboard]],
    ['a second array', [unit, multicycle], 'structural.mxu', 13, 12, [unit, twice(multicycle)]],
    ['a second array', [unit, scoreboard], 'structural.mxu', 13, 12, [unit, twice(scoreboard)]],
    ['a second array', [unit, tomasulo], 'structural.mxu', 13, 12, [unit, twice(tomasulo)]],
    [
      'a longer queue',
      [queue, multicycle],
      'structural.queue',
      18,
      14,
      [queue, { ...multicycle, memory: longQueue }],
    ],
    ['other bytes', [order, multicycle], 'memory.order', 15, 14, [elsewhere(apart), multicycle]],
    ['other bytes', [order, tomasulo], 'memory.order', 15, 14, [elsewhere(apart), tomasulo]],
    ['another source', [READS_X, scoreboard], 'raw', 10, 9, [READS_OTHER, scoreboard]],
    ['another source', [READS_X, tomasulo], 'raw', 10, 9, [READS_OTHER, tomasulo]],
  ];

  it.each(cases)('%s', (_name, [text, machine], cause, consumer, producer, [other, changed]) => {
    const { cyclesWithout } = without(text, machine, cause, consumer, producer);
    expect(cyclesWithout).toBe(recordRun(assembleText(other), changed).report.cycles);
  });

  function renamed(text: string, line: number, tile: string): string {
    const lines = text.split('\n');
    lines[line - 1] = lines[line - 1]!.replace('t0', tile);
    return lines.join('\n');
  }

  /** Written to t9 and stored from there, so that only the WAW is gone. */
  function copied(text: string): string {
    return text.replace('COPY        t2, t3', 'COPY        t9, t3').replace('[Y], t2', '[Y], t9');
  }

  function elsewhere(text: string): string {
    return text.replace('LOAD        t1, [Y]', 'LOAD        t1, [Z], rows=2, cols=2');
  }
});

describe('lifting', () => {
  const machines = fc.oneof(fc.constantFrom(...PRESETS), randomMachine({ tile: 8 }));

  it('nothing changes nothing', () => {
    fc.assert(
      fc.property(randomProgram(), machines, ({ program }, machine) => {
        const lifted = runLifted(program, machine, () => false);
        expect(lifted.events).toEqual(runLifted(program, machine).events);
      }),
      { numRuns: 300, seed: 91 },
    );
  });

  it('everything leaves no wait, and nothing hangs', () => {
    fc.assert(
      fc.property(randomProgram(), machines, ({ program }, machine) => {
        const { events, instructions } = runLifted(program, machine, () => true);
        const issued = events.filter(({ kind }) => kind === 'issue').length;
        expect(issued).toBe(instructions);
        const waits = events.flatMap((e) => (e.kind === 'charge' ? [e.cause] : []));
        expect(waits.filter((cause) => !['issue', 'fill', 'drain'].includes(cause))).toEqual([]);
      }),
      { numRuns: 300, seed: 92 },
    );
  });

  it('a cause leaves no charge to it', () => {
    const causes = fc.constantFrom<Cause>('raw', 'waw', 'war', 'control', 'memory.order');
    fc.assert(
      fc.property(randomProgram(), machines, causes, ({ program }, machine, cause) => {
        const { events, instructions } = runLifted(program, machine, (held) => held === cause);
        expect(events.filter(({ kind }) => kind === 'retire')).toHaveLength(instructions);
        expect(events.filter((e) => e.kind === 'charge' && e.cause === cause)).toEqual([]);
      }),
      { numRuns: 300, seed: 93 },
    );
  });
});
