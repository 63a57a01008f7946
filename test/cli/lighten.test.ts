/** `lasm lighten`, and the flags `--weights`, `--quantize` and `--prune` of the other commands. */
import { describe, expect, it } from 'vitest';
import { lasm } from '../support/cli.ts';

const ADDER = new URL('../../programs/models/adder-gpt2', import.meta.url).pathname;
const ENCODER = new URL('../../programs/graphs/encoder.json', import.meta.url).pathname;

describe('lasm lighten', () => {
  it('has a line for each way to keep the weights', () => {
    const { code, out, err } = lasm(['lighten', ADDER, '--prompt', '1+2=', '--prune', '0.1,0.5']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe('adder-gpt2 on classic5-fwd');
    expect(lines.slice(2).map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      'as published',
      'f16',
      'bf16',
      'int8',
      '10 % of tiles pruned',
      '50 % of tiles pruned',
    ]);
    expect(lines[5]).toMatch(/−71\.\d %/);
  });

  it('compares all outputs of a graph, as JSON too', () => {
    const { out } = lasm(['lighten', ENCODER, '--prune', '0.5', '--json']);
    const { rows } = JSON.parse(out) as { rows: { cycles: number; error: number }[] };
    expect(rows).toHaveLength(5);
    expect(rows[0]!.error).toBe(0);
    expect(rows[1]!.error).toBeGreaterThan(0);
  });

  it('needs a prompt for a language model', () => {
    const { code, err } = lasm(['lighten', ADDER]);
    expect(code).toBe(2);
    expect(err).toContain('Give --prompt TEXT or --tokens LIST');
  });

  it('refuses shares that cannot be', () => {
    for (const share of ['1', '-0.1', 'x', '']) {
      const { code, err } = lasm(['lighten', ADDER, '--prompt', '1+2=', '--prune', share]);
      expect(code).toBe(2);
      expect(err).toContain('from 0 to below 1');
    }
  });
});

describe('--weights, --quantize and --prune', () => {
  it('change the program and, of the adder with int8 or half of the bits, no answer', () => {
    const plain = lasm(['generate', ADDER, '--prompt', '37+85=', '--no-report']);
    for (const flags of [
      ['--quantize', 'int8'],
      ['--weights', 'f16'],
      ['--weights', 'bf16'],
    ]) {
      const light = lasm(['generate', ADDER, '--prompt', '37+85=', '--no-report', ...flags]);
      expect(light).toEqual(plain);
    }
    expect(plain.out).toBe('122\n');
  });

  it('are one or the other', () => {
    const given = { weights: 'bf16', quantize: 'int8', prune: '0.1' };
    const flags = Object.entries(given).map(([name, value]) => [`--${name}`, value]);
    for (const [a, b] of [flags.slice(0, 2), flags.slice(1), [flags[0]!, flags[2]!]]) {
      const { code, err } = lasm(['infer', ENCODER, ...a!, ...b!]);
      expect(code).toBe(2);
      expect(err).toContain(`${a![0]} and ${b![0]}: give one of them`);
    }
  });

  it('names the formats that there are', () => {
    const { code, err } = lasm(['infer', ENCODER, '--weights', 'f64']);
    expect(code).toBe(2);
    expect(err).toContain('Allowed choices are f16, bf16.');
  });
});
