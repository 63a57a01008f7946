/** `--trace KIND=PATH`: traces of a run, each written to a file that is there whole or not at all. */
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Listener, RunHeader } from '../timing/events.ts';
import { writeLog } from '../traces/jsonl.ts';
import { writeKanata } from '../traces/kanata.ts';
import { writePerfetto } from '../traces/perfetto.ts';
import type { Sink } from '../traces/sink.ts';
import { Failure } from './failure.ts';
import type { OwnKind } from './files.ts';
import { isOwn, reasonOf } from './files.ts';
import { splitPair } from './options.ts';

interface TraceKind extends OwnKind {
  readonly listener: (header: RunHeader, sink: Sink) => Listener;
}

const KINDS = {
  konata: { name: 'Kanata log', magic: 'Kanata\t0004\n', listener: writeKanata },
  perfetto: { name: 'trace', magic: '{"displayTimeUnit":', listener: writePerfetto },
  jsonl: { name: 'event log', magic: '{"schema":"lasm-log/', listener: writeLog },
} as const satisfies Readonly<Record<string, TraceKind>>;

/** What a trace is, and where it goes. */
export interface TraceSpec {
  readonly kind: keyof typeof KINDS;
  readonly path: string;
}

export interface Traces {
  readonly listeners: readonly Listener[];
  /** Puts every file in its place. */
  readonly close: () => void;
  /** Leaves no file behind; for runs that fail. */
  readonly abort: () => void;
}

/** Collects `--trace konata=PATH`, `perfetto=PATH` and `jsonl=PATH`. */
export function parseTrace(text: string, before: readonly TraceSpec[] = []): TraceSpec[] {
  const [kind, path] = splitPair(text);
  if (!Object.hasOwn(KINDS, kind) || !path) {
    throw new InvalidArgumentError(`write KIND=PATH; kinds: ${Object.keys(KINDS).join(', ')}`);
  }
  if (before.some((spec) => spec.path === path)) {
    throw new InvalidArgumentError(`${path} is to hold another trace already`);
  }
  return [...before, { kind: kind as TraceSpec['kind'], path }];
}

/** Opens the files of all traces, or none; throws a Failure. */
export function openTraces(header: RunHeader, specs: readonly TraceSpec[]): Traces {
  const sinks: FileSink[] = [];
  const abort = () => sinks.forEach((sink) => sink.abort());
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      abort();
      throw error;
    }
  };
  const listeners = guarded(() =>
    specs.map(({ kind, path }) => {
      const sink = new FileSink(path, KINDS[kind]);
      sinks.push(sink);
      return KINDS[kind].listener(header, sink);
    }),
  );
  return {
    listeners: listeners.map((listen) => (event) => guarded(() => listen(event))),
    close: () => guarded(() => sinks.forEach((sink) => sink.close())),
    abort,
  };
}

const BUFFER_CHARACTERS = 1 << 16;

/** Writes a part of the bytes to a file and returns how many; writeSync, but for tests. */
type WriteBytes = (file: number, bytes: Uint8Array) => number;

/**
 * Writes to a temporary file beside `path`, which takes its name when it is closed. A file that is
 * already there is replaced only if it is of the same kind. Every failure removes the temporary
 * file and is a Failure.
 */
export class FileSink implements Sink {
  readonly #path: string;
  readonly #temporary: string;
  readonly #writeBytes: WriteBytes;
  readonly #file: number;
  #isOpen = true;
  #pieces: string[] = [];
  #characters = 0;

  constructor(path: string, kind: OwnKind, writeBytes: WriteBytes = writeSync) {
    if (existsSync(path) && !isOwn(path, kind)) {
      const message = `is there already and is not a ${kind.name}; nothing was written`;
      throw new Failure(1, `${path}: ${message}`);
    }
    this.#path = path;
    this.#writeBytes = writeBytes;
    this.#temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    try {
      this.#file = openSync(this.#temporary, 'wx');
    } catch (error) {
      throw cannotBeWritten(path, error);
    }
  }

  write(text: string): void {
    this.#pieces.push(text);
    this.#characters += text.length;
    if (this.#characters >= BUFFER_CHARACTERS) this.#orAbort(() => this.#flush());
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#orAbort(() => {
      this.#flush();
      this.#release();
      renameSync(this.#temporary, this.#path);
    });
  }

  /** Nothing of it remains; does nothing once it is closed. */
  abort(): void {
    if (!this.#isOpen) return;
    this.#release();
    rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    let bytes: Uint8Array = Buffer.from(this.#pieces.join(''));
    this.#pieces = [];
    this.#characters = 0;
    while (bytes.length > 0) bytes = bytes.subarray(this.#writeBytes(this.#file, bytes));
  }

  #release(): void {
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #orAbort(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.abort();
      rmSync(this.#temporary, { force: true });
      throw cannotBeWritten(this.#path, error);
    }
  }
}

function cannotBeWritten(path: string, error: unknown): Failure {
  return new Failure(1, `${path}: cannot be written: ${reasonOf(error)}`);
}
