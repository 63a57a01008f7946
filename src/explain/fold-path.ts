/** Folding a path: what repeats in a loop is told once, with how often and the sum of its cycles. */
import type { Place } from '../reports/report.ts';
import type { CriticalPath, PathCause, PathStep } from './path.ts';

/** One step, or as many as there are rounds of the loops around it. */
export interface PathRow {
  readonly place: Place;
  /** When the first of them issues. */
  readonly issueCycle: number;
  /** Of all of them together, each from the issue of the step before. */
  readonly cycles: number;
  readonly times: number;
  /** Loops around it. */
  readonly depth: number;
  readonly cause: PathCause;
  readonly register: string | null;
}

/** A step, or a loop of them; equal keys mean the same steps for the same reasons. */
interface Token {
  readonly key: string;
  readonly rows: readonly PathRow[];
}

/** A longer stretch is not looked for. */
const LONGEST_PERIOD = 64;

/** The rows of a path; their cycles, with those of the drain, sum to those of the run. */
export function foldPath({ steps }: CriticalPath): PathRow[] {
  let tokens = steps.map(tokenOf);
  let before: number;
  do {
    before = tokens.length;
    for (let period = 1; period <= LONGEST_PERIOD; period++) tokens = foldPeriod(tokens, period);
  } while (tokens.length < before);
  return tokens.flatMap(({ rows }) => rows);
}

function tokenOf({ place, issueCycle, cycles, cause, register }: PathStep): Token {
  const row = { place, issueCycle, cycles, times: 1, depth: 0, cause, register };
  return { key: `${place.pc} ${cause} ${register ?? ''}`, rows: [row] };
}

function foldPeriod(tokens: readonly Token[], period: number): Token[] {
  const folded: Token[] = [];
  for (let at = 0; at < tokens.length;) {
    const times = repeats(tokens, at, period);
    if (times === 1) {
      folded.push(tokens[at++]!);
      continue;
    }
    folded.push(loopOf(tokens.slice(at, at + times * period), period));
    at += times * period;
  }
  return folded;
}

/** How often the `period` tokens from `at` on come, one behind the other. */
function repeats(tokens: readonly Token[], at: number, period: number): number {
  let end = at + period;
  while (end < tokens.length && tokens[end]!.key === tokens[end - period]!.key) end++;
  return Math.max(1, Math.floor((end - at) / period));
}

function loopOf(tokens: readonly Token[], period: number): Token {
  const times = tokens.length / period;
  const round = tokens.slice(0, period);
  const rows = round.flatMap(({ rows: first }, i) =>
    first.map((row, j) => {
      const same = Array.from({ length: times }, (_, k) => tokens[k * period + i]!.rows[j]!);
      const sum = (value: (row: PathRow) => number) => same.reduce((s, r) => s + value(r), 0);
      const total = { cycles: sum((r) => r.cycles), times: sum((r) => r.times) };
      return { ...row, ...total, depth: row.depth + 1 };
    }),
  );
  return { key: `(${round.map(({ key }) => key).join(', ')}) × ${times}`, rows };
}
