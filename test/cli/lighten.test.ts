/** `lasm lighten`, and the flags `--quantize` and `--prune` of the other commands. */
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
      'int8',
      '10 % of tiles pruned',
      '50 % of tiles pruned',
    ]);
    expect(lines[3]).toMatch(/−71\.\d %/);
  });

  it('compares all outputs of a graph, as JSON too', () => {
    const { out } = lasm(['lighten', ENCODER, '--prune', '0.5', '--json']);
    const { rows } = JSON.parse(out) as { rows: { cycles: number; error: number }[] };
    expect(rows).toHaveLength(3);
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

describe('--quantize and --prune', () => {
  it('change the program and, of the adder with int8, no answer', () => {
    const plain = lasm(['generate', ADDER, '--prompt', '37+85=', '--no-report']);
    const light = lasm([
      'generate',
      ADDER,
      '--prompt',
      '37+85=',
      '--no-report',
      '--quantize',
      'int8',
    ]);
    expect(light).toEqual(plain);
    expect(plain.out).toBe('122\n');
  });

  it('are one or the other', () => {
    const flags = ['--quantize', 'int8', '--prune', '0.1'];
    const { code, err } = lasm(['infer', ENCODER, ...flags]);
    expect(code).toBe(2);
    expect(err).toContain('give one of them');
  });
});
