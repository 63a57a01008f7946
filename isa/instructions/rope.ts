import { elementWork } from '../element-work.ts';
import { OperandError, defineInstruction } from '../instruction.ts';
import type { PartialShape } from '../operand.ts';
import { readsTile, writesTile } from '../operand.ts';
import { mayEqual, showPartialShape } from '../shapes.ts';

function requireTable(operand: string, table: PartialShape, ts: PartialShape): void {
  const half = ts.cols === undefined ? undefined : ts.cols / 2;
  const rowsFit = table.rows === 1 || mayEqual(table.rows, ts.rows);
  if (rowsFit && mayEqual(table.cols, half)) return;
  throw new OperandError(
    operand,
    `${operand} is ${showPartialShape(table)}, but ts is ${showPartialShape(ts)}`,
    'a table has half the columns of ts, and as many rows or one',
  );
}

/** ROPE: rotary position embedding. */
export const rope = defineInstruction({
  mnemonic: 'ROPE',
  opcode: 0x21,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← each pair (x, y) of a row of ts turned: (x·cos − y·sin, y·cos + x·sin)',
  manual: `
Su et al., "RoFormer" (2021). The pairs are columns (j, j + cols/2), as in Llama, or (2j, 2j + 1)
with .PAIR; tc and tn hold the cosine and sine for each row and pair, so every frequency scheme
is a matter of tables.`,
  example: 'ROPE t3, t0, t1, t2',
  flags: { PAIR: 'pairs of neighbouring columns' },
  operands: {
    td: writesTile('the turned rows'),
    ts: readsTile('the rows, an even number of columns'),
    tc: readsTile('cosines, rows (or 1) × cols/2'),
    tn: readsTile('sines, the shape of tc'),
  },
  shape({ ts, tc, tn }) {
    if (ts.cols !== undefined && ts.cols % 2 !== 0) {
      throw new OperandError('ts', `ts has ${ts.cols} columns`, 'pairs need an even number');
    }
    requireTable('tc', tc, ts);
    requireTable('tn', tn, ts);
    if (!mayEqual(tc.rows, tn.rows)) {
      throw new OperandError(
        'tn',
        `tn is ${showPartialShape(tn)}, but tc is ${showPartialShape(tc)}`,
        'cosines and sines are tables of the same shape',
      );
    }
    return ts;
  },
  work: ({ ts }) => elementWork(ts, 'vec:multiply', 'vec:multiply-add'),
  execute({ ts, tc, tn, PAIR }, { out, kernels }) {
    kernels.rope(out, ts, tc, tn, PAIR);
  },
});
