/** What a run is known by: its cycles in clear, and a hash of everything else that it shows. */
import { createHash } from 'node:crypto';
import { jsonText } from '../../src/cli/output.ts';
import { resultJson } from '../../src/cli/run-result.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { outputHash } from '../../src/run/outputs.ts';
import { runProgram } from '../../src/run/run.ts';
import type { Listener, RunHeader } from '../../src/timing/events.ts';
import { writeLog } from '../../src/traces/jsonl.ts';
import { writeKanata } from '../../src/traces/kanata.ts';
import { writePerfetto } from '../../src/traces/perfetto.ts';
import type { Sink } from '../../src/traces/sink.ts';
import type { Subject } from './subjects.ts';

/** 64 bits: enough that no change goes unseen. */
const HASH_DIGITS = 16;
/** Hashing a few characters at a time costs more than writing them. */
const BUFFER_CHARACTERS = 1 << 16;

/** Keeps nothing of a text but its SHA-256. */
class HashSink implements Sink {
  readonly #hash = createHash('sha256');
  #text = '';

  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= BUFFER_CHARACTERS) this.close();
  }

  close(): void {
    this.#hash.update(this.#text);
    this.#text = '';
  }

  digits(): string {
    this.close();
    return this.#hash.digest('hex').slice(0, HASH_DIGITS);
  }
}

/** The first 16 hexadecimal digits of the SHA-256 of a text. */
export function hashOf(text: string): string {
  const sink = new HashSink();
  sink.write(text);
  return sink.digits();
}

const TRACES = {
  log: writeLog,
  kanata: writeKanata,
  perfetto: writePerfetto,
} as const satisfies Readonly<Record<string, (header: RunHeader, sink: Sink) => Listener>>;

/**
 * `attention-head.lasm classic5 cycles=… values=… report=… log=… kanata=… perfetto=…`: values are
 * those of all symbols and the emitted tokens; the report is the one of `--json` without its schema,
 * which names a version.
 */
export function fingerprint({ name, program, options }: Subject, machine: Machine): string {
  const sinks = Object.entries(TRACES).map(([key, write]) => ({
    key,
    write,
    sink: new HashSink(),
  }));
  const result = runProgram(program, machine, {
    ...options,
    listeners: (header) => sinks.map(({ write, sink }) => write(header, sink)),
  });
  const report = { ...resultJson(result, []), schema: undefined };
  return [
    name,
    machine.name,
    `cycles=${report.cycles}`,
    `values=${outputHash(result.vm)}`,
    `report=${hashOf(jsonText(report))}`,
    ...sinks.map(({ key, sink }) => `${key}=${sink.digits()}`),
  ].join(' ');
}
