/** Laws: what is shown depends on the cycle alone, breakpoints are exact, and the books close. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Debugger } from '../../src/debug/debugger.ts';
import { NEVER } from '../../src/debug/recording.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { Vm } from '../../src/vm/vm.ts';
import { randomProgram } from '../support/random-program.ts';
import { answers, debuggerOf } from './support.ts';

const EVERYTHING = [
  'pipeline',
  'scoreboard',
  'charges',
  'where',
  'print t0',
  'print r1',
  'print Y',
];

/** All that there is to see. */
function view(debug: Debugger): string {
  return answers(debug, ...EVERYTHING, 'heat Z');
}

interface Run {
  readonly program: Program;
  readonly machine: Machine;
}

/** Every machine twice: as it is, and with instructions cracked into their passes (UA-7). */
const MACHINES = PRESETS.flatMap((machine): Machine[] => [
  machine,
  { ...machine, pipeline: { ...machine.pipeline, microOperations: 'cracked' } },
]);

const runs: fc.Arbitrary<Run> = fc
  .tuple(randomProgram({ length: 12 }), fc.constantFrom(...MACHINES))
  .map(([{ program }, machine]) => ({ program, machine }));

const moves = fc.array(
  fc.oneof(
    fc.constantFrom('run', 'next', 'breaks', 'list'),
    fc
      .tuple(
        fc.constantFrom('step', 'back', 'next', 'to', 'until', 'break'),
        fc.integer({ min: 1, max: 60 }),
      )
      .map((words) => words.join(' ')),
    fc.constantFrom('break t0', 'break r1', 'break Y', 'break Y[0,1]', 'delete', 'print t1'),
  ),
  { maxLength: 12 },
);

/** Each instruction's last stage, and how many have happened by the end of a cycle, the slow way. */
function happenedBy({ recording }: Debugger, cycle: number): number {
  const { execution } = recording.header.machine.pipeline;
  const last = execution === 'tomasulo' ? 'CT' : 'WB';
  let count = 0;
  while (count < recording.instructions && recording.entered(count, last) <= cycle) count++;
  return count;
}

describe('the cycle alone decides what is shown', () => {
  it('back k, then step k changes nothing', () => {
    const property = ({ program, machine }: Run, k: number) => {
      const debug = debuggerOf(program, machine);
      const from = Math.floor(debug.recording.lastCycle * 0.7);
      const steps = 1 + (k % Math.max(1, from));
      debug.moveTo(from);
      const before = view(debug);
      answers(debug, `back ${Math.min(steps, Math.max(1, from))}`);
      view(debug);
      if (from > 0) answers(debug, `step ${Math.min(steps, from)}`);
      expect(debug.cycle).toBe(from);
      expect(view(debug)).toBe(before);
    };
    fc.assert(fc.property(runs, fc.nat(), property), { seed: 3, numRuns: 100 });
  });

  it('whatever commands led there', () => {
    const property = ({ program, machine }: Run, commands: readonly string[]) => {
      const debug = debuggerOf(program, machine);
      answers(debug, ...commands, 'delete');
      const fresh = debuggerOf(program, machine);
      fresh.moveTo(debug.cycle);
      expect(view(debug)).toBe(view(fresh));
      debug.moveTo(0);
      expect(view(debug)).toBe(view(debuggerOf(program, machine)));
    };
    fc.assert(fc.property(runs, moves, property), { seed: 4, numRuns: 150 });
  });
});

describe('values', () => {
  it('are those behind the instructions that have happened, in program order', () => {
    const property = ({ program, machine }: Run, at: number) => {
      const debug = debuggerOf(program, machine);
      debug.moveTo(at % (debug.recording.lastCycle + 1));
      const count = happenedBy(debug, debug.cycle);
      expect(debug.happened).toBe(count);
      const vm = new Vm(program);
      for (let i = debug.recording.step(count); i > 0; i--) vm.next();
      expect(debug.values().snapshot()).toEqual(vm.snapshot());
    };
    fc.assert(fc.property(runs, fc.nat(), property), { seed: 5, numRuns: 300 });
  });

  it('UA-7: a pass of a cracked instruction is no instruction of its own', () => {
    const text = 'FILL t0, 1, rows=2, cols=2\nSOFTMAX t1, t0\nSOFTMAX t1, t0\nHALT\n';
    for (const machine of MACHINES) {
      const { recording } = debuggerOf(`.tile 2\n.text\n${text}`, machine);
      const ids = Array.from({ length: recording.instructions }, (_, id) => id);
      const isCracked = machine.pipeline.microOperations === 'cracked';
      const same = ids.filter((id) => recording.address(id) === 1).length;
      expect(same > 1).toBe(isCracked);
      expect(ids.filter((id) => recording.address(id) === 2)).toHaveLength(same);
      expect(ids.map((id) => recording.step(id))).toEqual(ids.map((id) => recording.address(id)));
    }
  });
});

