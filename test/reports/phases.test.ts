/** The account of a generation: against a count of the whole log, and its sums, on any machine. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phaseLayout } from '../../src/inference/phases.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { findPreset } from '../../src/machine/presets.ts';
import { createPhases } from '../../src/reports/phases.ts';
import type { Phases } from '../../src/reports/phases-data.ts';
import type { PhaseLayout } from '../../src/reports/phases-layout.ts';
import type { ChargeEvent, TimingEvent } from '../../src/timing/events.ts';
import { runHeader } from '../../src/run/header.ts';
import { anyMachine } from '../support/any-machine.ts';
import { assembleText, recordRun } from '../support/run.ts';

const PASSES = 4;
const LAYERS = 3;

/** Built as compiled models are; a layer begins with what some machines crack. */
const TEXT = `
.tile 8
.data
X: .f32 4, 4 = normal(0, 1, seed=1)
.bss
Y: .f32 4, 4
.text
.part "generation/prompt"
      LI r24, ${PASSES}
.part "generation/prefill"
prefill:
      JAL r31, decode
.part "generation/choice"
choose:
      ECALL.EMIT r24
      ISUB r24, r24, 1
      BLT r24, 1, stop
.part "generation/step"
step:
      LI r1, 0
      JAL r31, decode
      JAL r0, choose
stop:
      HALT
decode:
.part "embed"
      LOAD t0, [X]
.part "layer"
      LI r26, 0
layer:
.part "layer/attention"
      SOFTMAX t1, t0
      MATMUL t2, t1, t0
.part "layer/feed-forward"
      LI r2, 0
inner:
      ADD t0, t0, t2
      IADD r2, r2, 1
      BLT r2, 3, inner
      STORE [Y], t0
      IADD r26, r26, 1
      BLT r26, ${LAYERS}, layer
.part "logits"
      LOAD t3, [Y]
      MATMUL t4, t3, t3
      STORE [Y], t4
.part ""
      JR r31
`;

const program = assembleText(TEXT);
const ROWS = ['embed', 'layer 0', 'layer 1', 'layer 2', 'logits', 'choice', 'generation loop'];

const RUNS = { numRuns: 300, seed: 20250701 } as const;

function account(machine: Machine, events: readonly TimingEvent[], layout: PhaseLayout): Phases {
  const fold = createPhases(runHeader(program, machine), layout);
  events.forEach(fold.listen);
  return fold.finish();
}

/** Slots by pass and row, from a log that is there as a whole. */
function countSlots(events: readonly TimingEvent[]): number[][] {
  const rowOf = program.parts.map((part) => {
    const [name, below] = part.split('/');
    return name === '' || (name === 'generation' && below !== 'choice')
      ? ROWS.length - 1
      : ROWS.findIndex((row) => row === name || row === below || row.startsWith(`${name} `));
  });
  const at = (name: string) => program.labels.find((label) => label.name === name)!.target;
  const places: { readonly pass: number; readonly row: number }[] = [];
  let [pass, layer, before] = [0, 0, -1];
  for (const event of events) {
    if (event.kind !== 'fetch') continue;
    const { pc } = event;
    if (pc !== before && pc === at('step')) pass++;
    if (pc === at('layer') - 1) layer = 0;
    const isInLayers = program.parts[pc]!.startsWith('layer');
    places.push({ pass, row: rowOf[pc]! + (isInLayers ? layer : 0) });
    // The addition to r26 ends a layer, but for the branch behind it.
    if (before === at('layer') + 7 && pc === at('layer') + 8) layer++;
    before = pc;
  }
  const slots = Array.from({ length: PASSES }, () => ROWS.map(() => 0));
  const last = places.length - 1;
  for (const { kind, ...rest } of events) {
    if (kind !== 'charge') continue;
    const { cause, id, cycles } = rest as ChargeEvent;
    const place = places[cause === 'fill' ? 0 : id < 0 ? last : Math.min(id, last)]!;
    slots[place.pass]![place.row]! += cycles;
  }
  return slots;
}

