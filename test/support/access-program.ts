/** Random programs of nothing but loads and stores in a few bytes, so that accesses meet. */
import fc from 'fast-check';
import type { Program } from '../../src/program/program.ts';
import { assembleText } from './run.ts';

const ROW_BYTES = 16;

/** The middle rows of 4 × 4 elements, so that a neighbouring row is there on both sides. */
const ACCESS = fc.record({
  mnemonic: fc.constantFrom('LOAD', 'STORE'),
  tile: fc.nat(3),
  row: fc.integer({ min: 1, max: 2 }),
  column: fc.nat(2),
  rows: fc.integer({ min: 1, max: 2 }),
  cols: fc.integer({ min: 1, max: 2 }),
  stride: fc.constantFrom(ROW_BYTES, -ROW_BYTES),
});

type Access = typeof ACCESS extends fc.Arbitrary<infer T> ? T : never;

/** Tile t is (1 + t mod 2) × (1 + t div 2) at the start; a load gives it another shape. */
function prologue(tile: number): string {
  return `FILL t${tile}, 0, rows=${1 + (tile % 2)}, cols=${1 + Math.floor(tile / 2)}`;
}

function lineOf({ mnemonic, tile, row, column, rows, cols, stride }: Access): string {
  const address = `[M + ${row * ROW_BYTES + column * 4}]`;
  return mnemonic === 'LOAD'
    ? `LOAD t${tile}, ${address}, rows=${rows}, cols=${cols}, stride=${stride}`
    : `STORE ${address}, t${tile}, stride=${stride}`;
}

/** Straight-line programs that never trap. */
export const accessProgram: fc.Arbitrary<{ readonly program: Program; readonly text: string }> = fc
  .array(ACCESS, { minLength: 2, maxLength: 12 })
  .map((accesses) => {
    const lines = [...[0, 1, 2, 3].map(prologue), ...accesses.map(lineOf), 'HALT'];
    const text = `.data\nM: .f32 4, 4 = zeros()\n.text\n${lines.join('\n')}\n.show M\n`;
    return { program: assembleText(text), text };
  });
