/** Sentences: what each cause means, and each wait told in plain words. */
import { UNITS } from '../../isa/work.ts';
import type { Cause } from '../timing/causes.ts';
import { entriesByCause } from './by-cause.ts';
import { grouped, plural } from './format.ts';
import type { Names } from './names.ts';
import type { Edge } from './report.ts';

/** What each cause means, for tables. */
export const MEANING: Readonly<Record<Cause, string>> = {
  issue: 'an instruction starts on its unit',
  fill: 'the first instruction is still in IF or ID',
  control: 'the next instruction is not fetched yet',
  raw: 'an operand has not been computed or loaded yet',
  waw: 'an older write to the register is still to come',
  war: 'an older instruction still reads the register',
  'structural.alu': 'the scalar unit is busy',
  'structural.mxu': 'the matrix unit is busy',
  'structural.vec': 'the vector unit is busy',
  'structural.sfu': 'the special-function unit is busy',
  'structural.dma': 'the transfer unit is busy',
  'structural.port': 'no write port is free when the result comes',
  'structural.queue': 'the queue is full',
  'structural.bank': 'the memory bank is busy',
  'memory.latency': 'memory has not answered yet',
  'memory.bandwidth': 'data comes or goes as fast as memory can',
  'memory.miss': 'the data cache does not hold the data',
  'memory.order': 'an older transfer touches the same bytes',
  drain: 'nothing is left to issue; the last ones finish',
};

/** What an instruction waits for: `waited 27 cycles ${WAITS_FOR.raw}: line 9 …`. */
const WAITS_FOR: Readonly<Record<Cause, string>> = {
  issue: 'to issue',
  fill: 'for the pipeline to fill',
  control: 'to be fetched',
  raw: 'for %',
  waw: 'to write %',
  war: 'to overwrite %',
  'structural.alu': 'for alu',
  'structural.mxu': 'for mxu',
  'structural.vec': 'for vec',
  'structural.sfu': 'for sfu',
  'structural.dma': 'for dma',
  'structural.port': 'for a write port',
  'structural.queue': 'for a place in the queue',
  'structural.bank': 'for a memory bank',
  'memory.latency': 'for memory to answer',
  'memory.bandwidth': 'for memory bandwidth',
  'memory.miss': 'for a cache miss',
  'memory.order': 'for older bytes in memory',
  drain: 'for the pipeline to drain',
};

type Told = Omit<Edge, 'sentence'>;

/**
 * `line 14 MATMUL t4 waited 27 cycles for t1: line 9 LOAD t1 started at cycle 8 and needs 28.`
 * With several occurrences the first is told as the example. The largest other reason to wait is
 * added, so that nobody expects too much of removing the first.
 */
export function waitSentence(edge: Told, names: Names): string {
  const { consumer, cycles, occurrences, example } = edge;
  const what = waitsForStage(edge, names)
    ? 'for EX'
    : WAITS_FOR[edge.cause].replace('%', edge.register ?? 'a register');
  const often =
    occurrences === 1
      ? ''
      : ` (${plural(occurrences, 'time')}, first at cycle ${example.startCycle} for ${example.cycles})`;
  const { slotNoun } = names;
  const waited = slotNoun === 'cycle' ? `waited ${plural(cycles, slotNoun)}` : `lost ${plural(cycles, slotNoun)} waiting`; // prettier-ignore
  return `${names.subject(consumer.pc)} ${waited} ${what}${often}${because(edge, names)}${anyway(edge, names)}.`;
}

/** On a blocking machine EX itself is what an instruction waits for, whichever unit is at work. */
export function waitsForStage(
  { cause, consumer }: Pick<Told, 'cause' | 'consumer'>,
  names: Names,
): boolean {
  const unit = UNITS.find((u) => cause === `structural.${u}`);
  return unit !== undefined && unit !== names.line(consumer.pc).unit;
}

function because(edge: Told, names: Names): string {
  const { producer, example } = edge;
  if (!producer) return '';
  if (example.producer === example.consumer) return ', on its own account';
  const who = names.subject(producer.pc);
  const start = example.producerIssueCycle;
  if (start < 0) return `: ${who} had not started`;
  return `: ${who} started at cycle ${start} and ${holdsUp(edge)}`;
}

/** `; in 20 of these cycles EX was busy too`. */
function anyway(edge: Told, names: Names): string {
  const { consumer } = edge;
  const [other] = entriesByCause(edge.alsoTrue).sort(([, a], [, b]) => b - a);
  if (!other) return '';
  const [cause, slots] = other;
  const also = waitsForStage({ cause, consumer }, names) ? 'EX was busy' : `${cause} held`;
  return `; in ${slots === edge.cycles ? 'all' : grouped(slots)} of these ${names.slotNoun}s ${also} too`;
}

/** What the producer did to make the consumer wait. */
function holdsUp({ cause, register, example }: Told): string {
  const latency = example.producerLatencyCycles;
  const occupancy = example.producerOccupancyCycles;
  const family = cause.split('.')[0]!;
  if (cause === 'war') return `was still reading ${register ?? 'it'}`;
  if (cause === 'control') return 'decides what comes next';
  if (cause === 'structural.port') return 'writes back in that cycle';
  if (family === 'structural') return `occupies it for ${occupancy}`;
  if (family === 'memory') return `is under way for ${Math.max(latency, occupancy)}`;
  return `needs ${latency}`;
}
