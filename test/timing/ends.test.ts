/** How runs end: whole, cut off, trapped (UA-2, UA-35); and the causes that a machine can name. */
import { describe, expect, it } from 'vitest';
import { CAUSES, CAUSE_BIT, causesIn, possibleCauses } from '../../src/timing/causes.ts';
import { renderReport } from '../../src/reports/text.ts';
import type { RunOptions } from '../../src/run/run.ts';
import { assembleText, machineNamed, recordRun } from '../support/run.ts';

const LOAD = '.data\nM: .f32 2, 2 = zeros()\n.text\nLOAD t0, [M]\nADD t1, t0, t0\nHALT';
const run = (text: string, options: RunOptions = {}, machine = 'multicycle') =>
  recordRun(assembleText(text), machine, options);

const PLAIN = { width: 100, colour: false };

function chargedCycles({ charges }: { charges: Record<string, number> }): number {
  return Object.values(charges).reduce((sum, cycles) => sum + cycles, 0);
}

const retired = ({ events }: ReturnType<typeof run>) =>
  events.filter(({ kind }) => kind === 'retire').length;

/** ILOAD issues in cycle 2, its result is there in cycle 16; what hangs on it comes later. */
const trapping = (lines: string, r1: number) =>
  `.data\nN: .i32 1 = [${r1}]\n.text\nILOAD r1, [N]\n${lines}\nHALT`;

describe('a whole run', () => {
  it('UA-2: takes until its last write-back, which need not be that of the last instruction', () => {
    const { report, diagram } = run('.data\nM: .f32 2, 2 = zeros()\n.text\nLOAD t0, [M]\nHALT');
    expect(diagram).toEqual(['0: IF ID EX MEM*13 WB', '1: IF ID EX MEM WB']);
    expect(report.cycles).toBe(17);
  });

  it('UA-2: that takes exactly as many cycles as the limit is not cut off', () => {
    const { cycles } = run(LOAD).report;
    const exact = run(LOAD, { maxCycles: cycles });
    expect(exact.trap).toBeUndefined();
    expect(exact.events).toEqual(run(LOAD).events);
    expect(run(LOAD, { maxCycles: cycles - 1 }).trap?.code).toBe('cycle-limit');
  });
});

describe('UA-35: a run that is cut off', () => {
  it('has the cycles and charges that there were', () => {
    const whole = run(LOAD);
    for (let maxCycles = 1; maxCycles < whole.report.cycles; maxCycles++) {
      const cut = run(LOAD, { maxCycles });
      expect(cut.report.cycles).toBe(maxCycles);
      expect(chargedCycles(cut)).toBe(maxCycles);
      expect(cut.report.unattributed).toBe(0);
      const early = ({ kind, cycle }: { kind: string; cycle: number }) =>
        kind !== 'charge' && kind !== 'end' && cycle < maxCycles;
      expect(cut.events.filter(early)).toEqual(whole.events.filter(early));
      expect(cut.report.bound.cycles).toBeLessThanOrEqual(maxCycles);
    }
  });

  it('says where it was', () => {
    const { trap, expectations, report } = run(LOAD, { maxCycles: 6 });
    expect(trap).toMatchObject({
      code: 'cycle-limit',
      message: 'the program is not done after 6 cycles',
      pc: 0,
    });
    expect(trap!.span.line).toBe(4);
    expect(expectations).toEqual([]);
    expect(report.unfinished).toBe(1);
  });
});

describe('UA-35: a run that traps', () => {
  it('leaves out the instruction that traps', () => {
    const trapped = run(trapping('IDIV r2, r1, r1', 0));
    const { trap, vm, events, report } = trapped;
    expect(trap).toMatchObject({ code: 'bad-operand', index: 1 });
    expect(vm.instructions).toBe(1);
    expect(events.filter(({ kind }) => kind === 'fetch')).toHaveLength(1);
    expect(report).toMatchObject({ cycles: 17, instructions: 1, unattributed: 0 });
    expect(chargedCycles(trapped)).toBe(17);
  });

  it.each(['classic5', 'classic5-fwd', 'multicycle'])(
    'right behind a jump leaves the books in order (%s)',
    (machine) => {
      const trapped = run(trapping('JR r1', 3), {}, machine);
      expect(trapped.trap?.message).toBe('control ran past the last instruction');
      expect(chargedCycles(trapped)).toBe(trapped.report.cycles);
      expect(retired(trapped)).toBe(2);
      expect(trapped.report.unattributed).toBe(0);
      expect(renderReport(trapped.report, PLAIN)).toContain('unattributed');
    },
  );

  it('at its first instruction takes no cycle', () => {
    const { trap, report, events } = run('HALT', { maxInstructions: 0 });
    expect(trap?.code).toBe('instruction-limit');
    expect(report).toMatchObject({ cycles: 0, instructions: 0, cpi: null, unattributed: 0 });
    expect(events).toEqual([{ kind: 'end', cycle: 0 }]);
    expect(renderReport(report, PLAIN)).not.toContain('NaN');
  });
});

describe('causes', () => {
  it('are the bits of a set, in the order of priority', () => {
    expect(causesIn(0)).toEqual([]);
    expect(causesIn(CAUSE_BIT.war | CAUSE_BIT.raw)).toEqual(['raw', 'war']);
    expect(causesIn(CAUSES.reduce((set, cause) => set | CAUSE_BIT[cause], 0))).toEqual(CAUSES);
  });

  it('UA-22, UA-23: a blocking machine knows neither WAW nor WAR', () => {
    expect(possibleCauses(machineNamed('classic5'))).toEqual([
      'issue',
      'fill',
      'control',
      'raw',
      'structural.mxu',
      'structural.vec',
      'structural.sfu',
      'memory.latency',
      'memory.bandwidth',
      'drain',
    ]);
  });

  it('UA-11: the alu makes others wait only if it does not take one in every cycle', () => {
    const machine = machineNamed('multicycle');
    const withAlu = (alu: Partial<typeof machine.alu>) =>
      possibleCauses({ ...machine, alu: { ...machine.alu, ...alu } }).includes('structural.alu');
    expect(withAlu({})).toBe(false);
    expect(withAlu({ latencyCycles: 4, intervalCycles: 2 })).toBe(true);
    expect(withAlu({ latencyCycles: 4, intervalCycles: 2, count: 2 })).toBe(false);
    const blocking = machineNamed('classic5');
    const slow = { ...blocking, alu: { ...blocking.alu, latencyCycles: 2 } };
    expect(possibleCauses(slow)).toContain('structural.alu');
  });
});
