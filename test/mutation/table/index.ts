/** All mutations, in the order of the rules. */
import type { Mutation } from '../mutation.ts';
import { BOOKS } from './books.ts';
import { CACHE } from './cache.ts';
import { COST } from './cost.ts';
import { DRAM } from './dram.ts';
import { FRONT_END } from './front-end.ts';
import { IN_ORDER } from './in-order.ts';
import { OTHER_HAZARDS } from './other-hazards.ts';
import { REGISTER_HAZARDS } from './register-hazards.ts';
import { SCOREBOARD } from './scoreboard.ts';
import { STATIONS } from './stations.ts';
import { TOMASULO } from './tomasulo.ts';

const number = ({ rule }: Mutation) => Number(rule.slice('UA-'.length));

export const MUTATIONS: readonly Mutation[] = [
  ...FRONT_END,
  ...COST,
  ...DRAM,
  ...CACHE,
  ...IN_ORDER,
  ...REGISTER_HAZARDS,
  ...OTHER_HAZARDS,
  ...SCOREBOARD,
  ...TOMASULO,
  ...STATIONS,
  ...BOOKS,
].sort((a, b) => number(a) - number(b));
