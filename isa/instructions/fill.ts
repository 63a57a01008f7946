import { fill as kernel } from '../../src/tensor/kernels/layout.ts';
import { passes } from '../work.ts';
import { defineInstruction } from '../instruction.ts';
import { integerKey, number, writesTile } from '../operand.ts';
import { requireRange } from '../shapes.ts';

/** FILL: a tile of one value. */
export const fill = defineInstruction({
  mnemonic: 'FILL',
  opcode: 0x1f,
  set: 'vector',
  unit: 'vec',
  summary: 'td ← rows × cols copies of value',
  manual: `
Gives accumulators their start without a trip to memory: zeros for a sum, a very negative number
for a running maximum, the initial state of a recurrent cell.`,
  example: 'FILL t0, 0, rows=8, cols=16',
  operands: {
    td: writesTile('the filled tile'),
    value: number('rounded to float32'),
    rows: integerKey('rows, at least 1'),
    cols: integerKey('columns, at least 1'),
  },
  shape({ rows, cols }) {
    const hint = 'a tile has at least one row and one column';
    requireRange('rows', rows, 1, Infinity, hint);
    requireRange('cols', cols, 1, Infinity, hint);
    return { rows, cols };
  },
  work: ({ rows, cols }) => ({ kind: 'elements', operations: passes(rows * cols, 'vec:move') }),
  execute({ value, rows, cols }, { out }) {
    kernel(out, rows, cols, value);
  },
});
