/** Arguments of commands: numbers and targets; each function throws a Mistake that says what to write. */
import type { Program } from '../program/program.ts';
import type { BreakTarget } from './breakpoints.ts';
import { Mistake } from './mistake.ts';
import type { ValueTarget } from './show-values.ts';
import { lineTarget, rangeTarget, registerTarget, symbolTarget } from './target.ts';

/** What a breakpoint is to watch. */
export function breakTargetOf(program: Program, text: string): BreakTarget {
  required(text === '' ? undefined : text, 'a line, a register or a symbol');
  return lineTarget(program, text) ?? registerTarget(text) ?? symbolTarget(program, text);
}

/** What is to be shown. */
export function valueTargetOf(program: Program, args: readonly string[]): ValueTarget {
  const [first = '', second, ...rest] = args;
  required(args[0], 'a register, a symbol, or an address and a shape');
  if (!/^\d+$/.test(first)) {
    const text = args.join('');
    return registerTarget(text) ?? symbolTarget(program, text);
  }
  if (second === undefined || rest.length > 0) {
    throw new Mistake('an address needs a shape', `such as: print ${first} 4x4`);
  }
  return rangeTarget(program, first, second);
}

/** An argument that may not be left out. */
export function required(text: string | undefined, what: string): string {
  if (text !== undefined) return text;
  throw new Mistake(`name ${what}`);
}

/** How often; once when nothing is said. */
export function countOf(text: string | undefined): number {
  const count = text === undefined ? 1 : wholeNumber(text, 'a number');
  if (count >= 1) return count;
  throw new Mistake('0 goes nowhere', 'write a number from 1 up');
}

/** A whole number from 0 up. */
export function wholeNumber(text: string | undefined, what: string): number {
  const word = required(text, what);
  if (/^\d+$/.test(word) && Number.isSafeInteger(Number(word))) return Number(word);
  throw new Mistake(`${word} is not ${what}`, 'write a whole number');
}
