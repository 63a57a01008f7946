/** The causes to which an issue slot can be charged, in the order of priority. */
import type { Machine } from '../machine/machine.ts';

/** The first that is true in a cycle is charged (rule UA-30). */
export const CAUSES = [
  'issue',
  'fill',
  'control',
  'raw',
  'waw',
  'war',
  'structural.alu',
  'structural.mxu',
  'structural.vec',
  'structural.sfu',
  'structural.dma',
  'structural.port',
  'structural.queue',
  'structural.bank',
  'memory.latency',
  'memory.bandwidth',
  'memory.miss',
  'memory.order',
  'drain',
] as const;

export type Cause = (typeof CAUSES)[number];

/** The bit of a cause in a set of causes. */
export const CAUSE_BIT = Object.fromEntries(CAUSES.map((cause, i) => [cause, 1 << i])) as Readonly<
  Record<Cause, number>
>;

/** The causes in a set, in order of priority. */
export function causesIn(set: number): Cause[] {
  return CAUSES.filter((cause) => (set & CAUSE_BIT[cause]) !== 0);
}

const EVERYWHERE: readonly Cause[] = ['issue', 'fill', 'control', 'raw', 'drain'];
const BLOCKING: readonly Cause[] = [
  'structural.mxu',
  'structural.vec',
  'structural.sfu',
  'memory.latency',
  'memory.bandwidth',
];
const OVERLAPPED: readonly Cause[] = [
  'waw',
  'war',
  'structural.mxu',
  'structural.vec',
  'structural.sfu',
  'structural.port',
  'structural.queue',
  'memory.bandwidth',
  'memory.order',
];

/** A scalar unit that takes an instruction in every cycle never makes one wait. */
function aluCanBlock({ pipeline, alu }: Machine): boolean {
  return pipeline.execution === 'blocking' ? alu.latencyCycles > 1 : alu.intervalCycles > alu.count;
}

/** The causes that a machine can produce, in order of priority; reports list no others. */
export function possibleCauses(machine: Machine): Cause[] {
  const own = machine.pipeline.execution === 'blocking' ? BLOCKING : OVERLAPPED;
  return CAUSES.filter(
    (cause) =>
      EVERYWHERE.includes(cause) ||
      own.includes(cause) ||
      (cause === 'structural.alu' && aluCanBlock(machine)),
  );
}
