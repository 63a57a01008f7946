/** Explanations: measured, deterministic, and closed where they claim to be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONG_RUN_TOP, explain } from '../../src/explain/explain.ts';
import { variantsOf } from '../../src/explain/sensitivity.ts';
import { renderExplanation } from '../../src/explain/text.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { validateMachine } from '../../src/machine/read.ts';
import { randomProgram } from '../support/random-program.ts';
import { assembleFixture, assembleText, machineNamed, recordRun } from '../support/run.ts';
import { runLifted } from './support.ts';

const ANY_PRESET = fc.constantFrom(...PRESETS);

describe('waits', () => {
  it('are the heaviest of the report, as many as are asked for', () => {
    const program = assembleFixture('programs/matmul-tiled.lasm');
    const { run, explanation } = explain(program, machineNamed('tomasulo'), { top: 3 });
    const { edges } = run.report;
    expect(explanation!.waits.map(({ edge }) => edge)).toEqual(edges.slice(0, 3));
    expect(explanation!.otherWaits).toBe(edges.length - 3);
  });

  it('of one edge alone: a run without all of its occurrences, and no other', () => {
    const program = assembleText(`
.text
      LI    r1, 3
loop: FILL  t0, 1, rows=2, cols=2
      EXP   t1, t0
      EXP   t2, t1
      IADD  r1, r1, -1
      BNE   r1, 0, loop
      HALT
`);
    const machine = machineNamed('multicycle');
    const { explanation } = explain(program, machine);
    for (const { edge, cyclesWithout } of explanation!.waits) {
      const { cycles } = runLifted(
        program,
        machine,
        (cause, consumer, producer) =>
          cause === edge.cause && consumer === edge.consumer.pc && producer === edge.producer!.pc,
      );
      expect(cyclesWithout).toBe(cycles);
    }
    expect(explanation!.waits.some(({ edge }) => edge.occurrences === 3)).toBe(true);
  });

  it('shows a saving below 0 as it is', () => {
    // Found by searching: without this wait the run takes longer.
    const programs = fc.sample(randomProgram({ control: false }), { numRuns: 64, seed: 1 });
    let found: string | undefined;
    for (const { program } of programs) {
      const { waits } = explain(program, machineNamed('tomasulo4')).explanation!;
      found ??= waits.find(({ saving }) => saving < 0)?.sentence;
      if (found) break;
    }
    expect(found).toMatch(/Alone it would save −\d+: a scheduling anomaly\.$/);
  });

  it('are fewer of a long run, which is said', () => {
    const program = assembleText(`
.text
      LI   r1, 60000
loop: IADD r1, r1, -1
      BNE  r1, 0, loop
      HALT
`);
    const steps: string[] = [];
    const onProgress = (done: number, total: number) => void steps.push(`${done}/${total}`);
    const machine = { ...machineNamed('classic5'), name: 'slow' };
    const told = explain(program, machine, { onProgress }).explanation!;
    expect(told.cycles).toBeGreaterThan(200_000);
    expect(told.waits.length).toBeLessThanOrEqual(LONG_RUN_TOP);
    expect(told.note).toContain('more than 200,000: only the 3 heaviest waits were measured');
    const total = told.waits.length + variantsOf(machine).length;
    expect(steps).toEqual(Array.from({ length: total + 1 }, (_, i) => `${i}/${total}`));
    expect(told.path!.rows.map(({ times }) => times)).toContain(59_999);
  });

  it('of a run that comes to no end there are none', () => {
    const program = assembleFixture('programs/hazards/war.lasm');
    const { run, explanation } = explain(program, machineNamed('classic5'), { maxCycles: 9 });
    expect(run.trap?.code).toBe('cycle-limit');
    expect(explanation).toBeUndefined();
  });
});

describe('bounds', () => {
  it('are those of the report, each as a sentence', () => {
    const program = assembleFixture('programs/hazards/raw.lasm');
    const { run, explanation } = explain(program, machineNamed('classic5'));
    const { bounds } = explanation!;
    expect(bounds.map(({ name, cycles }) => ({ name, cycles }))).toEqual(run.report.bound.all);
    for (const { cycles, sentence } of bounds) {
      expect(sentence).toMatch(/^If only .* limited you, the run would take at least \d+ cycles/);
      expect(sentence).toContain(`${cycles} cycles (`);
    }
  });
});

describe('sensitivity', () => {
  const names = ['matmul-tiled', 'worked-example', 'hazards/control'];

  it.each(PRESETS.map(({ name }) => name))('on %s: each row is a run of its own', (name) => {
    const machine = machineNamed(name);
    for (const file of names) {
      const program = assembleFixture(`programs/${file}.lasm`);
      const [asItIs, ...rows] = explain(program, machine, { top: 1 }).explanation!.sensitivity;
      expect(asItIs).toMatchObject({ cycles: recordRun(program, machine).report.cycles });
      const runs = variantsOf(machine).map(({ change, machine: changed, lifted }) => {
        const { cycles } = runLifted(program, changed, lifted);
        return { change, cycles, difference: cycles - asItIs!.cycles };
      });
      expect(rows).toEqual(runs);
    }
  });

  it('without waiting for branches costs what a loop written out costs in branches', () => {
    const program = assembleFixture('programs/hazards/control.lasm');
    const { sensitivity } = explain(program, machineNamed('classic5')).explanation!;
    // Three branches, each of which costs two cycles.
    expect(sensitivity.at(-1)).toEqual({
      change: 'perfect branch prediction',
      cycles: 20,
      difference: -6,
    });
  });

  it('has only machines that exist, and only changes that change something', () => {
    for (const machine of PRESETS) {
      for (const { change, machine: changed, lifted } of variantsOf(machine)) {
        expect(validateMachine(changed).problems, change).toEqual([]);
        if (!lifted) expect(changed, change).not.toEqual(machine);
      }
    }
  });

  it('leaves out what does not apply', () => {
    const changes = (name: string) => variantsOf(machineNamed(name)).map(({ change }) => change);
    expect(changes('classic5')).toEqual([
      'half the DRAM latency',
      'double the bandwidth',
      'forwarding',
      'an overlapped pipeline',
      'renamed registers',
      'a data cache',
      'perfect branch prediction',
    ]);
    expect(changes('tomasulo')).toEqual([
      'half the DRAM latency',
      'double the bandwidth',
      'one more mxu',
      'one more vec',
      'an unlimited window',
      'a data cache',
      'perfect branch prediction',
    ]);
    expect(changes('scoreboard')).not.toContain('forwarding');
    expect(changes('cached')).toContain('a data cache 4 times as large');
  });
});

describe('the text', () => {
  it('is the same every time, and its path and table sum to the run', () => {
    fc.assert(
      fc.property(randomProgram({ length: 12 }), ANY_PRESET, ({ program }, machine) => {
        const told = explain(program, machine, { top: 2 }).explanation!;
        const text = renderExplanation(told, { width: 100, colour: false });
        const again = explain(program, machine, { top: 2 }).explanation!;
        expect(again).toEqual(told);
        expect(text).not.toMatch(/NaN|undefined|Infinity/);
        const path = told.path!;
        const sum = path.rows.reduce((s, { cycles }) => s + cycles, path.drainCycles);
        expect(sum).toBe(told.cycles);
        for (const row of told.sensitivity) expect(row.difference).toBe(row.cycles - told.cycles);
      }),
      { numRuns: 60, seed: 94 },
    );
  });
});
