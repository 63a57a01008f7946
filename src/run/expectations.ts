/** Checks what a program says must be true after it has run. */
import type { Comparison, Expectation, Program } from '../program/program.ts';
import { findSymbol, matrixShape } from '../program/program.ts';
import { firstDifference } from '../tensor/compare.ts';
import type { Vm } from '../vm/vm.ts';
import { symbolValues } from './outputs.ts';

export interface ExpectationResult {
  /** As written in the program. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** `skipped`: it speaks of another machine, or of inputs that were replaced. */
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was found instead; '' unless it failed. */
  readonly message: string;
}

/** What expectations may speak of. */
export interface RunFacts {
  readonly machine: string;
  readonly cycles: number;
  readonly instructions: number;
  /** Whether data or the prompt was replaced, so that the program's own values do not count. */
  readonly hasOtherInputs: boolean;
}

/** Every expectation of the program, in its order. */
export function checkExpectations(program: Program, vm: Vm, facts: RunFacts): ExpectationResult[] {
  return program.expectations.map((expectation) => {
    const { text, span } = expectation;
    const place = { text, file: span.file, line: span.line };
    if (isForOtherRun(expectation, facts)) return { ...place, status: 'skipped', message: '' };
    const message = failureOf(expectation, vm, facts);
    return { ...place, status: message === '' ? 'passed' : 'failed', message };
  });
}

function isForOtherRun(expectation: Expectation, facts: RunFacts): boolean {
  const { machine, hasOtherInputs } = facts;
  if (expectation.kind !== 'count') return hasOtherInputs;
  return expectation.machine !== undefined && expectation.machine !== machine;
}

function failureOf(expectation: Expectation, vm: Vm, facts: RunFacts): string {
  switch (expectation.kind) {
    case 'values':
      return valuesFailure(expectation, vm);
    case 'count': {
      const found = facts[expectation.quantity];
      const holds = compare(found, expectation.comparison, expectation.value);
      return holds ? '' : `found ${found} ${expectation.quantity}`;
    }
    case 'tokens': {
      const found = vm.emittedTokens;
      const same =
        found.length === expectation.tokens.length &&
        found.every((token, i) => token === expectation.tokens[i]);
      return same ? '' : `the program emitted [${found.slice(0, 32).join(', ')}]`;
    }
  }
  return expectation satisfies never;
}

function valuesFailure(
  { symbol: name, expected, tolerance }: Extract<Expectation, { kind: 'values' }>,
  vm: Vm,
): string {
  const symbol = findSymbol(vm.program, name);
  if (!symbol) throw new Error(`invariant: expectation of unknown symbol ${name}`);
  const actual = symbolValues(vm, symbol);
  const index = firstDifference(actual, expected, tolerance);
  if (index < 0) return '';
  const { cols } = matrixShape(symbol.shape);
  const [row, col] = [Math.floor(index / cols), index % cols];
  const difference = Math.abs(actual[index]! - expected[index]!);
  const found = `${name}[${row}, ${col}] is ${actual[index]}, expected ${expected[index]}`;
  return Number.isNaN(actual[index])
    ? `${found}: it was never stored, or computed from NaN`
    : `${found} (off by ${difference.toPrecision(3)}, tolerance ${tolerance})`;
}

function compare(a: number, comparison: Comparison, b: number): boolean {
  switch (comparison) {
    case '==':
      return a === b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '<':
      return a < b;
    case '>':
      return a > b;
  }
  return comparison satisfies never;
}
