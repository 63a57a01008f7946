/** Stands in for Vitest, so that the tests worked out by hand can be bundled with a mutant. */
import { isDeepStrictEqual } from 'node:util';

interface Case {
  readonly title: string;
  readonly run: () => void;
}

const cases: Case[] = [];
const path: string[] = [];

export function describe(title: string, body: () => void): void {
  path.push(title);
  body();
  path.pop();
}

export function it(title: string, run: () => void): void {
  cases.push({ title: [...path, title].join(' › '), run });
}

/** One test for each of the values. */
it.each =
  (values: readonly unknown[]) =>
  (title: string, run: (...values: unknown[]) => void): void => {
    for (const value of values) {
      it(`${title}: ${String(value)}`, () => {
        run(...(Array.isArray(value) ? (value as unknown[]) : [value]));
      });
    }
  };

/** The matchers that those tests use, with the meaning that Vitest gives them. */
export function expect(actual: unknown) {
  const positive = matchers(actual, true);
  return { ...positive, not: matchers(actual, false) };
}

function matchers(actual: unknown, isExpected: boolean) {
  const check = (holds: boolean) => {
    if (holds !== isExpected) throw new Error('an expectation does not hold');
  };
  return {
    toBe: (expected: unknown) => {
      check(Object.is(actual, expected));
    },
    toEqual: (expected: unknown) => {
      check(isDeepStrictEqual(actual, expected));
    },
    toMatchObject: (expected: object) => {
      check(contains(actual, expected));
    },
    toBeGreaterThanOrEqual: (bound: number) => {
      check((actual as number) >= bound);
    },
    toBeLessThanOrEqual: (bound: number) => {
      check((actual as number) <= bound);
    },
    toThrow: () => {
      check(throws(actual as () => void));
    },
    toHaveLength: (length: number) => {
      check((actual as { length: number }).length === length);
    },
  };
}

/** Whether all that is in `part` is in `whole`. */
function contains(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(whole, part);
  if (typeof whole !== 'object' || whole === null) return false;
  if (Array.isArray(part) && part.length !== (whole as unknown[]).length) return false;
  const fields = whole as Readonly<Record<string, unknown>>;
  return Object.entries(part).every(([key, value]) => contains(fields[key], value));
}

/** How many tests there are, and the titles of those that fail. */
export function runCases(): { readonly count: number; readonly failed: readonly string[] } {
  const failed = cases.filter(({ run }) => throws(run)).map(({ title }) => title);
  return { count: cases.length, failed };
}

function throws(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}
