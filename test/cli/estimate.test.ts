/** `lasm estimate`: what it prints, what it refuses, and that neither takes long. */
import { afterAll, describe, expect, test } from 'vitest';
import { SMALL_GPT2, SMALL_LLAMA } from '../estimate/support.ts';
import { Workspace, lasm } from '../support/cli.ts';

const space = new Workspace();
afterAll(() => space.remove());

const llama = space.write('llama.json', JSON.stringify({ ...SMALL_LLAMA, vocab_size: 100 }));
const estimate = (...argv: string[]) => lasm(['estimate', ...argv]);

const VERSE = 'programs/models/verse-llama';

interface Json {
  readonly schema: string;
  readonly weights: string;
  readonly passes: readonly {
    readonly name: string;
    readonly cycles: number;
    readonly slots: Readonly<Record<string, unknown>>;
    readonly rows: readonly { readonly name: string; readonly cycles: number }[];
    readonly bound: { readonly by: string; readonly cycles: number };
    readonly reading: readonly string[];
  }[];
}

/** The sum of nested counts. */
function total(slots: Readonly<Record<string, unknown>>): number {
  return Object.values(slots).reduce<number>(
    (sum, value) =>
      sum + (typeof value === 'number' ? value : total(value as Record<string, unknown>)),
    0,
  );
}

describe('what it prints', () => {
  test('help', () => {
    const { code, out } = estimate('--help');
    expect(code).toBe(0);
    for (const option of ['--config', '--context', '--prefill', '--batch', '--dtype', '--json']) {
      expect(out).toContain(option);
    }
  });

  test('a table of a configuration', () => {
    const { code, out, err } = estimate('--config', llama, '--context', '16');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^llama: Llama, /);
    expect(out).toMatch(/tokens through the model +8 +1\n/);
    expect(out).toMatch(/layer \d/);
  });

  test('a model in a folder, as JSON whose table is closed', () => {
    const { code, out } = estimate(VERSE, '--prefill', '4', '--context', '8', '--json');
    const { schema, weights, passes } = JSON.parse(out) as Json;
    expect([code, schema, weights]).toEqual([0, 'lasm-estimate/1', 'float32']);
    expect(passes.map(({ name }) => name)).toEqual(['prefill', 'decode']);
    for (const { cycles, slots, rows, bound, reading } of passes) {
      expect(total(slots)).toBe(cycles);
      expect(rows.reduce((sum, row) => sum + row.cycles, 0)).toBe(cycles);
      expect(bound.cycles).toBeLessThanOrEqual(cycles);
      expect(reading.length).toBeGreaterThan(1);
    }
  });

  test('a model that generates nothing, in one pass', () => {
    const { passes } = JSON.parse(estimate('programs/models/bert-random', '--json').out) as Json;
    expect(passes.map(({ name }) => name)).toEqual(['pass']);
  });

  test('the same with every round', () => {
    const argv = ['--config', llama, '--context', '16', '--json', '--dtype', 'int8'];
    const strip = (text: string) => text.replace(/"walked": \d+/g, '');
    expect(strip(estimate(...argv, '--every-round').out)).toBe(strip(estimate(...argv).out));
  });
});

describe('what it refuses', () => {
  const refused = (argv: readonly string[], code: number, message: string) => {
    const result = estimate(...argv);
    expect(result.err).toContain(message);
    expect(result.err).not.toMatch(/\n +at |invariant/);
    expect([result.code, result.out]).toEqual([code, '']);
  };

  test.each([
    [[], 'one of the two'],
    [[VERSE, '--config', llama], 'one of the two'],
    [['--config', llama, '--batch', '1000000000'], 'at most 4096 sequences'],
    [['--config', llama, '--batch', '0'], 'at least 1'],
    [['--config', llama, '--context', '1.5'], 'whole number'],
    [['--config', llama, '--context', '10', '--prefill', '20'], 'more than the context'],
    [['programs/models/dates-bart', '--batch', '4'], 'without an encoder'],
    [['programs/models/bert-random', '--batch', '2'], 'does not'],
    [['--config', llama, '--dtype', 'int4'], 'int4'],
  ])('%j', (argv, message) => refused(argv, 2, message));

  test.each([
    [['--config', space.path('nothing.json')], 'there is no such file'],
    [['--config', space.root], 'is not a configuration'],
    [['--config', llama, '--context', '4000'], 'is not possible'],
    [['nowhere'], 'nowhere'],
  ])('%j', (argv, message) => refused(argv, 1, message));

  const hostile = [
    ['broken JSON', '{"architectures":', 'not valid JSON'],
    ['no object', '[1]', 'config.json'],
    ['null', 'null', 'config.json'],
    ['no model', '{}', 'config.json'],
    ['a width of a milliard', { hidden_size: 1e9 }, 'hidden_size is 1000000000'],
    ['a million layers', { num_hidden_layers: 1e6 }, 'num_hidden_layers is 1000000'],
    ['heads as wide as a row of weights', { head_dim: 1e6 }, 'head_dim is 1000000'],
    [
      'one head of everything',
      { hidden_size: 2 ** 17, num_attention_heads: 1 },
      'num_attention_heads',
    ],
    ['no words', { vocab_size: 0 }, 'vocab_size is 0'],
    ['negative layers', { num_hidden_layers: -2 }, 'num_hidden_layers is -2'],
    ['half a column', { hidden_size: 64.5 }, 'hidden_size is 64.5'],
    ['heads that do not divide', { num_attention_heads: 7 }, 'num_attention_heads'],
    ['more than an integer', { vocab_size: 1e300 }, 'vocab_size'],
  ] as const;

  test.each(hostile)('%s', { timeout: 10_000 }, (_, config, message) => {
    const text =
      typeof config === 'string' ? config : JSON.stringify({ ...SMALL_LLAMA, ...config });
    refused(['--config', space.write('hostile.json', text)], 1, message);
  });

  test('a million layers of GPT-2', () => {
    const text = JSON.stringify({ ...SMALL_GPT2, n_layer: 1e6 });
    refused(['--config', space.write('deep.json', text)], 1, 'n_layer is 1000000');
  });
});
