/** Diagnostics: what is wrong with a text, where, and what to do; found before running. */

/** A place in a source file; lines and columns count from 1, `length` in UTF-16 units. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export type Severity = 'error' | 'warning';

/** A second place that explains the first, such as where a macro was expanded. */
export interface Note {
  readonly message: string;
  readonly span: Span;
}

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable kebab-case name, such as `unknown-instruction`. */
  readonly code: string;
  /** One sentence without a final stop. */
  readonly message: string;
  readonly span: Span;
  /** What to do about it, such as `did you mean SOFTMAX?`. */
  readonly hint?: string;
  readonly notes?: readonly Note[];
}

/** Whether any diagnostic forbids running. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}
