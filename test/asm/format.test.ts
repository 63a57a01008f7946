/** The canonical layout: what it looks like, and that it changes nothing else. */
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSource } from '../../src/asm/format.ts';
import { assembleText } from './support/assemble.ts';
import { mutated, soup } from './support/soup.ts';

const FOLDER = new URL('../../programs/', import.meta.url);
const PROGRAMS = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.lasm'))
  .map((name) => readFileSync(new URL(name, FOLDER), 'utf8'));

test('a program in the canonical layout', () => {
  const wild = `

; a title
.TILE 16
.param SEQ=8 ;; not a doc
  .equ   D ,16


.data
X:.f32 SEQ,D=normal( 0 , - 1,seed = 1 ) ; the x
Weights:   .f32 2,2*- -D = [ 1,2 , ; a
 3, (4+ -1) ; b
   ]
.names  X,rows( "a;b" , "c" )
loop:  load t0,[X+r1- 4] , rows = r6 ; c
   matmul.t.acc t1 ,t2,t3  ; long
longlabel: HALT
  ; indented
.macro foo a,b = 3
 MATMUL.\\suf t\\a\\()x,t \\b
.endm
.expect cycles( classic5 - fwd )<=100
.expect X~=file("a b.npy") [ 1:2, : ],tolerance = 1e-6
 bad   @ line "
`;
  expect(formatSource(wild)).toBe(`; a title
.tile 16
.param SEQ = 8  ;; not a doc
.equ D, 16

.data
X:       .f32 SEQ, D = normal(0, -1, seed=1)  ; the x
Weights: .f32 2, 2 * --D = [1, 2,             ; a
  3, (4 + -1)                                 ; b
]
.names X, rows("a;b", "c")
loop: LOAD        t0, [X + r1 - 4], rows=r6  ; c
      MATMUL.T.ACC t1, t2, t3                ; long
longlabel: HALT
      ; indented
.macro foo a, b=3
      MATMUL.\\suf t\\a\\()x, t \\b
.endm
.expect cycles(classic5-fwd) <= 100
.expect X ~= file("a b.npy")[1:2, :], tolerance=1e-6
 bad   @ line "
`);
});

test('an empty text stays empty', () => {
  expect(formatSource('')).toBe('');
  expect(formatSource('\n \n\t\n')).toBe('');
});

/** What a text means: a program without the places where it was written, or where it goes wrong. */
function meaningOf(text: string): unknown {
  const { program, diagnostics } = assembleText(text);
  if (!program) {
    return diagnostics
      .filter((d) => d.severity === 'error')
      .map((d) => d.code)
      .sort();
  }
  return JSON.parse(
    JSON.stringify({
      ...program,
      spans: 0,
      sources: 0,
      code: program.code.map(({ definition, ...i }) => [definition.mnemonic, i]),
      labels: program.labels.map((label) => ({ ...label, span: 0 })),
      symbols: program.symbols.map((symbol) => ({ ...symbol, span: 0 })),
      expectations: program.expectations.map((e) => ({ ...e, span: 0, text: 0 })),
    }),
  );
}

test('the programs of this project keep their meaning', () => {
  expect(PROGRAMS.length).toBeGreaterThan(3);
  for (const text of PROGRAMS) {
    const formatted = formatSource(text);
    expect(meaningOf(formatted)).toEqual(meaningOf(text));
    expect(formatSource(formatted)).toBe(formatted);
  }
});

test('any text keeps its meaning, and is formatted once and for all', () => {
  fc.assert(
    fc.property(fc.oneof(soup, mutated(soup)), (text) => {
      const formatted = formatSource(text);
      expect(formatSource(formatted)).toBe(formatted);
      expect(meaningOf(formatted)).toEqual(meaningOf(text));
    }),
    { seed: 31, numRuns: 1500 },
  );
});

test('random characters are formatted once and for all', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, (sample) => {
      const formatted = formatSource(sample);
      expect(formatSource(formatted)).toBe(formatted);
    }),
    { seed: 32, numRuns: 1000 },
  );
});
