/** Macros, repetitions, conditions and includes: what they become, and where their mistakes are. */
import { describe, expect, test } from 'vitest';
import { printInstruction } from '../../src/asm/print.ts';
import type { AssembleOptions } from '../../src/asm/assemble.ts';
import type { MemoryFiles } from './support/assemble.ts';
import { assembleText, place, programOf } from './support/assemble.ts';

function linesOf(text: string, files?: MemoryFiles, options?: AssembleOptions): string[] {
  const program = programOf(`${text}\nHALT\n`, files, options);
  return program.code.slice(0, -1).map((instruction) => printInstruction(instruction, program));
}

function mistakesOf(text: string, options: AssembleOptions = {}): string[] {
  return assembleText(text, {}, options).diagnostics.map(place);
}

describe('macros', () => {
  test('replace their parameters in words, mnemonics and texts', () => {
    const text = `.macro both op, n, kind=r, last = 1 + 1
      I\\op \\kind\\n, r0, \\last
.part "\\op \\n"
      I\\op \\kind\\()1\\n, r0, -\\last
.endm
      both ADD, 2
      both SUB, 3, r, (4)`;
    expect(linesOf(text)).toEqual([
      'IADD r2, r0, 2',
      'IADD r12, r0, 0',
      'ISUB r3, r0, 4',
      'ISUB r13, r0, -4',
    ]);
  });

  test('number their expansions for labels of their own', () => {
    const text = `.macro spin n
loop\\@: LI r1, \\n
      BNE r1, \\n, loop\\@
.endm
      spin 3
      spin 4`;
    expect(linesOf(text)).toEqual(['LI r1, 3', 'BNE r1, 3, loop0', 'LI r1, 4', 'BNE r1, 4, loop1']);
  });

  test('nest, and define macros', () => {
    const text = `.macro outer a
.macro inner\\a b
      LI r\\a, \\b
.endm
      inner\\a 5
.endm
      outer 1
      outer 2
      inner1 6`;
    expect(linesOf(text)).toEqual(['LI r1, 5', 'LI r2, 5', 'LI r1, 6']);
  });

  test('tell the place in the body and the uses that led there', () => {
    const text = `.macro inner a
      LI r1, \\a + oops
.endm
.macro outer
      inner 3
.endm
      outer
`;
    const { diagnostics } = assembleText(text);
    expect(diagnostics.map(place)).toEqual(['2:19 unknown-name']);
    expect(diagnostics[0]!.notes).toEqual([
      {
        message: 'in this use of inner',
        span: expect.objectContaining({ line: 5, column: 7, length: 7 }),
      },
      {
        message: 'in this use of outer',
        span: expect.objectContaining({ line: 7, column: 7, length: 5 }),
      },
    ]);
  });

  test('a mistake in an operand points at the parameter', () => {
    const text = '.macro m a\n      LI r1, 1 + \\a\n.endm\n      m t3\n';
    const { diagnostics } = assembleText(text);
    expect(diagnostics[0]!.span).toMatchObject({ line: 2, column: 18, length: 2 });
  });

  test('cannot recurse for ever', () => {
    const codes = (text: string, options?: AssembleOptions) =>
      assembleText(text, {}, options).diagnostics.map((d) => d.code);
    expect(codes('.macro m\nm\n.endm\nm\nHALT')).toEqual(['macro-recursion']);
    expect(codes('.macro m a\nm \\a\\a\n.endm\nm xxxxxxxx\n')).toEqual(['too-many-lines']);
    expect(codes('.macro m\nm2\n.endm\n.macro m2\nm\n.endm\nm\nHALT')).toEqual(['macro-recursion']);
    expect(codes('.rept 1000000000\n.rept 1000000000\n\n.endr\n.endr\nHALT')).toEqual([
      'too-many-lines',
    ]);
  });
});

describe('repetitions', () => {
  test('count from 0 and nest', () => {
    const text = `.equ N, 2
.rept N, i
.rept N + 1, j
      LI r\\i, \\j * 10 + \\i
.endr
.endr
.rept 0
      NONSENSE
.endr`;
    expect(linesOf(text)).toEqual([
      'LI r0, 0',
      'LI r0, 10',
      'LI r0, 20',
      'LI r1, 1',
      'LI r1, 11',
      'LI r1, 21',
    ]);
  });

  test('tell a mistake once, with the repetition', () => {
    const { diagnostics } = assembleText('.rept 3, i\n LI r1, x\n.endr\nHALT');
    expect(diagnostics.map(place)).toEqual(['2:9 unknown-name']);
    expect(diagnostics[0]!.notes![0]!.message).toBe('in repetition 1 of 3');
  });
});

