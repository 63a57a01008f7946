/** How commands fail: with a message for the person, an exit code, and no stack trace. */

/** 1: the program, a file or an expectation failed. 2: the command line cannot be obeyed. */
export type FailureCode = 1 | 2;

/** Ends a command; `message` is what the person reads. */
export class Failure extends Error {
  readonly exitCode: FailureCode;
  constructor(exitCode: FailureCode, message: string) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

/** A failure for options and arguments that make no sense. */
export function usage(message: string): Failure {
  return new Failure(2, message);
}

/** `lasm: message`, with the hint on a line of its own. */
export function messageWithHint(message: string, hint: string | undefined): string {
  return hint ? `${message}\n  hint: ${hint}` : message;
}
