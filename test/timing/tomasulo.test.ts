/** Tomasulo's machine: width, buses, buffers and memory order, each diagram worked out by hand. */
import { describe, expect, it } from 'vitest';
import type { Machine, Pipeline } from '../../src/machine/machine.ts';
import { assembleText, machineNamed, recordRun } from '../support/run.ts';

function change(name: string, pipeline: Partial<Pipeline>, aluCount = 1): Machine {
  const machine = machineNamed(name);
  return {
    ...machine,
    alu: { ...machine.alu, count: aluCount },
    pipeline: { ...machine.pipeline, ...pipeline },
  };
}

function draw(machine: string | Machine, ...code: string[]) {
  const data = '.tile 2\n.bss\nY: .f32 2, 2\n.text\n';
  const { diagram, charges, report } = recordRun(
    assembleText(`${data}${code.join('\n')}\nHALT\n`),
    machine,
  );
  expect(report.unattributed).toBe(0);
  return { diagram, charges, cycles: report.cycles };
}

const THREE = ['LI r1, 1', 'LI r2, 2', 'LI r3, 3'];

describe('width', () => {
  it('2: two come in each cycle, one alu takes them in turn (UA-3, UA-5, UA-62)', () => {
    const { diagram, charges, cycles } = draw('tomasulo', ...THREE);
    expect(diagram).toEqual([
      '0: IF ID RS EX WB CT',
      '0: IF ID RS structural.alu EX WB CT',
      '1: IF ID RS structural.alu EX WB CT',
      // In 4 both slots are taken: by the issue of #1 and the wait of #2.
      '1: IF ID RS*2 structural.alu EX WB CT',
    ]);
    expect(cycles).toBe(9);
    expect(charges).toEqual({ fill: 6, issue: 4, 'structural.alu': 3, drain: 5 });
  });

  it('4: with four alus all issue at once', () => {
    const { diagram, charges, cycles } = draw(change('tomasulo4', {}, 4), ...THREE);
    expect(diagram).toEqual(new Array(4).fill('0: IF ID RS EX WB CT'));
    expect(cycles).toBe(6);
    expect(charges).toEqual({ fill: 12, issue: 4, drain: 8 });
  });
});

describe('limits', () => {
  it('one result bus: the oldest result first; without a result none is needed (UA-64)', () => {
    const { diagram } = draw(change('tomasulo4', { writePorts: 1 }, 4), ...THREE);
    expect(diagram).toEqual([
      '0: IF ID RS EX WB CT',
      '0: IF ID RS EX*2 WB CT',
      '0: IF ID RS EX*3 WB CT',
      '0: IF ID RS EX WB*3 CT',
    ]);
  });

  it('a reorder buffer of two: the third waits for the commit of the first (UA-60, UA-65)', () => {
    const machine = change('tomasulo1', { reorderBufferEntries: 2 });
    const { diagram, charges } = draw(
      machine,
      'FILL t1, 1, rows=2, cols=2',
      'LI r1, 1',
      'LI r2, 2',
    );
    expect(diagram).toEqual([
      '0: IF ID RS EX*2 WB CT',
      // Done in 5 as the FILL is, which is older and takes the bus.
      '1: IF ID RS EX*2 WB CT',
      // CT(0) = 6, so it is dispatched in 7; the slot of cycle 4 went to the issue of #1.
      '2: IF ID*2 structural.queue*2 RS EX WB CT',
      '3: IF*4 ID RS EX WB CT',
    ]);
    // Cycle 7, in which it is dispatched, is lost to the same wait (UA-32).
    expect(charges).toEqual({ fill: 3, issue: 4, 'structural.queue': 3, drain: 2 });
  });

  it('one station for each kind of unit: held through WB (UA-60)', () => {
    const { diagram, charges } = draw(
      change('tomasulo1', { stations: 1 }),
      'FILL t1, 1, rows=2, cols=2',
      'FILL t2, 1, rows=2, cols=2',
    );
    expect(diagram).toEqual([
      '0: IF ID RS EX*2 WB CT',
      '1: IF ID*2 structural.queue*2 RS EX*2 WB CT',
      '2: IF*4 ID RS EX WB*2 CT',
    ]);
    expect(charges).toEqual({ fill: 3, issue: 3, 'structural.queue': 3, drain: 3 });
  });
});

describe('memory order (UA-63)', () => {
  it('a read waits until an earlier write of its bytes is done', () => {
    const { diagram } = draw(
      'tomasulo1',
      'FILL t1, 1, rows=2, cols=2',
      'STORE [Y], t1',
      'LOAD t2, [Y]',
    );
    expect(diagram).toEqual([
      '0: IF ID RS EX*2 WB CT',
      '1: IF ID RS raw EX MEM*13 WB CT',
      // The store is done in 6 + 13 = 19. In 6 the HALT takes the slot.
      '2: IF ID RS*3 memory.order*12 EX MEM*13 WB CT',
      // Commits in 35, behind the LOAD, which is done in 20 + 13.
      '3: IF ID RS EX WB*28 CT',
    ]);
  });

  it('a write waits until an earlier access to its bytes has issued', () => {
    const { diagram } = draw(
      'tomasulo1',
      'FILL t0, 1, rows=2, cols=2',
      'EXP t1, t0',
      'STORE [Y], t1',
      'STORE [Y], t0',
    );
    // The first STORE waits for t1 until 11; the second could go in 6, and goes in 12.
    expect(diagram.slice(2, 4)).toEqual([
      '2: IF ID RS*2 raw*5 EX MEM*13 WB CT',
      '3: IF ID RS*7 EX MEM*13 WB CT',
    ]);
  });
});

describe('lifted dependences (UA-66)', () => {
  it('leave units and bandwidth as the only limits', () => {
    const chain = ['FILL t1, 1, rows=2, cols=2', 'EXP t2, t1', 'EXP t3, t2', 'EXP t4, t3'];
    const { diagram } = draw('ideal', ...chain);
    // The sfu takes a group every 2 cycles.
    expect(diagram).toEqual([
      '0: IF ID RS EX*2 WB CT',
      '0: IF ID RS EX*6 WB CT',
      '0: IF ID RS structural.sfu*2 EX*6 WB CT',
      '0: IF ID RS structural.sfu*4 EX*6 WB CT',
      // Eight commit in a cycle: with the last EXP in 14.
      '0: IF ID RS EX WB*10 CT',
    ]);
  });
});
