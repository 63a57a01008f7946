/** The instruction table: its self-check, what is derived from it, and its manual page. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isaPage } from '../../docs/generate/isa-page.ts';
import { INSTRUCTIONS, checkTable, findInstruction, findOpcode } from '../../isa/index.ts';
import type { InstructionDefinition } from '../../isa/instruction.ts';
import { INSTRUCTION_SETS, defineInstruction } from '../../isa/instruction.ts';
import {
  accumulatesTile,
  address,
  integerKey,
  numberKey,
  optionalIntegerKey,
  readsScalar,
  readsTile,
  writesTile,
} from '../../isa/operand.ts';
import { syntaxOf } from '../../isa/syntax.ts';
import { SCALAR_WORK, UNITS } from '../../isa/work.ts';
import { assembleText } from '../support/run.ts';

/** A definition that is in order but for what a case changes. */
const base = defineInstruction({
  mnemonic: 'NOP',
  opcode: 0x7f,
  set: 'control',
  unit: 'alu',
  summary: 'nothing',
  manual: 'Does nothing.',
  example: 'NOP',
  operands: {},
  shape: () => undefined,
  work: () => SCALAR_WORK,
  execute: () => undefined,
});

function operands(specs: Record<string, object>): InstructionDefinition['operands'] {
  return Object.entries(specs).map(
    ([name, spec]) => ({ name, ...spec }) as InstructionDefinition['operands'][number],
  );
}

const BROKEN: Readonly<Record<string, [Partial<InstructionDefinition>, string]>> = {
  'a mnemonic in lower case': [{ mnemonic: 'nop' }, 'nop is not a mnemonic'],
  'a mnemonic with two dots': [{ mnemonic: 'A.B.C' }, 'A.B.C is not a mnemonic'],
  'a mnemonic of the table': [{ mnemonic: 'ADD' }, 'ADD is defined twice'],
  'an opcode of the table': [{ opcode: 0x04 }, 'NOP shares opcode 4'],
  'opcode 0': [{ opcode: 0 }, 'NOP has no byte opcode'],
  'opcode 256': [{ opcode: 256 }, 'NOP has no byte opcode'],
  'a fraction as opcode': [{ opcode: 1.5 }, 'NOP has no byte opcode'],
  'nine flags': [
    {
      flags: Array.from({ length: 9 }, (_, i) => ({
        name: `F${i}`,
        doc: 'a flag',
      })),
    },
    'NOP has more flags than a byte holds',
  ],
  'two written operands': [
    { operands: operands({ td: writesTile('one'), te: writesTile('two') }) },
    'NOP writes twice',
  ],
  'a positional operand behind a keyword': [
    {
      operands: operands({ rows: integerKey('rows'), ts: readsTile('a tile') }),
    },
    'NOP has a positional operand behind a keyword',
  ],
  'an address without a format': [
    { operands: operands({ addr: address('where') }) },
    'NOP has an address without a format of its elements',
  ],
  'a format without an address': [
    { elements: 'f16' },
    'NOP has an address without a format of its elements',
  ],
  'a mnemonic whose second half is a number': [{ mnemonic: 'A.8' }, 'A.8 is not a mnemonic'],
  'an accumulator without its flag': [
    { operands: operands({ td: accumulatesTile('ACC', 'sum') }) },
    'NOP has no flag ACC',
  ],
};

