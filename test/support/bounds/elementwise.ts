/** Bounds of ADD, SUB, MUL, DIV, MAX with broadcast, and of RELU: at most one rounding each. */
import { requireFit, zeros } from '../../../src/reference/matrix.ts';
import type { Bounded } from './bounded.ts';
import { mapBounded } from './bounded.ts';
import { afterRoundings } from './rounding.ts';

type Scalar = (x: number, y: number) => number;

/** Most |machine's f(x′, y′) − f(x, y)| when |x′ − x| ≤ dx and |y′ − y| ≤ dy. */
type Propagation = (x: number, dx: number, y: number, dy: number) => number;

/** a + b; either operand may be a row, a column or a single number. */
export function add(a: Bounded, b: Bounded): Bounded {
  return combine('add', a, b, (x, y) => x + y, plus);
}

/** a − b, broadcast as in `add`. */
export function sub(a: Bounded, b: Bounded): Bounded {
  return combine('sub', a, b, (x, y) => x - y, plus);
}

/** a · b, broadcast as in `add`. */
export function mul(a: Bounded, b: Bounded): Bounded {
  return combine('mul', a, b, (x, y) => x * y, product);
}

/** a / b, broadcast as in `add`; unbounded where the machine's divisor might be 0. */
export function div(a: Bounded, b: Bounded): Bounded {
  return combine('div', a, b, (x, y) => x / y, quotient);
}

/** The larger of a and b, broadcast as in `add`. It rounds nothing. */
export function max(a: Bounded, b: Bounded): Bounded {
  const larger: Propagation = (_x, dx, _y, dy) => Math.max(dx, dy);
  return combine('max', a, b, Math.max, larger, 0);
}

/** max(0, a). It rounds nothing. */
export function relu(a: Bounded): Bounded {
  const clamp = (x: number) => Math.max(0, x);
  return mapBounded(a, clamp, (x, dx) =>
    Math.max(clamp(x + dx) - clamp(x), clamp(x) - clamp(x - dx)),
  );
}

const plus: Propagation = (_x, dx, _y, dy) => dx + dy;

/** |x′y′ − xy| ≤ |x|·dy + |y|·dx + dx·dy. */
export const product: Propagation = (x, dx, y, dy) => Math.abs(x) * dy + Math.abs(y) * dx + dx * dy;

/** |x′/y′ − x/y| ≤ (dx + |x/y|·dy) / (|y| − dy). */
export const quotient: Propagation = (x, dx, y, dy) => {
  const nearest = Math.abs(y) - dy;
  if (nearest <= 0) return dx === 0 && dy === 0 ? 0 : Infinity; // x/0 itself is exact in IEEE 754
  return (dx + Math.abs(x / y) * dy) / nearest;
};

function combine(
  operation: string,
  a: Bounded,
  b: Bounded,
  f: Scalar,
  propagate: Propagation,
  roundings = 1,
): Bounded {
  const rows = Math.max(a.value.rows, b.value.rows);
  const cols = Math.max(a.value.cols, b.value.cols);
  const value = zeros(rows, cols);
  const error = zeros(rows, cols);
  const [indexA, indexB] = [a, b].map((operand) => {
    const { rows: m, cols: n } = operand.value;
    const fits = (m === rows || m === 1) && (n === cols || n === 1);
    requireFit(fits, operation, a.value, b.value);
    return (i: number, j: number) => (m === 1 ? 0 : i) * n + (n === 1 ? 0 : j);
  });
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const [p, q] = [indexA(i, j), indexB(i, j)];
      const [x, y] = [a.value.data[p], b.value.data[q]];
      const moved = propagate(x, a.error.data[p], y, b.error.data[q]);
      const at = i * cols + j;
      value.data[at] = f(x, y);
      error.data[at] = roundings ? afterRoundings(value.data[at], moved, roundings) : moved;
    }
  }
  return { value, error };
}
