/** Random programs on four square tiles, so that products meet their sums, readers and writers. */
import fc from 'fast-check';
import type { Program } from '../../src/program/program.ts';
import { assembleText } from './run.ts';

const TILES = 4;
const tile = fc.nat(TILES - 1);
/** A product onto one tile again and again makes chains (UA-16). */
const sum = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: tile });

const line = fc.oneof(
  { weight: 3, arbitrary: sum.chain((d) => products('MATMUL.ACC', d)) },
  { weight: 2, arbitrary: sum.chain((d) => products('MATMUL', d)) },
  { weight: 1, arbitrary: tile.chain((d) => products('ADD', d)) },
  { weight: 1, arbitrary: fc.tuple(tile, tile).map(([d, s]) => `SIGMOID t${d}, t${s}`) },
  { weight: 1, arbitrary: fc.tuple(tile, tile).map(([d, s]) => `COPY t${d}, t${s}`) },
  { weight: 2, arbitrary: fc.tuple(tile, tile).map(([d, m]) => `LOAD t${d}, [M${m}]`) },
  { weight: 1, arbitrary: fc.tuple(tile, tile).map(([s, m]) => `STORE [M${m}], t${s}`) },
);

function products(mnemonic: string, d: number): fc.Arbitrary<string> {
  return fc.tuple(tile, tile).map(([a, b]) => `${mnemonic} t${d}, t${a}, t${b}`);
}

const numbers = Array.from({ length: TILES }, (_, i) => i);
const DATA = numbers.map((i) => `M${i}: .f32 4, 4 = zeros()`).join('\n');
/** Nothing waits for these for long. */
const PROLOGUE = numbers.map((i) => `FILL t${i}, 0, rows=4, cols=4`).join('\n');
const SHOWN = numbers.map((i) => `.show M${i}`).join('\n');

/** Straight-line programs that never trap. */
export const tileProgram: fc.Arbitrary<{ readonly program: Program; readonly text: string }> = fc
  .array(line, { minLength: 4, maxLength: 16, size: 'max' })
  .map((lines) => {
    const code = [PROLOGUE, ...lines, 'HALT'].join('\n');
    const text = `.tile 4\n.data\n${DATA}\n${SHOWN}\n.text\n${code}\n`;
    return { program: assembleText(text), text };
  });
