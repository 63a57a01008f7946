/** What texts mean: programs are assembled and looked at. */
import { describe, expect, test } from 'vitest';
import { INSTRUCTIONS } from '../../isa/index.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { printInstruction } from '../../src/asm/print.ts';
import type { Program } from '../../src/program/program.ts';
import { MEMORY_BASE } from '../../src/program/program.ts';
import { FORMATS } from '../../src/tensor/formats.ts';
import type { MemoryFiles } from './support/assemble.ts';
import { assembleText, memoryHost, place, programOf, valuesOf } from './support/assemble.ts';

/** The instructions as text, with every implied key written out. */
function linesOf(program: Program): string[] {
  return program.code.map((instruction) => printInstruction(instruction, program));
}

describe('instructions', () => {
  test('the example of every definition assembles to that instruction', () => {
    expect(INSTRUCTIONS.length).toBeGreaterThan(40);
    for (const { mnemonic, example } of INSTRUCTIONS) {
      const data =
        'W: .f32 64, 64\nY: .f32 16, 16\ntokens: .i32 8\nH: .f16 16, 16\nG: .bf16 16, 16\nQ: .i8 16, 16\n';
      const text = `.bss\n${data}.text\nloop:\nroutine: ${example}\n`;
      const { diagnostics } = assembleText(text);
      const wrong = diagnostics.filter((d) => /unknown|operand|key|syntax/.test(d.code));
      expect(wrong, `${mnemonic}: ${example}`).toEqual([]);
    }
  });

  test('case, flag order and key order do not matter', () => {
    const canonical = 'MATMUL.T.ACC t2, t0, t1';
    const start = 'FILL t0, 0, rows=2, cols=3\nCOPY T1, t0\nFILL t2, 0, rows=2, cols=2\n';
    for (const line of [canonical, 'matmul.acc.t t2, t0, t1', 'MatMul.Acc.T T2,T0,T1']) {
      expect(linesOf(programOf(`${start}${line}\nHALT\n`))[3]).toBe(canonical);
    }
    const fill = linesOf(programOf('FILL t0, cols=3, 1.5, rows=2\nHALT'));
    expect(fill[0]).toBe('FILL t0, 1.5, rows=2, cols=3');
  });

  test('an address implies rows, cols and stride as far as it names a symbol', () => {
    const text = `.bss
X: .f32 2, 4, 8
W: .f32 64, 48
.text
      LI    r1, 0
      LOAD  t0, [X]
      LOAD  t0, [X], rows=1
      LOAD  t0, [W + r1 + r1 - 4*2 + 64], rows=2, cols=3
      LOAD  t0, [W + r1], rows=2, cols=3, stride=r1
      LOAD  t0, [r1 + ${MEMORY_BASE}], rows=1, cols=7
      STORE [64 + X], t0
      HALT
`;
    const [, ...loads] = linesOf(programOf(text));
    expect(loads).toEqual([
      'LOAD t0, [X], rows=8, cols=8, stride=32',
      'LOAD t0, [X], rows=1, cols=8, stride=32',
      'LOAD t0, [W + r1 + r1 + 56], rows=2, cols=3, stride=192',
      'LOAD t0, [W + r1], rows=2, cols=3, stride=r1',
      'LOAD t0, [X + r1], rows=1, cols=7, stride=28',
      'STORE [X + 64], t0, stride=32',
      'HALT',
    ]);
  });

  test('a larger .tile makes larger symbols implied', () => {
    const text = '.tile 64\n.bss\nW: .f32 64, 48\n.text\nLOAD t0, [W]\nHALT';
    expect(linesOf(programOf(text))[0]).toBe('LOAD t0, [W], rows=64, cols=48, stride=192');
  });

  test('labels may stand before, on and behind code, and know their docs', () => {
    const { labels } = programOf(`;; the start
;; of it all
top:
a:    LI r1, 0
      BEQ r1, 0, end
      JAL r0, a
end:  HALT
last:`);
    expect(labels.map(({ name, target, doc }) => [name, target, doc])).toEqual([
      ['top', 0, 'the start\nof it all'],
      ['a', 0, ''],
      ['end', 3, ''],
      ['last', 4, ''],
    ]);
  });
});

