/** The causes to which an issue slot can be charged, in the order of priority. */
import type { Machine, Pipeline } from '../machine/machine.ts';

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

type Possible = (machine: Machine) => boolean;

const always: Possible = () => true;
const isOneOf =
  (...executions: readonly Pipeline['execution'][]): Possible =>
  ({ pipeline }) =>
    executions.includes(pipeline.execution);

/** UA-66: whether instructions wait for values at all. */
const dependencies: Possible = ({ pipeline }) => pipeline.dependencies;

/** A scalar unit that takes every instruction at once never makes one wait. */
const aluCanBlock: Possible = ({ pipeline, alu }) => {
  switch (pipeline.execution) {
    case 'blocking':
      return alu.latencyCycles > 1;
    case 'overlapped':
    case 'tomasulo':
      return pipeline.width * alu.intervalCycles > alu.count;
    case 'scoreboard':
      return true;
  }
  return pipeline.execution satisfies never;
};

/** Without row misses every bank is ready when the access before lets go of the bus. */
const bankCanBlock: Possible = (machine) =>
  isOneOf('overlapped', 'tomasulo')(machine) &&
  machine.cache === null &&
  machine.memory.rowMissCycles > 0;

/** When a cause can hold on a machine, whether it is charged or another goes before it. */
const POSSIBLE: Readonly<Record<Cause, Possible>> = {
  issue: always,
  fill: always,
  control: always,
  raw: dependencies,
  waw: isOneOf('overlapped', 'scoreboard'),
  war: isOneOf('overlapped', 'scoreboard'),
  'structural.alu': aluCanBlock,
  'structural.mxu': always,
  'structural.vec': always,
  'structural.sfu': always,
  'structural.dma': isOneOf('scoreboard'),
  'structural.port': isOneOf('overlapped'),
  'structural.queue': isOneOf('overlapped', 'tomasulo'),
  'structural.bank': bankCanBlock,
  'memory.latency': dependencies,
  'memory.bandwidth': always,
  'memory.miss': (machine) => machine.cache !== null && dependencies(machine),
  'memory.order': (machine) => isOneOf('overlapped', 'tomasulo')(machine) && dependencies(machine),
  drain: always,
};

/** The causes that a machine can produce, in order of priority; reports list no others. */
export function possibleCauses(machine: Machine): Cause[] {
  return CAUSES.filter((cause) => POSSIBLE[cause](machine));
}
