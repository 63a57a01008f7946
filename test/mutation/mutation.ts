/** A mutation: one deliberate mistake in the timing rules, as an exact replacement of source text. */
import { readFileSync } from 'node:fs';

const ROOT = new URL('../..', import.meta.url);

export interface Mutation {
  /** The rule of docs/microarchitecture.md that it breaks, `UA-24`. */
  readonly rule: string;
  /** What the machine does instead; unique. */
  readonly name: string;
  /** From the root of the project. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Why no run can tell it from the original; absent for a real mistake. */
  readonly equivalent?: string;
}

/** Makes mutations of one file. */
export function mutationsOf(file: string) {
  return (
    rule: string,
    name: string,
    find: string,
    replace: string,
    equivalent?: string,
  ): Mutation => {
    const mutation = { rule, name, file, find, replace };
    return equivalent === undefined ? mutation : { ...mutation, equivalent };
  };
}

/** How often the text to be replaced occurs in a source. */
export function occurrences({ find }: Mutation, source: string): number {
  return source.split(find).length - 1;
}

/** A file of the project. */
export function sourceOf(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8');
}

/** The source with the mistake in it; throws when its place is not found, or not unique. */
export function mutated(mutation: Mutation, source: string): string {
  const count = occurrences(mutation, source);
  if (count !== 1) {
    throw new Error(`${mutation.name}: ${mutation.find} occurs ${count} times in ${mutation.file}`);
  }
  return source.replace(mutation.find, () => mutation.replace);
}