describe('data', () => {
  test('sections are laid out .data, .bss, .arena, each in the order of the text', () => {
    const { symbols } = programOf(`.arena
Z: .f32 2
.bss
Y: .f32 17
.data
A: .f32 1 = [1]
.bss
V: .i32 1
.data
B: .i32 1 = [2]
.text
.show A
.show B
.show Y
.show V
.show Z
HALT`);
    expect(symbols.map(({ name, address }) => [name, address - MEMORY_BASE])).toEqual([
      ['A', 0],
      ['B', 64],
      ['Y', 128],
      ['V', 256],
      ['Z', 320],
    ]);
  });

  test('values', () => {
    expect(valuesOf('.f32 2, 3 = [[1, 2, 3], [4, 5, 1/8]]')).toEqual([1, 2, 3, 4, 5, 0.125]);
    expect(valuesOf('.i32 3 = [1, ; one\n  -2,\n\n3 ]')).toEqual([1, -2, 3]);
    expect(valuesOf('.f32 3 = [inf, -inf, nan]')).toEqual([Infinity, -Infinity, NaN]);
    expect(valuesOf('.f32 1, 2 = [-0.0, 0.1]')).toEqual([-0, Math.fround(0.1)]);
    expect(valuesOf('.f32 2, 3 = identity()')).toEqual([1, 0, 0, 0, 1, 0]);
    expect(valuesOf('.i32 4 = range(3, -2)')).toEqual([3, 1, -1, -3]);
    expect(valuesOf('.f32 3 = range(0, 0.5)')).toEqual([0, 0.5, 1]);
    expect(valuesOf('.f32 2 = full(2*4)')).toEqual([8, 8]);
    expect(valuesOf('.i32 2 = ones()')).toEqual([1, 1]);
    expect(valuesOf('.f32 2, 3 = transpose([[1, 2], [3, 4], [5, 6]])')).toEqual([1, 3, 5, 2, 4, 6]);
  });

  test('generators repeat themselves with the same seed and only then', () => {
    const [a, b, c] = [1, 1, 2].map((seed) => valuesOf(`.f32 9 = normal(0, 1, seed=${seed})`));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    for (const value of valuesOf('.f32 99 = uniform(-2, 3, seed=5)')) {
      expect(value).toBeGreaterThanOrEqual(-2);
      expect(value).toBeLessThan(3);
    }
  });

  test('files are cut, turned and converted', () => {
    const data = Float32Array.of(0, 1, 2, 3, 4, 5);
    const files: MemoryFiles = {
      tensors: {
        'w.npy': { dtype: 'f32', shape: [2, 3], data },
        'm.safetensors:layer.0': { dtype: 'i32', shape: [2], data: Int32Array.of(7, -8) },
      },
    };
    expect(valuesOf('.f32 2, 3 = file("w.npy")', files)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(valuesOf('.f32 2, 3 = file("w.npy")[0:2, 0:1+2]', files)).toEqual([...data]);
    expect(valuesOf('.f32 2 = file("w.npy")[:, 1]', files)).toEqual([1, 4]);
    expect(valuesOf('.f32 1, 2 = file("w.npy")[-1, 1:]', files)).toEqual([4, 5]);
    expect(valuesOf('.f32 3, 2 = transpose(file("w.npy"))', files)).toEqual([0, 3, 1, 4, 2, 5]);
    expect(valuesOf('.i32 3 = file("w.npy")[1]', files)).toEqual([3, 4, 5]);
    expect(valuesOf('.f32 2 = file("m.safetensors", "layer.0")', files)).toEqual([7, -8]);
  });

  test('a slice with both bounds of each dimension is left to the host', () => {
    const { host, slices } = memoryHost({
      tensors: { 'w.npy': { dtype: 'f32', shape: [4, 2], data: new Float32Array(8) } },
    });
    const text =
      '.data\nA: .f32 1, 2 = file("w.npy")[1:2, 0:2]\nB: .f32 2 = file("w.npy")[3]\n.show A\n.show B\n.text\nHALT';
    expect(assemble('x.lasm', text, host).diagnostics).toEqual([]);
    expect(slices).toEqual([
      [
        [1, 2],
        [0, 2],
      ],
      undefined,
    ]);
  });
});

describe('small elements', () => {
  const lines = (text: string) =>
    linesOf(programOf(`.bss\nH: .f16 8, 4\nG: .bf16 8, 32\nQ: .i8 4\n.text\n${text}\nHALT`));

  test('are counted in their own bytes', () => {
    expect(lines('LOAD.F16 t0, [H]\nSTORE.BF16 [G + 8], t0\nLOAD.I8 t1, [Q]')).toEqual([
      'LOAD.F16 t0, [H], rows=8, cols=4, stride=8',
      'STORE.BF16 [G + 8], t0, stride=64',
      'LOAD.I8 t1, [Q], rows=1, cols=4, stride=4',
      'HALT',
    ]);
    const sizes = 'LI r1, bytes(H)\nLI r2, bytes(G)\nLI r3, bytes(Q)\nLI r4, G - H\nLI r5, Q - G';
    expect(lines(sizes)).toEqual(
      [64, 512, 4, 64, 512].map((n, i) => `LI r${i + 1}, ${n}`).concat('HALT'),
    );
    expect(lines('LOAD.I8 t0, [r0 + Q - 0 + 1], rows=1, cols=3, stride=3')[0]).toContain('[Q + 1]');
    expect(lines('LI r1, H\nLOAD.F16 t0, [r1], rows=2, cols=3')[1]).toContain('stride=6');
  });

  test('are read by the instruction for them, which the diagnostic names', () => {
    const wrong = (line: string) => {
      const data =
        '.bss\nX: .f32 4, 4\nH: .f16 4, 4\nN: .i32 4\n.show X\n.show H\n.show N\n.text\n';
      const { diagnostics } = assembleText(`${data}FILL t0, 0, rows=4, cols=4\n${line}\nHALT`);
      return diagnostics.map(({ code, message, hint }) => `${code}: ${message}; ${hint ?? ''}`);
    };
    expect(wrong('LOAD t0, [H]')).toEqual([
      'wrong-operand-kind: LOAD is for f32, and H is f16; write LOAD.F16',
    ]);
    expect(wrong('STORE.F16 [X + r1], t0')).toEqual([
      'wrong-operand-kind: STORE.F16 is for f16, and X is f32; write STORE',
    ]);
    expect(wrong('LOAD.I8 t0, [N]')).toEqual([
      'wrong-operand-kind: LOAD.I8 is for i8, and N is i32; write LOAD.I32',
    ]);
    expect(wrong('ILOAD r1, [X]')).toEqual([
      'wrong-operand-kind: ILOAD is for i32, and X is f32; ',
    ]);
    expect(wrong('LI r1, X\nILOAD r1, [r1]')).toEqual([]);
  });

  test('have values that are rounded as STORE rounds them', () => {
    const { encode } = FORMATS.f16;
    expect(valuesOf('.f16 4 = [1, 0.1, -65519, inf]')).toEqual([0x3c00, 0x2e66, 0xfbff, 0x7c00]);
    expect(valuesOf('.bf16 3 = [1, 0.1, nan]')).toEqual([0x3f80, 0x3dcd, 0x7fc0]);
    expect(valuesOf('.i8 2, 2 = [[-128, 127], [0, 1]]')).toEqual([-128, 127, 0, 1]);
    expect(valuesOf('.i8 3 = range(-2, 2)')).toEqual([-2, 0, 2]);
    expect(valuesOf('.f16 3, 2 = transpose([[1, 2, 3], [4, 5, 6]])')).toEqual(
      [1, 4, 2, 5, 3, 6].map(encode),
    );
    const normal = valuesOf('.f32 64 = normal(0, 40, seed=3)');
    expect(valuesOf('.f16 64 = normal(0, 40, seed=3)')).toEqual(normal.map(encode));
    expect(valuesOf('.i8 64 = normal(0, 40, seed=3)')).toEqual(normal.map(FORMATS.i8.encode));
    const tensors: MemoryFiles['tensors'] = {
      'f.npy': { dtype: 'f32', shape: [2], data: Float32Array.of(0.1, 2 ** -24) },
      'i.npy': { dtype: 'i32', shape: [2], data: Int32Array.of(-128, 3) },
    };
    expect(valuesOf('.f16 2 = file("f.npy")', { tensors })).toEqual([0x2e66, 1]);
    expect(valuesOf('.i8 2 = file("i.npy")', { tensors })).toEqual([-128, 3]);
    expect(valuesOf('.f16 2 = file("i.npy")', { tensors })).toEqual([-128, 3].map(encode));
  });

  test('are expected after rounding', () => {
    const { expectations } = programOf('.bss\nH: .f16 2\n.expect H == [0.1, 2]\n.text\nHALT');
    const expected = Float32Array.of(FORMATS.f16.decode(0x2e66), 2);
    expect(expectations).toMatchObject([{ kind: 'values', symbol: 'H', expected }]);
  });
});

describe('requests', () => {
  const NOWHERE = { file: '', line: 0, column: 0, length: 0 };
  const program = programOf(`.param LIMIT = 40
.bss
;; the result
Y: .f32 2, 2
tokens: .i32 1
.names Y, cols("x", "y\\"z"), rows("a", "b")
.show Y, "the output"
.show tokens
.expect Y == [[1, 2], [3, 4]]
.expect Y ~= ones(), tolerance=1e-3
.expect cycles(classic5-fwd) <= LIMIT * 2
.expect cycles > 1
.expect instructions == 1
.expect tokens == [1, -2]
.text
.part "layer 0/head 1"
 HALT
.part ""
 HALT`);

  test('expectations', () => {
    const bodies = program.expectations.map((expectation) => ({
      ...expectation,
      text: '',
      span: NOWHERE,
    }));
    expect(bodies).toEqual(
      [
        { kind: 'values', symbol: 'Y', expected: Float32Array.of(1, 2, 3, 4), tolerance: 0 },
        { kind: 'values', symbol: 'Y', expected: Float32Array.of(1, 1, 1, 1), tolerance: 1e-3 },
        count('cycles', 'classic5-fwd', '<=', 80),
        count('cycles', undefined, '>', 1),
        count('instructions', undefined, '==', 1),
        { kind: 'tokens', tokens: [1, -2] },
      ].map((body) => ({ ...body, text: '', span: NOWHERE })),
    );
    expect(program.expectations[2]!.text).toBe('cycles(classic5-fwd) <= LIMIT * 2');
    expect(program.expectations[2]!.span).toMatchObject({ line: 11, column: 1 });
  });

  function count(quantity: string, machine: string | undefined, comparison: string, value: number) {
    return { kind: 'count', quantity, machine, comparison, value };
  }

  test('names, titles, docs and parts', () => {
    expect(program.symbols[0]).toMatchObject({
      doc: 'the result',
      rowNames: ['a', 'b'],
      colNames: ['x', 'y"z'],
    });
    expect(program.shows).toEqual([
      { symbol: 'Y', title: 'the output' },
      { symbol: 'tokens', title: 'tokens' },
    ]);
    expect(program.parts).toEqual(['layer 0/head 1', '']);
  });
});

describe('params', () => {
  const text = ';; length\n.param SEQ = 4 * 2\n.equ DOUBLE, SEQ * 2\nLI r1, DOUBLE\nHALT';

  test('have a value that the outside may replace', () => {
    expect(programOf(text).params).toEqual([{ name: 'SEQ', value: 8, doc: 'length' }]);
    const replaced = programOf(text, {}, { params: { SEQ: 3 } });
    expect(replaced.params[0]!.value).toBe(3);
    expect(linesOf(replaced)[0]).toBe('LI r1, 6');
  });

  test('that do not exist are mistakes', () => {
    const { program, diagnostics } = assembleText(text, {}, { params: { SEK: 3 } });
    expect(program).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: 'unknown-param', hint: 'did you mean SEQ?' }]);
    const equ = assembleText(text, {}, { params: { DOUBLE: 3 } });
    expect(equ.diagnostics.map((d) => d.code)).toEqual(['unknown-param']);
  });
});

