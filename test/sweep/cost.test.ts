/** What a point costs is what a whole run says, and its bounds are bounds. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import type { Program } from '../../src/program/program.ts';
import { runProgram } from '../../src/run/run.ts';
import { PointBounds } from '../../src/sweep/bound.ts';
import type { Cost } from '../../src/sweep/cost.ts';
import { costOf } from '../../src/sweep/cost.ts';
import { record } from '../../src/sweep/steps.ts';
import { runBooks } from '../../src/timing/books/index.ts';
import { Vm } from '../../src/vm/vm.ts';
import { anyMachine } from '../support/any-machine.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, assembleText, machineNamed } from '../support/run.ts';

const seed = 20261122;
const NOTHING = { inputs: [], promptTokens: [], seed: 0 };

function cost(program: Program, machine: Machine): Cost {
  const code = program.code.map(staticInstruction);
  const outcome = costOf(machine, code, record(program, NOTHING), undefined);
  if (outcome.status === 'done') return outcome.cost;
  throw new Error(outcome.problem);
}

describe.each(PRESETS)('on $name', (machine) => {
  it.each(['matmul-tiled', 'multi-head-attention', 'lstm-loop'])(
    '%s costs what it takes',
    (name) => {
      const program = assembleFixture(`programs/${name}.lasm`);
      const { report } = runProgram(program, machine);
      const found = cost(program, machine);
      const { cycles, instructions, slots, slotsTotal, mac, memory, units } = report;
      expect(found).toMatchObject({ cycles, instructions, slots, slotsTotal });
      expect(found.largestLoss).toBe(report.largestLoss?.cause);
      expect(found.macs).toBe(mac.useful);
      expect(found.bytesRead).toBe(memory.bytesRead);
      expect(found.bytesWritten).toBe(memory.bytesWritten);
      expect(found.utilisation.macs).toBe(mac.utilisation);
      for (const { unit, utilisation } of units) expect(found.utilisation[unit]).toBe(utilisation);
      expect(found.bound.cycles).toBeLessThanOrEqual(report.bound.cycles);
      expect(found.bound.cycles).toBeGreaterThan(report.bound.cycles / 4);
    },
  );
});

test('each bound is at most that of the report, and those of no access are the same', () => {
  const programs = randomProgram({ tile: 8, length: 40 });
  const property = fc.property(programs, anyMachine, ({ program }, machine) => {
    const { report } = runProgram(program, machine);
    const code = program.code.map(staticInstruction);
    const bounds = new PointBounds(machine, code);
    const vm = new Vm(program);
    const next = () => {
      const step = vm.next();
      if (step) bounds.add(step);
      return step;
    };
    const { instructions, busyCycles } = runBooks(machine, code, { next });
    fc.pre(vm.trap === undefined);
    const found = bounds.all(instructions, busyCycles);
    expect(found.map(({ setBy }) => setBy)).toEqual(report.bound.all.map(({ name }) => name));
    report.bound.all.forEach(({ name, cycles }, i) => {
      expect(found[i]!.cycles, name).toBeLessThanOrEqual(cycles);
      const isExact = name !== 'dataflow' && name !== 'unit.dma';
      if (isExact) expect(found[i]!.cycles, name).toBe(cycles);
    });
  });
  fc.assert(property, { seed, numRuns: 500 });
});

describe('a recording', () => {
  const program = assembleFixture('programs/lstm-loop.lasm');
  const code = program.code.map(staticInstruction);
  const cyclesOf = (recording: ReturnType<typeof record>) =>
    PRESETS.map((machine) => costOf(machine, code, recording, undefined));

  it('is the same again, whether it is kept or executed anew', () => {
    const fresh = PRESETS.map((machine) => ({ status: 'done', cost: cost(program, machine) }));
    expect(cyclesOf(record(program, NOTHING))).toEqual(fresh);
    expect(cyclesOf(record(program, NOTHING, 10))).toEqual(fresh);
  });

  it('of a program that traps has no cost, on the second machine too', () => {
    const trapping = assembleText(
      '.data\nZ: .i32 1 = [0]\n.text\n ILOAD r1, [Z]\n IDIV r2, r1, r1\n HALT',
    );
    const recording = record(trapping, NOTHING);
    const machine = machineNamed('classic5');
    for (let i = 0; i < 2; i++) {
      const outcome = costOf(machine, trapping.code.map(staticInstruction), recording, undefined);
      expect(outcome).toMatchObject({ status: 'failed', problem: expect.stringContaining('trap: ') as string }); // prettier-ignore
    }
  });

  it('that a limit cuts off is not kept as a whole one', () => {
    const recording = record(program, NOTHING);
    const machine = machineNamed('classic5');
    expect(costOf(machine, code, recording, 20)).toEqual({
      status: 'failed',
      problem: 'the program is not done after 20 cycles',
    });
    expect(costOf(machine, code, recording, undefined)).toEqual({
      status: 'done',
      cost: cost(program, machine),
    });
  });
});
