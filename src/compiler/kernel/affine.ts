/** Integers that a kernel computes with: variables, and sums of their multiples. */

/**
 * An integer that a scalar register holds while a kernel runs: the index of a loop, a count of the
 * run, or what a scalar instruction has computed. Identity is the object.
 */
export interface Variable {
  readonly name: string;
  /** The register it always lives in; undefined when the kernel finds one. */
  readonly register: number | undefined;
}

export interface Term {
  readonly variable: Variable;
  readonly coefficient: number;
}

/** constant + Σ coefficient · variable; each variable once. */
export interface Affine {
  readonly constant: number;
  readonly terms: readonly Term[];
}

/** An integer: known, or in a register. */
export type Size = number | Variable;

/** What an integer expression may be written as. */
export type Integer = number | Variable | Affine;

export function affine(value: Integer): Affine {
  if (typeof value === 'number') return { constant: value, terms: [] };
  if ('terms' in value) return value;
  return { constant: 0, terms: [{ variable: value, coefficient: 1 }] };
}

/** a + b. */
export function plus(a: Integer, b: Integer): Affine {
  const [left, right] = [affine(a), affine(b)];
  const terms = [...left.terms];
  for (const term of right.terms) {
    const at = terms.findIndex(({ variable }) => variable === term.variable);
    if (at < 0) terms.push(term);
    else {
      const coefficient = terms[at]!.coefficient + term.coefficient;
      terms[at] = { variable: term.variable, coefficient };
    }
  }
  const kept = terms.filter(({ coefficient }) => coefficient !== 0);
  return { constant: left.constant + right.constant, terms: kept };
}

/** factor · a. */
export function times(a: Integer, factor: number): Affine {
  const { constant, terms } = affine(a);
  if (factor === 0) return affine(0);
  return {
    constant: constant * factor,
    terms: terms.map(({ variable, coefficient }) => ({
      variable,
      coefficient: coefficient * factor,
    })),
  };
}

/** The value with `variable` replaced. */
export function substitute(a: Affine, variable: Variable, by: Integer): Affine {
  const term = a.terms.find((t) => t.variable === variable);
  if (!term) return a;
  const rest = { constant: a.constant, terms: a.terms.filter((t) => t !== term) };
  return plus(rest, times(by, term.coefficient));
}