describe('conditions', () => {
  test.each([
    ['N == 2', true],
    ['N != 2', false],
    ['N < 3', true],
    ['N <= 1', false],
    ['N > 1', true],
    ['N >= 3', false],
    ['N - 2', false],
    ['N % 2 == 0', true],
  ])('.if %s is %s', (condition, holds) => {
    const text = `.param N = 2\n.if ${condition}\n LI r1, 1\n.else\n LI r1, 2\n.endif`;
    expect(linesOf(text)).toEqual([holds ? 'LI r1, 1' : 'LI r1, 2']);
  });

  test('nest, and read nothing of what they skip', () => {
    const text = `.if 0
.if 1
  @ " nonsense
.else
  more (
.endif
.else
.if 1
 LI r1, 3
.endif
.endif`;
    expect(linesOf(text)).toEqual(['LI r1, 3']);
  });

  test('depend on params from outside', () => {
    const text = '.param N = 1\n.if N > 4\n LI r1, 1\n.endif';
    expect(linesOf(text)).toEqual([]);
    expect(linesOf(text, {}, { params: { N: 5 } })).toEqual(['LI r1, 1']);
  });
});

describe('includes', () => {
  test('are relative to the file that includes them, as their files are', () => {
    const files: MemoryFiles = {
      texts: {
        'lib/a.lasm': '.include "../b.lasm"\n.include "c.lasm"',
        'b.lasm': ' LI r1, 1',
        'lib/c.lasm': '.data\nX: .f32 1 = file("w.npy")\n.text\n LI r1, bytes(X)',
      },
      tensors: { 'lib/w.npy': { dtype: 'f32', shape: [], data: Float32Array.of(5) } },
    };
    expect(linesOf('.include "lib/a.lasm"', files)).toEqual(['LI r1, 1', 'LI r1, 4']);
  });

  test('may be used twice but not inside themselves', () => {
    const texts = { 'a.lasm': ' LI r1, 1', 'loop.lasm': ' LI r2, 2\n.include "main.lasm"' };
    const twice = '.include "a.lasm"\n.include "a.lasm"';
    expect(linesOf(twice, { texts })).toEqual(['LI r1, 1', 'LI r1, 1']);
    const { diagnostics } = assembleText('.include "loop.lasm"\nHALT', { texts });
    expect(diagnostics.map((d) => `${d.span.file}:${place(d)}`)).toEqual([
      'loop.lasm:2:10 include-cycle',
    ]);
    expect(diagnostics[0]!.message).toContain('main.lasm → loop.lasm → main.lasm');
  });
});

describe('limits', () => {
  test('lines', () => {
    const text = ' LI r1, 1\n'.repeat(9) + 'HALT';
    expect(mistakesOf(text, { maxLines: 10 })).toEqual([]);
    expect(mistakesOf(text, { maxLines: 9 })).toContain('10:1 too-many-lines');
  });

  test('memory, before any is allocated', () => {
    const text = '.bss\nA: .f32 16\nB: .f32 16\n.show A\n.show B\n.text\nHALT';
    expect(mistakesOf(text, { maxMemoryBytes: 128 })).toEqual([]);
    expect(mistakesOf(text, { maxMemoryBytes: 127 })).toEqual(['3:1 too-much-memory']);
    const huge = '.data\nA: .f32 9000000000, 9000000000 = zeros()\n.expect A == zeros()\nHALT';
    expect(mistakesOf(huge)).toContain('2:1 too-much-memory');
  });

  test('nesting', () => {
    const nested = (n: number) => ` LI r1, ${'('.repeat(n)}1${')'.repeat(n)}\nHALT`;
    expect(mistakesOf(nested(128))).toEqual([]);
    expect(mistakesOf(nested(129))).toEqual(['1:137 too-deep']);
    const chain = Array.from({ length: 600 }, (_, i) => `.equ a${i}, a${i + 1}`).join('\n');
    expect(mistakesOf(`${chain}\n.equ a600, 1\nHALT`)).toEqual(['501:12 too-deep']);
  });

  test('diagnostics', () => {
    const codes = assembleText('FOO\n'.repeat(5000)).diagnostics.map((d) => d.code);
    expect(codes.length).toBe(1001);
    expect(codes.at(-1)).toBe('too-many-errors');
  });
});
