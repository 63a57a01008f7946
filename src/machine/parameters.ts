/** Every parameter of a machine file: its kind, unit, range and meaning. Validation and docs read it. */
import type { Machine } from './machine.ts';

export type Parameter =
  | { readonly kind: 'text'; readonly doc: string }
  | { readonly kind: 'flag'; readonly doc: string }
  | { readonly kind: 'choice'; readonly choices: readonly string[]; readonly doc: string }
  | {
      readonly kind: 'whole';
      readonly low: number;
      readonly high: number;
      readonly unit: string;
      readonly doc: string;
    };

/** A parameter for each field of `T`, so that a forgotten one does not type check. */
export type ParametersOf<T> = {
  readonly [K in keyof T]: T[K] extends string | number | boolean ? Parameter : ParametersOf<T[K]>;
};

const text = (doc: string): Parameter => ({ kind: 'text', doc });
const flag = (doc: string): Parameter => ({ kind: 'flag', doc });
const choice = (choices: readonly string[], doc: string): Parameter => ({
  kind: 'choice',
  choices,
  doc,
});
const whole = (low: number, high: number, unit: string, doc: string): Parameter => ({
  kind: 'whole',
  low,
  high,
  unit,
  doc,
});

const MAX_CYCLES = 1_000_000;
const cycles = (doc: string) => whole(1, MAX_CYCLES, 'cycles', doc);
const count = whole(1, 64, 'units', 'how many of them there are');

const lanes = (kind: string) => ({
  count,
  lanes: whole(1, 65_536, 'elements', `elements that a ${kind} pass takes in at once`),
  depthCycles: cycles('from an element going in to its result'),
  intervalCycles: cycles('from one group of lanes going in to the next'),
});

export const MACHINE_PARAMETERS: ParametersOf<Machine> = {
  schema: choice(['lasm-machine/1'], 'version of this file format'),
  name: text('short name, of letters, digits and hyphens'),
  title: text('one sentence for lists'),
  faithfulTo: text('what the machine is faithful to, and what it is not'),
  source: text('where its rules and figures come from'),
  tile: whole(1, 256, 'elements', 'largest tile edge'),
  pipeline: {
    execution: choice(
      ['blocking', 'overlapped'],
      'one instruction in EX at a time, or a pipeline for each unit',
    ),
    forwarding: flag('whether a result can be used before it is written back'),
    branch: choice(
      ['stall', 'not-taken'],
      'fetch nothing behind a branch until it is resolved, or fetch the next instruction',
    ),
    writePorts: whole(1, 64, 'ports', 'results that can be written back in one cycle (overlapped)'),
  },
  alu: {
    count,
    latencyCycles: cycles('from issue to result'),
    intervalCycles: cycles('from one issue to the next on the same unit'),
  },
  mxu: {
    count,
    rows: whole(1, 1024, 'PEs', 'rows R of the systolic array'),
    columns: whole(1, 1024, 'PEs', 'columns C of the systolic array'),
    dataflow: choice(
      ['weight-stationary', 'output-stationary', 'input-stationary'],
      'which operand stays in the array',
    ),
    accumulatorForwarding: flag(
      'whether MATMUL.ACC may follow a product onto the same tile without waiting for it',
    ),
  },
  vec: lanes('vector'),
  sfu: lanes('special-function'),
  memory: {
    latencyCycles: cycles('from a request to its first data'),
    bytesPerCycle: whole(1, 65_536, 'bytes', 'bandwidth, in bytes for each cycle'),
    requestsInFlight: whole(1, 1024, 'requests', 'transfers under way at once (overlapped)'),
  },
};
