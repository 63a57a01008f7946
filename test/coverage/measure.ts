/** Counts the cells that the logs of a corpus hit. */
import type { Unit } from '../../isa/work.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import type { Trial } from '../mutation/corpus.ts';
import { distanceOf, keyOf } from './cells.ts';

/** Key of a cell → cycles charged to it in all runs. */
export type Hits = ReadonlyMap<string, number>;

export function hitsOf(trials: Iterable<Trial>): Hits {
  const hits = new Map<string, number>();
  for (const { events } of trials) addRun(hits, events);
  return hits;
}

/** The unit of an instruction is told when it issues; one that never does is left out. */
function addRun(hits: Map<string, number>, events: readonly TimingEvent[]): void {
  const units = new Map<number, Unit>();
  for (const event of events) if (event.kind === 'issue') units.set(event.id, event.unit);
  for (const event of events) {
    if (event.kind !== 'charge' || event.producer < 0) continue;
    const [producer, consumer] = [units.get(event.producer), units.get(event.id)];
    if (!producer || !consumer) continue;
    const distance = distanceOf(event.id - event.producer);
    const key = keyOf({ cause: event.cause, producer, consumer, distance });
    hits.set(key, (hits.get(key) ?? 0) + event.cycles);
  }
}
