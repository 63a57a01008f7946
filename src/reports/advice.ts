/** Advice: the largest loss, and one thing to try against it, with its registers and lines. */
import type { Cause } from '../timing/causes.ts';
import type { CauseCounts } from './by-cause.ts';
import { CAUSE_INDEX, entriesByCause } from './by-cause.ts';
import { percent, plural } from './format.ts';
import type { Names } from './names.ts';
import type { Edge, Loss } from './report.ts';
import { MEANING, waitsForStage } from './sentences.ts';

/** The names that an advice may use. */
interface Wait {
  readonly consumer: string;
  readonly producer: string;
  readonly register: string;
  readonly edge: Edge;
  readonly names: Names;
}

const shareUnit = (unit: string) => (wait: Wait) => {
  const { consumer, producer, edge, names } = wait;
  if (waitsForStage(edge, names)) {
    return `one instruction at a time is in EX here: execute ${producer} less often, or try a machine that overlaps units`;
  }
  if (edge.producer?.pc === edge.consumer.pc) {
    return `${consumer} meets itself on ${unit} in each round: use larger tiles, or fewer of them`;
  }
  return `put work for other units between ${producer} and ${consumer}, which both need ${unit}`;
};

/** Causes in which nobody waits for anybody. */
const WITHOUT_WAIT = {
  issue: 'no slot is lost: only fewer instructions can be faster',
  fill: 'the run is too short to judge: give it more work',
  drain: 'the end of the run decides: start the longest of its last instructions earlier',
} as const satisfies Partial<Record<Cause, string>>;

/** What to do about each other cause, given its heaviest edge. */
const RULES: Readonly<Record<Exclude<Cause, keyof typeof WITHOUT_WAIT>, (wait: Wait) => string>> = {
  control: ({ producer }) =>
    `do more work for each jump: unroll the loop that ${producer} closes, with .rept for example`,
  raw: breakDependence,
  waw: ({ consumer, producer, register }) =>
    `let ${consumer} write another register than ${register}, which ${producer} still has to write`,
  war: ({ consumer, producer, register }) =>
    `double-buffer ${register}: let ${consumer} write another tile while ${producer} reads this one`,
  'structural.alu': shareUnit('alu'),
  'structural.mxu': shareUnit('mxu'),
  'structural.vec': shareUnit('vec'),
  'structural.sfu': shareUnit('sfu'),
  'structural.dma': shareUnit('dma'),
  'structural.port': ({ consumer, producer }) =>
    `move ${consumer} by an instruction, so that its result does not arrive with that of ${producer}`,
  'structural.queue': ({ consumer }) =>
    `spread the transfers before ${consumer} between other work`,
  'structural.bank': ({ consumer }) =>
    `give the array that ${consumer} uses another row length, so that rows fall into other banks`,
  'memory.latency': fetchLess,
  'memory.bandwidth': fetchLess,
  'memory.miss': ({ consumer }) =>
    `use what ${consumer} fetches again while the data cache still holds it`,
  'memory.order': ({ consumer, producer }) =>
    `keep the value of ${producer} in its register, so that ${consumer} need not wait for memory`,
};

function breakDependence({ consumer, producer, register, edge, names }: Wait): string {
  if (isHeldInExecute(edge, names)) {
    return `EX is held most of that time, so nothing fits between: execute ${producer} less often, or try a machine that overlaps units`;
  }
  const from = edge.producer?.pc ?? -1;
  if (from === edge.consumer.pc) {
    return `${consumer} needs its own last result: use two registers in turn and join them at the end`;
  }
  if (from > edge.consumer.pc) {
    return `${register} goes round the loop from ${producer} to ${consumer}: compute it earlier in the round`;
  }
  if (from >= 0 && names.line(from).unit === 'dma') {
    return `move ${producer} further up: other work between it and ${consumer} hides the wait`;
  }
  return `put instructions that do not need ${register} between ${producer} and ${consumer}`;
}

/** Whether, on a blocking machine, no other instruction could have used most of the wait. */
function isHeldInExecute({ alsoTrue, consumer, cycles }: Edge, names: Names): boolean {
  const held = entriesByCause(alsoTrue)
    .filter(([cause]) => cause === 'memory.latency' || waitsForStage({ cause, consumer }, names))
    .reduce((sum, [, slots]) => sum + slots, 0);
  return held * 2 > cycles;
}

/** The transfer is the producer where one is named, else the waiting instruction. */
function fetchLess({ consumer, producer, edge }: Wait): string {
  const transfer = edge.producer ? producer : consumer;
  return `move less: keep the tile of ${transfer} in its register where it is used again`;
}

/** The cause other than `issue` with the most slots; null when none is lost. Edges come heaviest first. */
export function largestLossOf(
  causes: readonly Cause[],
  slots: CauseCounts,
  shares: CauseCounts,
  edges: readonly Edge[],
  names: Names,
): Loss | null {
  const slotsOf = (cause: Cause) => slots[CAUSE_INDEX[cause]]!;
  const [cause] = causes
    .filter((c) => c !== 'issue' && slotsOf(c) > 0)
    .sort((a, b) => slotsOf(b) - slotsOf(a));
  if (!cause) return null;
  const total = `${plural(slotsOf(cause), names.slotNoun)} (${percent(shares[CAUSE_INDEX[cause]]!)})`;
  const own = edges.filter((edge) => edge.cause === cause);
  const most = own.length > 1 ? 'most: ' : '';
  const why = own[0] ? most + own[0].sentence.slice(0, -1) : MEANING[cause];
  return { cause, slots: slotsOf(cause), sentence: `${cause} takes ${total}; ${why}` };
}

/** One thing to try. */
export function adviceOn(loss: Loss | null, edges: readonly Edge[], names: Names): string {
  const cause = loss?.cause ?? 'issue';
  if (cause === 'issue' || cause === 'fill' || cause === 'drain') return WITHOUT_WAIT[cause];
  const edge = edges.find((e) => e.cause === cause);
  if (!edge) return `find out why ${MEANING[cause]}`;
  return RULES[cause]({
    consumer: names.subject(edge.consumer.pc),
    producer: edge.producer ? names.subject(edge.producer.pc) : 'the instruction before it',
    register: edge.register ?? 'its register',
    edge,
    names,
  });
}
