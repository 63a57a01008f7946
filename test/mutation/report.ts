/** The outcome of all trials as Markdown: a table by rule, and every survivor with its reason. */
import type { Mutation } from './mutation.ts';
import type { Outcome } from './verdict.ts';
import { isKilled, isKilledByComparison, isKilledByHand } from './verdict.ts';

export interface Tried {
  readonly mutation: Mutation;
  readonly outcome: Outcome;
}

const HEAD = [
  '| rule | mutants | killed | by hand | by comparison | equivalent | survivors |',
  '| ---- | ------: | -----: | ------: | ------------: | ---------: | --------: |',
];

const isEquivalent = ({ mutation }: Tried) => mutation.equivalent !== undefined;

/** Mutants that nobody killed, and nobody has explained. */
export function survivorsOf(tried: readonly Tried[]): Tried[] {
  return tried.filter((one) => !isKilled(one.outcome) && !isEquivalent(one));
}

/** Mutants that are called equivalent, and were told from the original. */
export function refutedOf(tried: readonly Tried[]): Tried[] {
  return tried.filter((one) => isKilled(one.outcome) && isEquivalent(one));
}

/** Killed mutants out of all that are no equivalents, from 0 to 1. */
export function killRate(tried: readonly Tried[]): number {
  const real = tried.filter((one) => !isEquivalent(one));
  return real.filter(({ outcome }) => isKilled(outcome)).length / real.length;
}

/** The lines of the report. */
export function reportOf(tried: readonly Tried[]): string[] {
  const rules = [...new Set(tried.map(({ mutation }) => mutation.rule))];
  const rows = rules.map((rule) =>
    rowOf(
      rule,
      tried.filter(({ mutation }) => mutation.rule === rule),
    ),
  );
  return [
    ...HEAD,
    ...rows,
    rowOf('all', tried),
    ...list('Equivalent mutants', tried.filter(isEquivalent)),
    ...list('Survivors', survivorsOf(tried)),
    ...list('Called equivalent, but killed', refutedOf(tried)),
    ...list(
      'Broken off',
      tried.filter(({ outcome }) => typeof outcome === 'string'),
    ),
    '',
    `Kill rate without equivalents: ${(100 * killRate(tried)).toFixed(1)} %`,
  ];
}

function rowOf(rule: string, tried: readonly Tried[]): string {
  const count = (holds: (outcome: Outcome) => boolean) =>
    tried.filter(({ outcome }) => holds(outcome)).length;
  const cells = [
    tried.length,
    count(isKilled),
    count(isKilledByHand),
    count(isKilledByComparison),
    tried.filter(isEquivalent).length,
    survivorsOf(tried).length,
  ];
  return `| ${[rule, ...cells].join(' | ')} |`;
}

function list(title: string, tried: readonly Tried[]): string[] {
  if (tried.length === 0) return [];
  return ['', `${title}:`, '', ...tried.map(lineOf)];
}

function lineOf({ mutation, outcome }: Tried): string {
  const { rule, file, name, equivalent } = mutation;
  const how = typeof outcome === 'string' ? ` (${outcome})` : '';
  return `- ${rule} \`${file}\`: ${name}${how}.${equivalent === undefined ? '' : ` ${equivalent}`}`;
}
