/** NORM.LAYER and NORM.RMS in SIMD, a row at a time in scratch space; steps and order are those of the plain kernels. */

import type { Local } from './assembler.ts';
import { advance, defineFunction, get, integers, repeat, sequence, set } from './assembler.ts';
import type { Code } from './encoder.ts';
import { FLOAT_BYTES } from './loops.ts';
import { double, f32, f64, float, i32, v128 } from './operations.ts';
import type { ScratchRow } from './rows.ts';
import { declareRow, fillRow, laneSum, laneSumOfSquares, measureRow } from './rows.ts';
import { overVectors, padRow } from './rows.ts';

/** inverse ← `rsqrt32` of the mean square of the row plus eps: two float64 operations, rounded once. */
function setInverse(inverse: Local, row: ScratchRow, term: Local, cols: Code, eps: Local): Code {
  const variance = f32.div(laneSumOfSquares(row, term), cols);
  const root = f64.sqrt(f64.fromFloat(f32.add(variance, get(eps))));
  return set(inverse, f32.fromDouble(f64.div(double(1), root)));
}

/**
 * `normLayer(out, source, gain, bias, rows, rowBytes, eps, scratch)`. The row becomes d = x − mean, and is
 * padded with 0 again, for a padded 0 minus the mean is none.
 */
export const normLayerFunction = defineFunction(
  'normLayer',
  {
    ...integers('out', 'source', 'gain', 'bias', 'rows', 'rowBytes'),
    eps: 'f32',
    ...integers('scratch'),
  },
  ({ out, source, gain, bias, rows, rowBytes, eps, scratch }, declare) => {
    const row = declareRow(scratch, declare);
    const [mean, inverse, cols] = [declare('f32'), declare('f32'), declare('f32')];
    const term = declare('v128');
    const at = get(row.at);
    const offset = i32.sub(at, get(row.start));
    const beside = (base: Local) => i32.add(get(base), offset);
    const unit = v128.mul(v128.load(at), v128.splat(get(inverse)));
    const result = v128.add(v128.mul(unit, v128.load(beside(gain))), v128.load(beside(bias)));
    const each = sequence(
      fillRow(row, source, 0),
      set(mean, f32.div(laneSum(row), get(cols))),
      overVectors(row, v128.store(at, v128.sub(v128.load(at), v128.splat(get(mean))))),
      padRow(row, 0),
      setInverse(inverse, row, term, get(cols), eps),
      overVectors(row, v128.store(beside(out), result)),
    );
    return overRows({ out, source, rows, rowBytes }, row, cols, each);
  },
);

/** `normRms(out, source, gain, rows, rowBytes, eps, scratch)`. */
export const normRmsFunction = defineFunction(
  'normRms',
  {
    ...integers('out', 'source', 'gain', 'rows', 'rowBytes'),
    eps: 'f32',
    ...integers('scratch'),
  },
  ({ out, source, gain, rows, rowBytes, eps, scratch }, declare) => {
    const row = declareRow(scratch, declare);
    const [inverse, cols, term] = [declare('f32'), declare('f32'), declare('v128')];
    const at = get(row.at);
    const beside = (base: Local) => i32.add(get(base), i32.sub(at, get(row.start)));
    const unit = v128.mul(v128.load(at), v128.splat(get(inverse)));
    const each = sequence(
      fillRow(row, source, 0),
      setInverse(inverse, row, term, get(cols), eps),
      overVectors(row, v128.store(beside(out), v128.mul(unit, v128.load(beside(gain))))),
    );
    return overRows({ out, source, rows, rowBytes }, row, cols, each);
  },
);

type Operands = Readonly<Record<'out' | 'source' | 'rows' | 'rowBytes', Local>>;

function overRows(
  { out, source, rows, rowBytes }: Operands,
  row: ScratchRow,
  cols: Local,
  each: Code,
): Code {
  return sequence(
    measureRow(row, get(rowBytes)),
    set(cols, f32.div(f32.fromInt(get(rowBytes)), float(FLOAT_BYTES))),
    repeat(rows, each, advance(out, get(rowBytes)), advance(source, get(rowBytes))),
  );
}
