/** What commands print: results to standard output, everything else to standard error. */

/** A stream that text goes to; `columns` and `isTTY` are there when it is a terminal. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** What a command has of the world besides files; `process` is one. */
export interface Io {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Session extends Io {
  /** Set by what has failed without ending the command. */
  exitCode: number;
  /** What the command still does when it has returned. */
  rest?: Promise<void>;
}

/** Commands run one at a time, from beginning to end. */
let session: Session = {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  exitCode: 0,
};

/** Runs a command that prints to `io`; gives its exit code. */
export function withIo({ stdout, stderr, env }: Io, command: () => void): number {
  session = { stdout, stderr, env, exitCode: 0 };
  command();
  return session.exitCode;
}

/** Lets the command end with exit code 1, or another, but go on. */
export function markFailed(exitCode = 1): void {
  session.exitCode = exitCode;
}

/** Lets a command go on when it has returned: it waits for others, such as workers. */
export function goOn(rest: Promise<void>): void {
  session.rest = rest;
}

/** The exit code of the last command once it is done, if it goes on; rejects with what it throws. */
export function restOfCommand(): Promise<number> | undefined {
  const own = session;
  return own.rest?.then(() => own.exitCode);
}

/** Where progress is shown. */
export function errorTerminal(): Terminal {
  return session.stderr;
}

/** Colours only on a terminal, and never with NO_COLOR (https://no-color.org). */
export function wantsColour(stream: 'stdout' | 'stderr'): boolean {
  return session[stream].isTTY === true && !session.env['NO_COLOR'];
}

/** Columns of the terminal; 100 where there is none. */
export function outputWidth(): number {
  return session.stdout.columns ?? 100;
}

/** Prints a result; nothing at all for ''. */
export function print(text: string): void {
  if (text === '') return;
  session.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints a piece of a text that is still being made. */
export function printPiece(text: string): void {
  if (text !== '') session.stdout.write(text);
}

/** Prints what is not the result: diagnostics, traps, progress. */
export function printError(text: string): void {
  session.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints data for scripts; numbers that JSON lacks become the texts NaN, Infinity, -Infinity. */
export function jsonText(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) =>
      typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner,
    2,
  );
}