test('five mistakes in one file are five diagnostics, in the order of the text', () => {
  const { diagnostics } = assembleText(`.data
X: .f32 2 = [1, 2, 3]
.text
      SOFTMX t0, t1
      LOAD t0, [Y]
      COPY t0 t1
      BEQ r0, 0, nowhere
`);
  expect(diagnostics.map(place)).toEqual([
    '2:13 element-count',
    '4:7 unknown-instruction',
    '5:17 unknown-name',
    '6:15 syntax',
    '7:18 unknown-name',
  ]);
});

test('a symbol that nothing names is a warning, and the program is good', () => {
  const { program, diagnostics } = assembleText(
    '.bss\nX: .f32 2\nY: .f32 rows(Z)\nZ: .f32 1\n.show Y\n.text\nHALT',
  );
  expect(program).toBeDefined();
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'unused-symbol' }]);
  expect(diagnostics.map(place)).toEqual(['2:1 unused-symbol']);
});

test('the program remembers where it came from', () => {
  const { host } = memoryHost({ texts: { 'lib/a.lasm': '      HALT\n' } });
  const text = '.include "lib/a.lasm"\r\n';
  const { program } = assemble('some/where/main.lasm', text, host);
  expect(program!.name).toBe('main.lasm');
  expect(program!.sources.map((s) => s.file)).toEqual([
    'some/where/main.lasm',
    'some/where/lib/a.lasm',
  ]);
  expect(program!.spans).toEqual([
    { file: 'some/where/lib/a.lasm', line: 1, column: 7, length: 4 },
  ]);
});
