/** Every operator that the evaluator knows. */
import { ATTENTION } from './attention.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { MOVEMENT } from './movement.ts';
import type { Operations } from './operation.ts';
import { PRODUCTS } from './products.ts';
import { RECURRENT } from './recurrent.ts';
import { ROWS } from './rows.ts';

export const OPERATIONS: Operations = {
  ...PRODUCTS,
  ...ELEMENTWISE,
  ...ROWS,
  ...MOVEMENT,
  ...ATTENTION,
  ...RECURRENT,
};
