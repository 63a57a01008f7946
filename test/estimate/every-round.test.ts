/** An estimate of a whole model is the same whether rounds are repeated or timed, and its books balance. */
import { describe, expect, test } from 'vitest';
import type { EstimateOptions, Lengths } from '../../src/estimate/estimate.ts';
import { entriesByCause } from '../../src/reports/by-cause.ts';
import { machineNamed } from '../support/run.ts';
import { SMALL, estimateConfig } from './support.ts';

const CASES = [
  [{}, { prefill: 19, context: 37, batch: 1 }],
  [{ narrow: 'f16' }, { prefill: 16, context: 20, batch: 3 }],
  [{ quantize: 'int8' }, { prefill: 1, context: 1, batch: 1 }],
  [{ quantize: 'int8' }, { prefill: 8, context: 9, batch: 18 }],
] as const satisfies readonly (readonly [Partial<EstimateOptions>, Lengths])[];

const MACHINES = ['classic5-fwd', 'multicycle', 'gemmini16', 'tpu-mini', 'tpuv1'] as const;

describe.each(MACHINES)('on %s', (name) => {
  const machine = machineNamed(name);

  test.each(Object.keys(SMALL) as (keyof typeof SMALL)[])('%s', { timeout: 240_000 }, (model) => {
    // A vocabulary of so many tiles makes a long loop.
    const config = { ...SMALL[model], vocab_size: 3000 * machine.tile + 7 };
    const walked = { some: 0, all: 0 };
    for (const [weights, lengths] of CASES) {
      const options = { machine, level: 2, worthSkipping: 1, ...weights } as const;
      const passes = estimateConfig(config, lengths, options);
      const every = estimateConfig(config, lengths, { ...options, everyRound: true });
      passes.forEach((pass, at) => {
        expect({ ...pass, walked: 0 }).toEqual({ ...every[at]!, walked: 0 });
        expect(every[at]!.walked).toBe(pass.instructions);
        expectBalance(pass);
        walked.some += pass.walked;
        walked.all += pass.instructions;
      });
    }
    expect(walked.some).toBeLessThan(0.97 * walked.all);
  });
});

function expectBalance(pass: ReturnType<typeof estimateConfig>[number]): void {
  const { cycles, issueWidth, slots, rows } = pass;
  const charged = entriesByCause(slots).reduce((sum, [, count]) => sum + count, 0);
  expect(charged).toBe(cycles * issueWidth);
  expect(rows.reduce((sum, row) => sum + row.cycles, 0)).toBe(cycles);
  for (const row of rows) {
    const own = entriesByCause(row.slots).reduce((sum, [, count]) => sum + count, 0);
    expect(own).toBe(row.cycles * issueWidth);
  }
  const layers = rows.filter(({ name }) => name.startsWith('layer '));
  expect(layers.every((row) => row.cycles > 0)).toBe(true);
}
