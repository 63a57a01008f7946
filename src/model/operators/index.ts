/** Every operator of model graphs. */
import { ATTENTION } from './attention.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { MOVEMENT } from './movement.ts';
import type { Operator } from './operator.ts';
import { PRODUCTS } from './products.ts';
import { RECURRENT } from './recurrent.ts';
import { ROWS } from './rows.ts';

/** In the order of the manual. */
export const OPERATORS: readonly Operator[] = [
  ...PRODUCTS,
  ...ELEMENTWISE,
  ...ROWS,
  ...MOVEMENT,
  ...ATTENTION,
  ...RECURRENT,
];

const byName = new Map(OPERATORS.map((operator) => [operator.name, operator]));

/** The operator of this name. */
export function findOperator(name: string): Operator | undefined {
  return byName.get(name);
}
