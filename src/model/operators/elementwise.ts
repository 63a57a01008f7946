/** Operators that work on each element by itself, broadcasting their operands. */
import type { TensorType } from '../graph.ts';
import { showType } from '../graph.ts';
import type { Operator } from './operator.ts';
import { defineOperator } from './operator.ts';
import type { Operands } from './shapes.ts';
import { broadcast, need } from './shapes.ts';

function allOf(inputs: Operands, dtypes: readonly string[]): readonly TensorType[] {
  return inputs.map((type) => {
    need(
      type !== undefined && dtypes.includes(type.dtype),
      `an operand is ${type ? showType(type) : 'missing'}`,
      `${dtypes.join(' or ')} is needed`,
    );
    return type;
  });
}

const X = { name: 'x', doc: 'the operand' };
const PAIR = [
  { name: 'a', doc: 'left operand' },
  { name: 'b', doc: 'right operand' },
];

const unary = (name: string, doc: string): Operator =>
  defineOperator({
    name,
    group: 'elementwise',
    doc,
    inputs: [X],
    outputs: ['y'],
    infer: (inputs) => allOf(inputs, ['f32']),
  });

/** Both operands of one type, which the result has too. */
const binary = (name: string, doc: string, dtypes = ['f32', 'i32', 'bool']): Operator =>
  defineOperator({
    name,
    group: 'elementwise',
    doc,
    inputs: PAIR,
    outputs: ['y'],
    infer(inputs) {
      const [a, b] = allOf(inputs, dtypes) as [TensorType, TensorType];
      need(a.dtype === b.dtype, `${showType(a)} with ${showType(b)}`, 'cast one of them');
      return [{ dtype: a.dtype, shape: broadcast([a, b]) }];
    },
  });

const compare = (name: string, doc: string): Operator =>
  defineOperator({
    name,
    group: 'elementwise',
    doc,
    inputs: PAIR,
    outputs: ['y'],
    infer: (inputs) => [{ dtype: 'bool', shape: broadcast(allOf(inputs, ['f32', 'bool'])) }],
  });

export const ELEMENTWISE: readonly Operator[] = [
  binary('add', 'a + b'),
  binary('sub', 'a − b'),
  binary('mul', 'a · b'),
  binary('div', 'a / b; of integers, towards zero'),
  binary('max', 'the larger of a and b'),
  binary('min', 'the smaller of a and b'),
  binary('pow', 'a to the power of b', ['f32']),
  binary('rem', 'a − trunc(a / b) · b, which has the sign of a', ['i32']),
  unary('neg', '−x'),
  unary('exp', 'eˣ'),
  unary('log', 'natural logarithm'),
  unary('sqrt', '√x'),
  unary('rsqrt', '1 / √x'),
  unary('reciprocal', '1 / x'),
  unary('erf', 'error function'),
  unary('relu', 'max(x, 0)'),
  unary('sigmoid', '1 / (1 + e⁻ˣ)'),
  unary('tanh', 'hyperbolic tangent'),
  unary('silu', 'x · sigmoid(x)'),
  unary('gelu', 'x · Φ(x), Φ the normal distribution function'),
  unary('gelu_tanh', 'x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))'),
  compare('less', '1 where a < b, else 0'),
  compare('equal', '1 where a = b, else 0'),
  defineOperator({
    name: 'where',
    group: 'elementwise',
    doc: 'a where the condition is not 0, else b',
    inputs: [{ name: 'condition', doc: 'bool or f32' }, ...PAIR],
    outputs: ['y'],
    infer([condition, ...others]) {
      const [a, b] = allOf(others, ['f32', 'bool']) as [TensorType, TensorType];
      const shape = broadcast([...allOf([condition], ['bool', 'f32']), a, b]);
      need(a.dtype === b.dtype, `${showType(a)} with ${showType(b)}`, 'cast one of them');
      return [{ dtype: a.dtype, shape }];
    },
  }),
  defineOperator({
    name: 'cast',
    group: 'elementwise',
    doc: 'x as another type: to i32 towards zero, to bool whether it is not 0',
    inputs: [X],
    attributes: { to: { kind: 'text', doc: '`f32`, `i32` or `bool`' } },
    outputs: ['y'],
    infer(inputs, { to }) {
      const [x] = allOf(inputs, ['f32', 'i32', 'bool']);
      need(to === 'f32' || to === 'i32' || to === 'bool', `there is no type ${String(to)}`);
      return [{ dtype: to, shape: x!.shape }];
    },
  }),
];
