/** Where fetching waits (UA-6), and what is fetched in pieces (UA-7). */
import { describe, expect, it } from 'vitest';
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Machine, Pipeline } from '../../src/machine/machine.ts';
import { crack } from '../../src/timing/crack.ts';
import { Predictor } from '../../src/timing/predictor.ts';
import { assembleText, machineNamed, recordRun } from '../support/run.ts';

const { pipeline } = machineNamed('classic5');
const plain = { unit: 'alu', reads: [], writes: -1, accumulates: -1 } as const;
const branchTo = (target: number): StaticInstruction => ({ ...plain, control: 'branch', target });
const JAL: StaticInstruction = { ...plain, control: 'jump', target: 3 };
const JR: StaticInstruction = { ...plain, control: 'jump', target: -1 };
const HALT: StaticInstruction = { ...plain, control: 'halt', target: -1 };

/** Whether fetching waits at address 5 when control goes on at `nextPc`. */
function stops(branch: Pipeline['branch'], instruction: StaticInstruction, nextPc: number) {
  return new Predictor({ ...pipeline, branch }).stopsFetch(instruction, 5, nextPc);
}

describe('prediction', () => {
  it('stall: every branch and jump', () => {
    for (const instruction of [branchTo(3), JAL, JR]) {
      expect(stops('stall', instruction, 6)).toBe(true);
    }
    expect(stops('stall', HALT, -Infinity)).toBe(false);
  });

  it('not-taken: where control leaves the straight line', () => {
    for (const instruction of [branchTo(3), JAL, JR]) {
      expect([3, 6].map((next) => stops('not-taken', instruction, next))).toEqual([true, false]);
    }
  });

  it('backward-taken: where the direction misleads; never JAL, always JR', () => {
    const waits = (target: number) =>
      [target, 6].map((next) => stops('backward-taken', branchTo(target), next));
    expect(waits(3)).toEqual([false, true]);
    expect(waits(5)).toEqual([false, true]);
    expect(waits(8)).toEqual([true, false]);
    expect([stops('backward-taken', JAL, 3), stops('backward-taken', JR, 6)]).toEqual([
      false,
      true,
    ]);
  });

  it('two-bit: counters from 0 to 3, at first 1, learning at fetch', () => {
    const predictor = new Predictor({ ...pipeline, branch: 'two-bit', branchTableEntries: 4 });
    const wrong = (pc: number, isTaken: boolean) =>
      predictor.stopsFetch(branchTo(0), pc, isTaken ? 0 : pc + 1);
    // 1 → 2 → 3 → 3 → 2 → 1: wrong at first, right twice, then wrong until it is 1.
    expect([true, true, true, false, false].map((taken) => wrong(1, taken))).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
    // Address 5 shares the counter, which stands at 1; address 2 has its own.
    expect(wrong(5, true)).toBe(true);
    expect([wrong(1, true), wrong(2, true)]).toEqual([false, true]);
  });

  it('shows in the diagram: a loop is right until it ends', () => {
    const machine: Machine = {
      ...machineNamed('classic5-fwd'),
      pipeline: { ...machineNamed('classic5-fwd').pipeline, branch: 'backward-taken' },
    };
    const program = assembleText(`
      .text
      LI        r1, 0
loop: IADD      r1, r1, 1
      BLT       r1, 2, loop
      HALT
`);
    const { diagram, charges } = recordRun(program, machine);
    expect(diagram).toEqual([
      '0: IF ID EX MEM WB',
      '1: IF ID EX MEM WB',
      '2: IF ID EX MEM WB',
      '3: IF ID EX MEM WB',
      '4: IF ID EX MEM WB',
      // Fetched when the EX of the branch (6) is over.
      '7: IF ID EX MEM WB',
    ]);
    expect(charges).toEqual({ fill: 2, issue: 6, control: 2, drain: 2 });
  });
});

describe('cracking', () => {
  const softmax: StaticInstruction = {
    unit: 'sfu',
    reads: [1],
    writes: 2,
    accumulates: -1,
    control: 'next',
    target: -1,
  };
  const pass = (unit: 'vec' | 'sfu') => ({ name: 'pass', unit, elements: 4 }) as const;
  const step = {
    pc: 7,
    nextPc: 8,
    work: { kind: 'elements', operations: [pass('vec'), pass('sfu')] },
  } as const;

  it('makes each pass an instruction that reads the result of the one before', () => {
    const [first, second, ...rest] = crack(step, softmax, true);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({ pc: 7, static: { unit: 'vec', reads: [1], writes: 2 } });
    expect(second).toMatchObject({ pc: 7, static: { unit: 'sfu', reads: [2, 1], writes: 2 } });
    expect(crack(step, softmax, false)).toHaveLength(1);
    const inPlace = crack(step, { ...softmax, reads: [1, 2] }, true);
    expect(inPlace.map((piece) => piece.static.reads)).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  it('lets passes of different instructions overlap', () => {
    const multicycle = machineNamed('multicycle');
    const cracked: Machine = {
      ...multicycle,
      pipeline: { ...multicycle.pipeline, microOperations: 'cracked' },
    };
    const program = assembleText(`
      .tile     2
      .text
      FILL      t1, 1, rows=2, cols=2
      SIGMOID   t2, t1
      HALT
`);
    const { diagram, report } = recordRun(program, cracked);
    // SIGMOID is two passes on the sfu, 6 cycles each; the second waits for the first.
    expect(diagram).toEqual([
      '0: IF ID EX*2 MEM WB',
      '1: IF ID raw EX*6 MEM WB',
      '2: IF*2 ID raw*5 EX*6 MEM WB',
      '4: IF*6 ID EX MEM WB',
    ]);
    expect(report.instructions).toBe(4);
  });
});
