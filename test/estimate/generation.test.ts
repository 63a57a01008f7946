/** The decode step of an estimate is the pass of a real generation, less what chooses and moves tokens. */
import { describe, expect, test } from 'vitest';
import { estimateLanguage } from '../../src/estimate/estimate.ts';
import { generate } from '../../src/inference/generate.ts';
import { MODELS, languageSource } from '../inference/support.ts';
import { machineNamed } from '../support/run.ts';

const PROMPT = [65, 20, 13, 25, 24];
const PASS = 1;

/** Parts of both, those that an estimate leaves out apart. */
function compare(name: string) {
  const machine = machineNamed(name);
  const { model } = languageSource(`${MODELS}verse-llama`);
  const options = { machine, level: 2, sampling: { temperature: 0 }, seed: 0 } as const;
  const { phases, contexts } = generate({ model }, PROMPT, { ...options, maxNewTokens: 3 });
  const lengths = { prefill: PROMPT.length, context: contexts[PASS]!, batch: 1 };
  const passes = estimateLanguage({ prefill: model, decode: model }, lengths, options);
  const run = phases.passes[PASS]!;
  const real = new Map(phases.rows.map((row, i) => [row.name, run.rowCycles[i]!]));
  return { real, run, first: phases.passes[0]!, prefill: passes[0]!, decode: passes[1]! };
}

const isModel = (name: string) => !['choice', 'generation loop', 'fill and drain'].includes(name);
const isLayer = (name: string) => /^layer|^final norm|^logits/.test(name);

describe.each(['classic5-fwd', 'multicycle', 'scoreboard', 'tpu-mini'])('on %s', (name) => {
  const { real, run, first, prefill, decode } = compare(name);

  test('layers and logits take just as long', () => {
    const layers = decode.rows.filter((row) => isLayer(row.name));
    expect(layers).toHaveLength(6);
    for (const row of layers)
      expect([row.name, row.cycles]).toEqual([row.name, real.get(row.name)]);
  });

  test('the work is the same', () => {
    expect(decode.macs).toBe(run.macs);
    expect(prefill.macs).toBe(first.macs);
    // The loop around the model reads and writes a few tokens.
    const bytes = decode.bytesRead + decode.bytesWritten;
    expect(run.bytes - bytes).toBeGreaterThan(0);
    expect(run.bytes - bytes).toBeLessThan(500);
  });

  test('the rest is less than 0.4 %', () => {
    expect(Math.abs(run.cycles - decode.cycles)).toBeLessThan(0.004 * run.cycles);
    expect(Math.abs(first.cycles - prefill.cycles)).toBeLessThan(0.004 * first.cycles);
  });
});

test('on gemmini16 the banks of the caches lie elsewhere, which is less than 0.05 % of a layer', () => {
  const { real, decode } = compare('gemmini16');
  for (const { name, cycles } of decode.rows.filter((row) => isModel(row.name))) {
    const distance = Math.abs(cycles - real.get(name)!);
    expect(distance).toBeLessThan(isLayer(name) ? 0.0005 * cycles : 100);
  }
});
