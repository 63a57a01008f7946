/** The functions and operators of constant expressions, on float64 numbers. */
import type { BinaryOperator } from './ast.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';

/** Why a value does not exist. */
export interface NoValue {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string;
}

export interface ConstantFunction {
  readonly least: number;
  readonly most: number;
  apply(values: readonly number[]): number;
}

const unary = (apply: (x: number) => number): ConstantFunction => ({
  least: 1,
  most: 1,
  apply: ([x]) => apply(x!),
});

/** Functions of numbers. */
export const FUNCTIONS: Readonly<Record<string, ConstantFunction>> = {
  sqrt: unary((x) => Math.sqrt(x)),
  rsqrt: unary((x) => 1 / Math.sqrt(x)),
  abs: unary((x) => Math.abs(x)),
  floor: unary((x) => Math.floor(x)),
  ceil: unary((x) => Math.ceil(x)),
  min: { least: 1, most: Infinity, apply: (xs) => xs.reduce((a, b) => Math.min(a, b)) },
  max: { least: 1, most: Infinity, apply: (xs) => xs.reduce((a, b) => Math.max(a, b)) },
  ceildiv: { least: 2, most: 2, apply: ([a, b]) => -Math.floor(-a! / b!) },
};

/** Functions of a data symbol: its matrix shape and its size. */
export const SYMBOL_FUNCTIONS = ['rows', 'cols', 'bytes'] as const;
export type SymbolFunction = (typeof SYMBOL_FUNCTIONS)[number];

/** Functions that make the values of a data symbol. */
export const INIT_FUNCTIONS = [
  'zeros',
  'ones',
  'full',
  'identity',
  'range',
  'normal',
  'uniform',
  'file',
  'transpose',
] as const;
export type InitFunction = (typeof INIT_FUNCTIONS)[number];

/** Constants that are words. */
export const CONSTANTS: Readonly<Record<string, number>> = { inf: Infinity, nan: NaN };

/** What no definition may be called, beside the registers. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...Object.keys(FUNCTIONS),
  ...SYMBOL_FUNCTIONS,
  ...INIT_FUNCTIONS,
  ...Object.keys(CONSTANTS),
]);

/** The remainder that belongs to `//`: a − b·⌊a/b⌋, with the sign of b. */
function floorRemainder(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

const truth = (value: boolean) => (value ? 1 : 0);

const OPERATORS: Readonly<Record<Exclude<BinaryOperator, '~='>, (a: number, b: number) => number>> =
  {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '//': (a, b) => Math.floor(a / b),
    '%': floorRemainder,
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
  };

const DIVISIONS: ReadonlySet<string> = new Set(['/', '//', '%', 'ceildiv']);

/** Why `value`, computed from `inputs`, is none. */
function checkValue(what: string, inputs: readonly number[], value: number): number | NoValue {
  if (Number.isNaN(value) && !inputs.some(Number.isNaN)) {
    return { code: 'overflow', message: `${what} is not a number` };
  }
  if (!Number.isFinite(value) && inputs.every(Number.isFinite)) {
    return { code: 'overflow', message: `${what} is too large for a float64` };
  }
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER + 1 && inputs.every(Number.isSafeInteger)) {
    return { code: 'overflow', message: `${what} is beyond ±2^53, where integers are exact` };
  }
  return value;
}

/** `a operator b`. */
export function applyOperator(operator: BinaryOperator, a: number, b: number): number | NoValue {
  const what = `${a} ${operator} ${b}`;
  if (operator === '~=') {
    return { code: 'syntax', message: '~= has a meaning in .expect only', hint: 'use ==' };
  }
  if (b === 0 && DIVISIONS.has(operator)) {
    return { code: 'division-by-zero', message: `${what} divides by zero` };
  }
  return checkValue(what, [a, b], OPERATORS[operator](a, b));
}

/** `name(values)`, for a name in FUNCTIONS and as many values as it takes. */
export function applyFunction(name: string, values: readonly number[]): number | NoValue {
  const what = `${name}(${values.join(', ')})`;
  const dividesByZero = DIVISIONS.has(name) ? values[1] === 0 : name === 'rsqrt' && values[0] === 0;
  if (dividesByZero) return { code: 'division-by-zero', message: `${what} divides by zero` };
  return checkValue(what, values, FUNCTIONS[name]!.apply(values));
}
