/** All mutations, in the order of the rules. */
import type { Mutation } from '../mutation.ts';
import { BOOKS } from './books.ts';
import { COST } from './cost.ts';
import { FRONT_END } from './front-end.ts';
import { IN_ORDER } from './in-order.ts';
import { MEMORY } from './memory.ts';
import { SCOREBOARD } from './scoreboard.ts';
import { TOMASULO } from './tomasulo.ts';

const number = ({ rule }: Mutation) => Number(rule.slice('UA-'.length));

export const MUTATIONS: readonly Mutation[] = [
  ...FRONT_END,
  ...COST,
  ...MEMORY,
  ...IN_ORDER,
  ...SCOREBOARD,
  ...TOMASULO,
  ...BOOKS,
].sort((a, b) => number(a) - number(b));
