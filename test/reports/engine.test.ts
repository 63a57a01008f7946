/** Reports on the tick engine: the same laws, where the events are real. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HALTED } from '../../isa/instruction.ts';
import type { StaticInstruction } from '../../isa/registers.ts';
import type { Work } from '../../isa/work.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { createDiagram } from '../../src/reports/diagram.ts';
import { createReport } from '../../src/reports/fold.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import type { Step } from '../../src/vm/step.ts';
import { RUNS, headerOf, listingLine } from './support.ts';

interface Kind {
  readonly code: StaticInstruction;
  readonly work: Work;
}

const register: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 4);
const size = fc.integer({ min: 1, max: 16 });
const frozen = { accumulates: -1, control: 'next', target: -1 } as const;

const product: fc.Arbitrary<Kind> = fc
  .record({ td: register, ta: register, tb: register, chained: fc.boolean(), m: size, k: size })
  .map(({ td, ta, tb, chained, m, k }) => {
    const isSum = chained && td !== ta && td !== tb;
    const reads = [...new Set(isSum ? [ta, tb, td] : [ta, tb])];
    const accumulates = isSum ? td : -1;
    const code = { ...frozen, unit: 'mxu', reads, writes: td, accumulates } as const;
    return { code, work: { kind: 'matrix', m, k, n: 8 } };
  });

const passOver: fc.Arbitrary<Kind> = fc
  .record({ unit: fc.constantFrom('vec', 'sfu'), td: register, ts: register, rows: size })
  .map(({ unit, td, ts, rows }) => ({
    code: { ...frozen, unit, reads: [ts], writes: td },
    work: { kind: 'elements', operations: [{ name: 'pass', unit, elements: rows * 16 }] },
  }));

const transfer: fc.Arbitrary<Kind> = fc
  .record({ isLoad: fc.boolean(), tile: register, rows: size, address: fc.nat(40) })
  .map(({ isLoad, tile, rows, address }) => {
    const direction = isLoad ? 'read' : 'write';
    const range = { address: 4096 + 64 * address, rows, rowBytes: 64, strideBytes: 64 };
    const code = {
      ...frozen,
      unit: 'dma',
      reads: isLoad ? [] : [tile],
      writes: isLoad ? tile : -1,
    } as const;
    return { code, work: { kind: 'memory', direction, ...range } };
  });

const branch: fc.Arbitrary<Kind> = fc.constant({
  code: { ...frozen, unit: 'alu', reads: [33], writes: -1, control: 'branch', target: 0 },
  work: { kind: 'scalar' },
});

const runs = fc
  .record({
    machine: fc.constantFrom(...PRESETS),
    kinds: fc.array(fc.oneof(product, passOver, transfer, branch), { minLength: 1, maxLength: 8 }),
    targets: fc.array(fc.nat(7), { maxLength: 60 }),
    maxCycles: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined, freq: 5 }),
  })
  .map(({ machine, kinds, targets, maxCycles }) => {
    const steps = stepsOf(kinds, targets);
    const listing = kinds.map(({ code: { unit, reads, writes, accumulates } }) =>
      listingLine(`OP.${unit}`, unit, reads, writes, { accumulates }),
    );
    return { machine, code: kinds.map(({ code }) => code), steps, maxCycles, listing };
  });

/** Goes straight on, and at each branch to the next target. */
function stepsOf(kinds: readonly Kind[], targets: readonly number[]): Step[] {
  const steps: Step[] = [];
  let pc = 0;
  for (const target of targets) {
    const { code, work } = kinds[pc]!;
    const straight = pc + 1 < kinds.length ? pc + 1 : 0;
    const nextPc = code.control === 'branch' ? target % kinds.length : straight;
    steps.push({ pc, nextPc, work });
    pc = nextPc;
  }
  const last = steps.pop();
  return last ? [...steps, { ...last, nextPc: HALTED }] : [];
}

describe('a run of the tick engine', () => {
  it('has balanced books, a lower bound below it, and a diagram', () => {
    fc.assert(
      fc.property(runs, ({ machine, code, steps, maxCycles, listing }) => {
        const header = headerOf(machine, listing);
        const report = createReport(header);
        const diagram = createDiagram(header, { width: 90 });
        const queue = [...steps];
        const engine = new TickEngine(machine, code, { next: () => queue.shift() }, (event) => {
          report.listen(event);
          diagram.listen(event);
        });
        const { cycles } = engine.run(maxCycles === undefined ? {} : { maxCycles });
        const made = report.finish();
        expect(made.cycles).toBe(cycles);
        expect(made.unattributed).toBe(0);
        expect(made.bound.cycles).toBeLessThanOrEqual(cycles);
        if (maxCycles === undefined) {
          const { fill = 0, drain = 0 } = made.slots;
          const charged = made.lines.reduce((sum, line) => sum + line.slotsTotal, 0);
          expect(charged + fill + drain).toBe(cycles * machine.pipeline.width);
          expect(made.instructions).toBe(steps.length);
        }
        expect(made.mac.wasted).toBeGreaterThanOrEqual(0);
        expect(made.memory.bytesPerCycle).toBeLessThanOrEqual(made.memory.peakBytesPerCycle);
        for (const { count, busyCycles } of made.units) {
          expect(busyCycles).toBeLessThanOrEqual(count * cycles);
        }
        for (const line of diagram.render().split('\n'))
          expect(line.length).toBeLessThanOrEqual(90);
      }),
      { ...RUNS, numRuns: 500 },
    );
  });
});
