/** Walks of programs with and without repeated rounds, and machines that can repeat them. */
import fc from 'fast-check';
import { staticInstruction } from '../../isa/registers.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Program } from '../../src/program/program.ts';
import type { Books } from '../../src/timing/books/index.ts';
import { runBlockBooks } from '../../src/timing/books/index.ts';
import type { WalkOptions } from '../../src/walk/walker.ts';
import { Walker } from '../../src/walk/walker.ts';
import { conflictingMachine } from '../support/any-machine.ts';
import { IN_ORDER, randomMachine } from '../support/random-machine.ts';

/** Nothing is too short to be skipped. */
const WORTH_SKIPPING = 1;

/** What a walk comes to: books, trap, and how many instructions were not walked. */
export function walkBooks(program: Program, machine: Machine, options: WalkOptions = {}) {
  const walker = new Walker(program, { worthSkipping: WORTH_SKIPPING, ...options });
  const code = program.code.map(staticInstruction);
  const books = runBlockBooks(machine, code, walker, { maxCycles: Number.MAX_SAFE_INTEGER });
  const { trap, instructions, skipped } = walker;
  return { result: { books: compact(books), trap, instructions }, skipped };
}

/** Tables as their entries other than 0: nearly all are. */
function compact(books: Books) {
  const entries = Object.entries(books).map(([key, value]: [string, unknown]) =>
    value instanceof Float64Array ? [key, nonZero(value)] : [key, value],
  );
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function nonZero(table: Float64Array): Record<number, number> {
  const entries: Record<number, number> = {};
  table.forEach((value, i) => {
    if (value !== 0) entries[i] = value;
  });
  return entries;
}

/** The machine, made to issue in order and without a cache: others time every round. */
function inOrder(machine: Machine, execution: (typeof IN_ORDER)[number]): Machine {
  const pipeline = { ...machine.pipeline, execution, width: 1, dependencies: true };
  return { ...machine, tile: Math.max(machine.tile, 8), cache: null, pipeline };
}

/** Random machines whose states come back. */
export const periodicMachine: fc.Arbitrary<Machine> = fc
  .tuple(
    fc.oneof(conflictingMachine, randomMachine({ executions: IN_ORDER, tile: 8 })),
    fc.constantFrom(...IN_ORDER),
  )
  .map(([machine, execution]) => inOrder(machine, execution));
