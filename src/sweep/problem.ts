/** What is wrong with a sweep, told to the person who asked for it. */

/** `usage`: what was asked for makes no sense; `folder`: what is in a folder is in the way. */
export type SweepProblemKind = 'usage' | 'folder';

export class SweepError extends Error {
  readonly kind: SweepProblemKind;
  readonly hint: string | undefined;
  constructor(kind: SweepProblemKind, message: string, hint?: string) {
    super(message);
    this.name = 'SweepError';
    this.kind = kind;
    this.hint = hint;
  }
}

/** A problem of what was asked for. */
export function wrong(message: string, hint?: string): SweepError {
  return new SweepError('usage', message, hint);
}
