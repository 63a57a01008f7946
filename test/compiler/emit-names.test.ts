/** Names of symbols and labels: whatever a model calls things, the assembler reads them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTRUCTIONS } from '../../isa/index.ts';
import { RESERVED } from '../../src/asm/functions.ts';
import { NameTable } from '../../src/compiler/names.ts';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import { runGraph } from '../support/compile-graph.ts';
import { assembleText } from '../support/run.ts';

const RUNS = { numRuns: 300, seed: 20260925 } as const;

const AWKWARD = [
  ...[
    't0',
    'T31',
    'r5',
    'R31',
    '0',
    '7th layer',
    '',
    '_',
    '__x__',
    'Größe',
    '層 0/注意',
    '🙂',
    'a b',
  ],
  ...[
    'a/b',
    'a.b',
    'a_b',
    'Arena',
    'main',
    'spill',
    'stride',
    'causal',
    'x_',
    '-',
    'a\nb',
    '"',
    ';',
  ],
  ...RESERVED,
  ...INSTRUCTIONS.map(({ mnemonic }) => mnemonic.toLowerCase()),
];

const wanted = fc.array(fc.oneof(fc.constantFrom(...AWKWARD), fc.string({ unit: 'grapheme' })), {
  minLength: 1,
  maxLength: 12,
});

describe('a table of names', () => {
  it('gives each thing a name of its own that the assembler takes', () => {
    fc.assert(
      fc.property(wanted, (list) => {
        const table = new NameTable();
        const names = list.map((name) => table.unique(name));
        expect(new Set(names).size).toBe(names.length);
        const symbols = names.map((name) => `${name}: .f32 1, 4`);
        const stores = names.map((name) => `      STORE [${name}], t0`);
        const fill = '      FILL t0, 0, rows=1, cols=4';
        const lines = ['.tile 4', '.bss', ...symbols, '.text', fill, ...stores, '      HALT', ''];
        const { symbols: found } = assembleText(lines.join('\n'));
        expect(found.map(({ name }) => name)).toEqual(names);
      }),
      RUNS,
    );
  });

  it('keeps names that are good, and numbers those that are taken', () => {
    const table = new NameTable(['logits']);
    const spell = (name: string) => table.unique(name);
    expect(spell('layer 0/attention/q')).toBe('layer_0_attention_q');
    expect(spell('layer 0.attention.q')).toBe('layer_0_attention_q_2');
    expect(spell('logits')).toBe('logits_2');
    expect(spell('t1')).toBe('x_t1');
    expect(spell('2nd')).toBe('x_2nd');
  });
});

describe('a compiled model', () => {
  it('may call its tensors, weights and layers anything', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...AWKWARD.filter((n) => n !== '')), { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
        const graph = new GraphBuilder('names "of" a\nmodel');
        const x = graph.input(a!, 'f32', [3, 4]);
        const gain = graph.constant(b!, 'f32', [4], [1, 2, 3, 4]);
        const scaled = graph.add('mul', [x, gain], {}, { name: c!, part: c! });
        const y = graph.add('softmax', [scaled], {}, { name: d!, part: `${d!} 1/"x"` });
        const inputs = new Map([[x, Array<number>(12).fill(0.5)]]);
        const runs = ([0, 2] as const).map((level) => runGraph(graph.finish([y]), inputs, { level }));
        expect(runs[1]!.bits).toEqual(runs[0]!.bits);
        expect([...runs[0]!.outputs.get(y)!].every((share) => share > 0 && share < 1)).toBe(true);
      }),
      { ...RUNS, numRuns: 100 },
    ); // prettier-ignore
  });
});
