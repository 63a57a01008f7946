/** SOFTMAX in SIMD, a row at a time in scratch space; steps and order are those of the plain kernel. */

import { advance, defineFunction, get, integers, repeat, set, whileTrue } from './assembler.ts';
import { sequence, when } from './assembler.ts';
import { exponential } from './exp.ts';
import { FLOAT_BYTES, declareConstants } from './loops.ts';
import { f32, float, i32, int, v128 } from './operations.ts';
import { declareRow, laneSum, largest, measureRow, overVectors, padRow } from './rows.ts';

/**
 * `softmax(out, source, rows, rowBytes, factor, visible, step, scratch)`: the first row sees `visible` columns,
 * each further one `step` more, and never more than there are, nor fewer than none.
 *
 * Padding is −∞, which changes no maximum; its exponential is the +0 that changes no sum.
 */
export const softmaxFunction = defineFunction(
  'softmax',
  {
    ...integers('out', 'source', 'rows', 'rowBytes'),
    factor: 'f32',
    ...integers('visible', 'step', 'scratch'),
  },
  ({ out, source, rows, rowBytes, factor, visible, step, scratch }, declare) => {
    const row = declareRow(scratch, declare);
    const [seenBytes, to] = [declare('i32'), declare('i32')];
    const [maximum, total] = [declare('f32'), declare('f32')];
    const constants = declareConstants(declare);
    const exp = exponential(declare, constants);
    const offset = i32.sub(get(row.at), get(row.start));
    const { at } = row;
    const shifted = v128.sub(v128.load(get(at)), v128.splat(get(maximum)));
    const scaled = v128.mul(v128.splat(get(factor)), v128.load(i32.add(get(source), offset)));
    const share = v128.div(v128.load(get(at)), v128.splat(get(total)));
    const normalise = sequence(
      overVectors(row, v128.store(get(at), exp(shifted))),
      padRow(row, 0),
      set(total, laneSum(row)),
      overVectors(row, v128.store(i32.add(get(out), offset), share)),
    );
    const zero = sequence(
      set(to, i32.add(get(out), get(seenBytes))),
      whileTrue(
        i32.below(get(to), i32.add(get(out), get(rowBytes))),
        sequence(f32.store(get(to), float(0)), advance(to, int(FLOAT_BYTES))),
      ),
    );
    const seen = sequence(
      set(seenBytes, i32.mul(get(visible), int(FLOAT_BYTES))),
      when(i32.lessSigned(get(visible), int(0)), set(seenBytes, int(0))),
      when(i32.below(get(rowBytes), get(seenBytes)), set(seenBytes, get(rowBytes))),
    );
    const each = sequence(
      seen,
      measureRow(row, get(seenBytes)),
      overVectors(row, v128.store(get(at), scaled)),
      padRow(row, -Infinity),
      set(maximum, largest(row)),
      when(f32.equal(get(maximum), float(-Infinity)), set(seenBytes, int(0)), normalise),
      zero,
      advance(out, get(rowBytes)),
      advance(source, get(rowBytes)),
      advance(visible, get(step)),
    );
    return sequence(constants.prepare(), repeat(rows, each));
  },
);
