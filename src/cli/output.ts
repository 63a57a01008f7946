/** What commands print: results to standard output, everything else to standard error. */

/** Colours only on a terminal, and never with NO_COLOR (https://no-color.org). */
export function wantsColour(stream: { isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'];
}

/** Columns of the terminal; 100 where there is none. */
export function outputWidth(): number {
  return process.stdout.columns ?? 100;
}

/** Prints a result. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints what is not the result: diagnostics, traps, progress. */
export function printError(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
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
