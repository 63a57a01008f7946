/** Where a trace goes: a file, a socket, a string in a test. */

export interface Sink {
  /** The next piece of text; throws when it cannot be kept. */
  write(text: string): void;
  /** No more follows; for whoever opened the sink, not for writers of traces. */
  close(): void;
}
