/** What the grammar and its shortcut make of operators, signs and whole numbers. */
import type { BinaryOperator, Expression } from './ast.ts';

/** 2^53: up to here integers are exact. */
export const MAX_INTEGER = Number.MAX_SAFE_INTEGER + 1;

/** Binding strength of the operators; all associate to the left. */
export const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = {
  '==': 1,
  '!=': 1,
  '<=': 1,
  '>=': 1,
  '<': 1,
  '>': 1,
  '~=': 1,
  '+': 2,
  '-': 2,
  '*': 3,
  '/': 3,
  '//': 3,
  '%': 3,
};

/** The operand behind a minus that stands at `start`. */
export function negate(operand: Expression, start: number): Expression {
  const { end } = operand;
  if (operand.kind === 'number') return { kind: 'number', value: -operand.value, start, end };
  return { kind: 'negation', operand, start, end };
}
