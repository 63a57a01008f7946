/** Reads an event log piece by piece, and says on which line it is wrong. */
import type { Listener, RunHeader } from '../timing/events.ts';
import { LogError, parseEvent } from './jsonl.ts';
import { parseHeader } from './log-header.ts';
import { LogOrder } from './log-order.ts';

export interface LogReader {
  /** The next piece of the text, cut anywhere; throws a LogError. */
  feed(text: string): void;
  /** There is no more; throws a LogError when there should be. */
  finish(): void;
}

export interface LogLimits {
  /** Of the first line, which has the listing of the program in it. */
  readonly maxHeaderCharacters: number;
  /** Of every other line. */
  readonly maxEventCharacters: number;
}

export const LOG_LIMITS: LogLimits = {
  maxHeaderCharacters: 1 << 28,
  maxEventCharacters: 1 << 10,
};

/**
 * A reader of a log. `begin` gets the header and returns who hears the events; each has been
 * checked on its own and against those before it. Holds one line and what is in flight.
 */
export function createLogReader(
  begin: (header: RunHeader) => Listener,
  limits: LogLimits = LOG_LIMITS,
): LogReader {
  return new Reader(begin, limits);
}

class Reader implements LogReader {
  readonly #begin: (header: RunHeader) => Listener;
  readonly #limits: LogLimits;
  #rest = '';
  /** The line that is being read. */
  #line = 1;
  #listen: Listener | undefined;
  #order: LogOrder | undefined;
  #hasEnded = false;

  constructor(begin: (header: RunHeader) => Listener, limits: LogLimits) {
    this.#begin = begin;
    this.#limits = limits;
  }

  feed(text: string): void {
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.#grow(text.slice(from, to));
      this.#takeLine();
      from = to + 1;
    }
    this.#grow(text.slice(from));
  }

  finish(): void {
    if (this.#rest !== '') this.#takeLine();
    if (this.#hasEnded) return;
    const message =
      this.#line === 1
        ? 'is missing: the log is empty'
        : 'is missing: the log was cut off before the end of the run';
    throw new LogError(this.#line, message);
  }

  #grow(piece: string): void {
    const { maxHeaderCharacters, maxEventCharacters } = this.#limits;
    const limit = this.#line === 1 ? maxHeaderCharacters : maxEventCharacters;
    if (this.#rest.length + piece.length > limit) {
      throw new LogError(this.#line, `is longer than ${limit} characters`);
    }
    this.#rest += piece;
    const isHopeless = this.#line === 1 && this.#rest !== '' && !this.#rest.startsWith('{');
    if (isHopeless) throw new LogError(1, 'is not the header of an event log');
  }

  #takeLine(): void {
    const text = this.#rest;
    const line = this.#line++;
    this.#rest = '';
    if (this.#listen && this.#order) this.#takeEvent(text, line, this.#listen, this.#order);
    else {
      const header = parseHeader(text);
      this.#order = new LogOrder(header);
      this.#listen = this.#begin(header);
    }
  }

  #takeEvent(text: string, line: number, listen: Listener, order: LogOrder): void {
    if (this.#hasEnded) throw new LogError(line, 'follows the end of the run');
    const event = parseEvent(text, line);
    order.check(event, line);
    this.#hasEnded = event.kind === 'end';
    listen(event);
  }
}