describe('the layout of a program', () => {
  it('has a row for each part and each layer, in the order of the model', () => {
    const { rows, rowOf, loops, stepPc } = phaseLayout(program);
    expect(rows).toEqual(ROWS);
    expect(rowOf).toHaveLength(program.code.length);
    expect(loops).toHaveLength(1);
    expect(loops[0]!.rows).toEqual([1, 2, 3]);
    expect(program.parts[stepPc]).toBe('generation/step');
  });

  it('numbers layers on behind those that are written out', () => {
    const head = '.part "layer 0/attention"\nLI r1, 1\n.part "layer"\nLI r26, 0';
    const other = assembleText(TEXT.replace('.part "layer"\n      LI r26, 0', head));
    expect(phaseLayout(other).rows.slice(1, 5)).toEqual([0, 1, 2, 3].map((i) => `layer ${i}`));
  });

  it('needs the label of a step', () => {
    expect(() => phaseLayout(assembleText('HALT\n'))).toThrow('no label step');
  });
});

describe('the account of a run', () => {
  const layout = phaseLayout(program);

  it('charges each slot to the pass and row that a count of the whole log finds', () => {
    fc.assert(
      fc.property(anyMachine, (machine) => {
        const { events } = recordRun(program, machine);
        const { passes } = account(machine, events, layout);
        const { width } = machine.pipeline;
        const cycles = countSlots(events).map((row) => row.map((slots) => slots / width));
        expect(passes.map(({ rowCycles }) => rowCycles)).toEqual(cycles);
      }),
      RUNS,
    );
  });

  it('sums to the run, by passes, by rows and by causes', () => {
    fc.assert(
      fc.property(anyMachine, (machine) => {
        const { events, report } = recordRun(program, machine);
        const { passes, rows, prefill, decode, cycles, slotsTotal } = account(machine, events, layout); // prettier-ignore
        const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
        expect([cycles, slotsTotal]).toEqual([report.cycles, report.slotsTotal]);
        expect(sum(passes.map((pass) => pass.cycles))).toBeCloseTo(cycles, 6);
        expect(sum(rows.map((row) => row.prefill.cycles))).toBeCloseTo(prefill.cycles, 6);
        expect(sum(rows.map((row) => row.decode.cycles))).toBeCloseTo(decode.cycles, 6);
        const phases = [prefill, decode];
        expect(sum(phases.map((phase) => phase.instructions))).toBe(report.instructions);
        expect(sum(phases.map((phase) => phase.macs))).toBe(report.mac.useful);
        const { bytesRead, bytesWritten } = report.memory;
        expect(sum(phases.map((phase) => phase.bytes))).toBe(bytesRead + bytesWritten);
        expect(passes).toHaveLength(PASSES);
      }),
      RUNS,
    );
  });

  it('finds the same bound for a pass by itself as for a run of nothing else', () => {
    const machine = findPreset('classic5-fwd')!;
    const once = assembleText(TEXT.replace(`LI r24, ${PASSES}`, 'LI r24, 1'));
    const { events } = recordRun(program, machine);
    const [first] = account(machine, events, layout).passes;
    // The last pass of a run goes on to HALT, in place of the branch that is not taken.
    const alone = recordRun(once, machine).report.bound;
    expect(first!.bound.setBy).toBe(alone.setBy);
    expect(Math.abs(first!.bound.cycles - alone.cycles)).toBeLessThanOrEqual(1);
  });

  it('says what each layer costs: all the same here, and more than logits', () => {
    const machine = findPreset('classic5-fwd')!;
    const { rows, decode } = account(machine, recordRun(program, machine).events, layout);
    const layers = rows.filter(({ name }) => name.startsWith('layer'));
    const [, second, third] = layers.map((row) => row.decode.instructions);
    expect(second).toBe(third);
    expect(decode.passes).toBe(PASSES - 1);
    expect(decode.busiest!.utilisation).toBeLessThanOrEqual(1);
  });

  it('speaks of finished runs only', () => {
    const fold = createPhases(runHeader(program, findPreset('classic5')!), layout);
    expect(() => fold.finish()).toThrow('the run has no end');
  });
});