describe('the table', () => {
  it('is in order, and stays so with one more definition', () => {
    expect(() => {
      checkTable([...INSTRUCTIONS, base]);
    }).not.toThrow();
  });

  for (const [what, [change, problem]] of Object.entries(BROKEN)) {
    it(`refuses ${what}`, () => {
      const table = [...INSTRUCTIONS, { ...base, ...change }];
      expect(() => {
        checkTable(table);
      }).toThrow(`invariant: ${problem}`);
    });
  }

  it('finds every definition by mnemonic and by opcode, and nothing else', () => {
    for (const definition of INSTRUCTIONS) {
      expect(findInstruction(definition.mnemonic)).toBe(definition);
      expect(findOpcode(definition.opcode)).toBe(definition);
    }
    expect(findInstruction('add')).toBeUndefined();
    expect(findOpcode(0)).toBeUndefined();
  });

  it('gives every definition a known set and unit, a manual, and no way to be changed', () => {
    for (const definition of INSTRUCTIONS) {
      expect(INSTRUCTION_SETS).toContain(definition.set);
      expect(UNITS).toContain(definition.unit);
      expect(definition.summary).not.toBe('');
      expect(definition.manual).toBe(definition.manual.trim());
      expect(definition.manual.length).toBeGreaterThan(10);
      expect(Object.isFrozen(definition)).toBe(true);
      for (const operand of definition.operands) expect(Object.isFrozen(operand)).toBe(true);
    }
  });
});

/** What the examples name, and every register that they read. */
const AROUND_EXAMPLES = (example: string) => `
.bss
X:      .f32 16, 16
W:      .f32 64, 16
Y:      .f32 16, 16
tokens: .i32 16
H:      .f16 16, 16
G:      .bf16 16, 16
Q:      .i8 16, 16
.text
loop:   LI   r1, 4
        LI   r2, 8
        LI   r5, 64
        LI   r6, 16
${Array.from({ length: 8 }, (_, t) => `        FILL t${t}, 1, rows=${rowsFor(example, t)}, cols=${colsFor(example, t)}`).join('\n')}
        JAL  r31, routine
routine:
        ${example}
        BEQ  r1, r2, loop
        HALT
.show X
.show W
.show Y
.show tokens
.show H
.show G
.show Q
`;

/** Gains, biases and angle tables are rows, scales single; the rotated rows have twice the columns of a table. */
function rowsFor(example: string, tile: number): number {
  if (/^(NORM|ARGMAX|ECALL\.SAMPLE|ROPE)/.test(example)) return 1;
  return example.startsWith('DEQUANT') && tile > 0 ? 1 : 16;
}

function colsFor(example: string, tile: number): number {
  if (example.startsWith('ROPE') && tile > 0) return 8;
  return /^(DE)?QUANT/.test(example) && tile > 0 ? 1 : 16;
}

describe('examples', () => {
  for (const { example, mnemonic } of INSTRUCTIONS) {
    it(`${example} assembles`, () => {
      const { code } = assembleText(AROUND_EXAMPLES(example));
      expect(code.some(({ definition }) => definition.mnemonic === mnemonic)).toBe(true);
    });
  }
});

describe('syntaxOf', () => {
  it('shows flags, operands, keys and defaults', () => {
    const line = (mnemonic: string) => syntaxOf(findInstruction(mnemonic)!);
    expect(line('MATMUL')).toBe('MATMUL[.T][.ACC] td, ta, tb');
    expect(line('LOAD')).toBe('LOAD td, [addr], rows=, cols=, stride=');
    expect(line('SOFTMAX')).toBe('SOFTMAX td, ts, [scale=1], [causal=]');
    expect(line('NORM.LAYER')).toBe('NORM.LAYER td, ts, tg, tb, [eps=1e-5]');
    expect(line('HALT')).toBe('HALT');
  });

  it('knows every kind of key', () => {
    const keys = operands({
      rs: readsScalar('a register'),
      rows: integerKey('required'),
      causal: optionalIntegerKey('optional'),
      eps: numberKey(0.5, 'with a default'),
    });
    expect(syntaxOf({ ...base, operands: keys })).toBe('NOP rs, rows=, [causal=], [eps=0.5]');
  });
});

describe('docs/isa.md', () => {
  it('is what the definitions say', () => {
    const page = readFileSync(new URL('../../docs/isa.md', import.meta.url), 'utf8');
    expect(page).toBe(isaPage());
  });

  it('has a section for every instruction', () => {
    for (const { mnemonic } of INSTRUCTIONS) expect(isaPage()).toContain(`\n### ${mnemonic}\n`);
  });
});
