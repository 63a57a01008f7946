/**
 * The trial of one mutant: the tests worked out by hand, then the corpus. This is bundled with the
 * mutant's engine, takes the file of the corpus as its argument, and prints a Verdict.
 */
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import type { TimingEvent } from '../../src/timing/events.ts';
import { TickEngine } from '../../src/timing/tick.ts';
import '../machine/cost.test.ts';
import '../timing/hazards.test.ts';
import '../timing/memory-hazards.test.ts';
import '../timing/memory.test.ts';
import '../timing/predictor.test.ts';
import '../timing/rules.test.ts';
import '../timing/textbook.test.ts';
import '../timing/tomasulo.test.ts';
import type { Trial } from './corpus.ts';
import { runCases } from './stand-in.ts';
import type { Verdict } from './verdict.ts';

/** Thrown out of the engine at the first event that differs. */
class Difference extends Error {}

/** A run that goes on for this much longer than it should is as good as endless. */
const GRACE_CYCLES = 1000;

/** Whether the tick engine writes the log that the event engine wrote. */
function agrees({ machine, code, steps, maxCycles, events, result }: Trial): boolean {
  let heard = 0;
  let taken = 0;
  const listener = (event: TimingEvent) => {
    if (!isSame(event, events[heard++])) throw new Difference();
  };
  const source = { next: () => steps[taken++] };
  const limit = maxCycles ?? result.cycles + GRACE_CYCLES;
  try {
    const own = new TickEngine(machine, code, source, listener).run({ maxCycles: limit });
    return heard === events.length && isSame(own, result);
  } catch {
    return false;
  }
}

/** Both are flat. */
function isSame(a: object, b: object | undefined): boolean {
  if (!b) return false;
  const [left, right] = [a, b] as Readonly<Record<string, unknown>>[];
  const keys = Object.keys(left!);
  return (
    keys.length === Object.keys(right!).length && keys.every((key) => left![key] === right![key])
  );
}

const corpus = deserialize(readFileSync(process.argv[2]!)) as Uint8Array[];
const byHand = runCases();
const verdict: Verdict = {
  tests: byHand.count,
  failedTest: byHand.failed[0],
  trials: corpus.length,
  failedTrial: corpus.findIndex((trial) => !agrees(deserialize(trial) as Trial)),
};
console.log(JSON.stringify(verdict));
