/** Nothing that reads or writes traces grows with the length of the run. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Listener, RunHeader } from '../../src/timing/events.ts';
import { writeLog } from '../../src/traces/jsonl.ts';
import { writeKanata } from '../../src/traces/kanata.ts';
import { createLogReader } from '../../src/traces/log-reader.ts';
import { writePerfetto } from '../../src/traces/perfetto.ts';
import type { Sink } from '../../src/traces/sink.ts';
import { madeHeader, madeRun } from './synthetic.ts';

const EVENTS = 2_000_000;
const TIMEOUT_MS = 240_000;

/** To keep so much as one pointer of 8 bytes for every other event would take twice as much. */
const MAX_GROWTH_BYTES = (EVENTS / 4) * 8;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function usedBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Writes a log and reads it back at once. */
function writeAndRead(header: RunHeader, sink: Sink): Listener {
  const reader = createLogReader(
    () =>
      ({ cycle }) =>
        sink.write(String(cycle)),
  );
  return writeLog(header, { write: (text) => reader.feed(text), close: () => undefined });
}

describe('2 million events', () => {
  it.each([
    ['Kanata', writeKanata],
    ['Perfetto', writePerfetto],
    ['the log and its reader', writeAndRead],
  ])(
    'leave nothing behind in %s',
    (_name, writer) => {
      let characters = 0;
      const sink = {
        write: (text: string) => void (characters += text.length),
        close: () => undefined,
      };
      const listen = writer(madeHeader(), sink);
      const events = madeRun(7, Infinity);
      const hear = (count: number) => {
        for (let i = 0; i < count; i++) listen(events.next().value!);
      };
      hear(EVENTS / 20);
      const before = usedBytes();
      hear(EVENTS);
      expect(usedBytes() - before).toBeLessThan(MAX_GROWTH_BYTES);
      hear(100);
      expect(characters).toBeGreaterThan(EVENTS);
    },
    TIMEOUT_MS,
  );
});