describe('breakpoints', () => {
  /** Goes from breakpoint to breakpoint to the end; gives the cycles of the stops. */
  function stops(debug: Debugger, targets: readonly string[]): number[] {
    answers(debug, 'to 0', ...targets.map((target) => `break ${target}`));
    const cycles: number[] = [];
    while (debug.runOn().length > 0) cycles.push(debug.cycle);
    expect(debug.isAtEnd).toBe(true);
    return cycles;
  }

  /** The cycles, each once and in order, for instructions that `matches` picks. */
  function cyclesOf(
    { recording }: Debugger,
    matches: (id: number) => boolean,
    cycleOf: (id: number) => number,
  ): number[] {
    const ids = Array.from({ length: recording.instructions }, (_, id) => id);
    return [...new Set(ids.filter(matches).map(cycleOf))].sort((a, b) => a - b);
  }

  it('on lines stop in every cycle in which one issues, and in no other', () => {
    const property = ({ program, machine }: Run) => {
      const debug = debuggerOf(program, machine);
      const { recording } = debug;
      const lines = [1, Math.ceil(program.code.length / 2)];
      const matches = (id: number) => lines.includes(recording.line(id).line);
      const expected = cyclesOf(debug, matches, (id) => recording.entered(id, 'EX'));
      expect(stops(debug, lines.map(String))).toEqual(expected);
    };
    fc.assert(fc.property(runs, property), { seed: 6, numRuns: 300 });
  });

  it('on a register stop when a new value has happened, and in no other cycle', () => {
    const property = ({ program, machine }: Run) => {
      const debug = debuggerOf(program, machine);
      const { recording } = debug;
      const matches = (id: number) => recording.line(id).writes === 1 && recording.isLastPass(id);
      const happens = (id: number) => {
        let cycle = 0;
        while (happenedBy(debug, cycle) <= id) cycle++;
        return cycle;
      };
      expect(stops(debug, ['t1'])).toEqual(cyclesOf(debug, matches, happens));
    };
    fc.assert(fc.property(runs, property), { seed: 7, numRuns: 300 });
  });

  it('on an element stop whenever it changes, and only when it is written', () => {
    const property = ({ program, machine }: Run) => {
      const debug = debuggerOf(program, machine);
      const { address } = program.symbols[1]!;
      const changed: number[] = [];
      let before = NaN;
      for (let cycle = 0; cycle <= debug.recording.lastCycle; cycle++) {
        debug.moveTo(cycle);
        const now = debug.values().memory.integers[address / 4 + 1]!;
        if (cycle > 0 && now !== before) changed.push(cycle);
        before = now;
      }
      const found = stops(debug, ['Y[0,1]']);
      expect(changed.filter((cycle) => !found.includes(cycle))).toEqual([]);
      const vm = new Vm(program);
      let writes = 0;
      for (let step = vm.next(); step; step = vm.next()) {
        if (step.work.kind === 'memory' && step.work.direction === 'write') writes++;
      }
      expect(found.length).toBeLessThanOrEqual(writes);
    };
    const short = runs.filter(({ program }) => program.code.length < 20);
    fc.assert(fc.property(short, property), { seed: 8, numRuns: 100 });
  });
});

describe('the books', () => {
  it('UA-34: hold every slot of every cycle so far, once', () => {
    const property = ({ program, machine }: Run, at: number) => {
      const { recording } = debuggerOf(program, machine);
      const cycle = at % (recording.lastCycle + 1);
      const total = [...recording.books.totals(cycle).values()].reduce((a, b) => a + b);
      const { width } = recording.header.machine.pipeline;
      expect(total).toBe(width * (cycle + 1));
      expect(recording.books.at(cycle)).toHaveLength(width);
      const issued = recording.books.totals(cycle).get('issue');
      const ids = Array.from({ length: recording.instructions }, (_, id) => id);
      expect(ids.filter((id) => recording.entered(id, 'EX') <= cycle)).toHaveLength(issued!);
    };
    fc.assert(fc.property(runs, fc.nat(), property), { seed: 9, numRuns: 300 });
  });
});

describe('a long run', () => {
  const LONG = `.text
  LI r1, 0
loop:
  IADD r1, r1, 1
  BLT r1, 50000, loop
  HALT
`;

  it('100,002 instructions: back from the end, and to 0, with bounded memory', () => {
    const debug = debuggerOf(LONG, 'classic5-fwd');
    expect(debug.recording.instructions).toBe(100_002);
    expect(answers(debug, 'run', 'print r1')).toMatch(/r1 = 50000$/);
    expect(answers(debug, 'to 100000', 'back 3', 'step 3', 'print r1')).toMatch(/r1 = \d+;/);
    expect(answers(debug, 'to 0', 'print r1')).toMatch(/r1 has not been written; .*#0 \(IF\)$/);
    expect(debug.history.held.checkpoints).toBeLessThanOrEqual(64);
    expect(debug.recording.issueBehind(debug.recording.lastCycle, 1)).toBe(NEVER);
  });

  it('waits are counted across every round', () => {
    const debug = debuggerOf(LONG, 'classic5');
    expect(answers(debug, 'break 5', 'next 40000', 'run', 'pipeline')).toContain('BLT r1, 50000');
  });
});
