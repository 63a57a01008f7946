/** Mistakes: how a part of the assembler says that the text is wrong, and where all of them gather. */
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import type { Range } from './ast.ts';
import type { SourceText } from './source.ts';
import { expansionNotes, spanOf } from './source.ts';

/** After so many diagnostics the rest of the program is not read. */
export const MAX_DIAGNOSTICS = 1000;

const MAX_MESSAGE = 300;

export interface Problem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly source: SourceText;
  readonly range: Range;
  readonly hint?: string | undefined;
}

/** A message that quotes a very long word is cut. */
function shorten(message: string): string {
  return message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE)}…`;
}

/** Ends the reading of one operand, value or line; caught where `Mistakes` records it and nowhere else. */
export class Mistake extends Error {
  /** Undefined when it follows from a mistake that was told already. */
  readonly problem: Problem | undefined;
  constructor(problem: Problem | undefined) {
    super(problem?.message);
    this.name = 'Mistake';
    this.problem = problem;
  }
}

/** `1 entry`, `2 entries`, `no rows`. */
export function countOf(n: number, one: string, many = `${one}s`): string {
  return n === 0 ? `no ${many}` : `${n} ${n === 1 ? one : many}`;
}

/** Throws a mistake. */
export function fail(
  code: DiagnosticCode,
  source: SourceText,
  range: Range,
  message: string,
  hint?: string,
): never {
  throw new Mistake({ code, message, source, range, hint });
}

/** Gathers the diagnostics of one run, each once. */
export class Mistakes {
  readonly diagnostics: Diagnostic[] = [];
  private readonly seen = new Set<string>();

  /** Whether there are so many that nobody would read more. */
  get full(): boolean {
    return this.diagnostics.length >= MAX_DIAGNOSTICS;
  }

  add({ code, message: whole, source, range, hint }: Problem, severity: Severity = 'error'): void {
    if (this.full) return;
    const span = spanOf(source, range);
    const message = shorten(whole);
    const key = `${span.file}:${span.line}:${span.column}:${code}:${message}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    const notes = expansionNotes(source);
    this.diagnostics.push({
      severity,
      code,
      message,
      span,
      ...(hint === undefined ? {} : { hint }),
      ...(notes.length === 0 ? {} : { notes }),
    });
    if (this.full) {
      const last = { severity: 'error', code: 'too-many-errors', span } as const;
      this.diagnostics.push({ ...last, message: 'too many mistakes; the rest was not read' });
    }
  }

  /** The result of `action`, or `undefined` when it made a mistake, which is then recorded. */
  attempt<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.record(error);
      return undefined;
    }
  }

  /** Records what was thrown, which is thrown again when it is no mistake. */
  record(error: unknown): void {
    if (!(error instanceof Mistake)) throw error;
    if (error.problem) this.add(error.problem);
  }
}
