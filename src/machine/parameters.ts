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
  readonly [K in keyof T]: T[K] extends string | number | boolean
    ? Parameter
    : ParametersOf<NonNullable<T[K]>>;
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
      ['blocking', 'overlapped', 'scoreboard', 'tomasulo'],
      'one instruction in EX at a time; a pipeline for each unit; or out of order',
    ),
    width: whole(1, 16, 'instructions', 'fetched, dispatched, issued and committed in one cycle'),
    forwarding: flag('whether a result can be used before it is written back'),
    dependencies: flag('whether instructions wait for their sources; false for rooflines only'),
    branch: choice(
      ['stall', 'not-taken', 'backward-taken', 'two-bit'],
      'what is fetched behind a branch that is not resolved yet',
    ),
    branchTableEntries: whole(1, 65_536, 'counters', 'of the two-bit predictor'),
    microOperations: choice(
      ['whole', 'cracked'],
      'whether instructions of several passes are one instruction or one for each pass',
    ),
    writePorts: whole(1, 64, 'ports', 'results that can be written back in one cycle'),
    stations: whole(1, 4096, 'stations', 'reservation stations for each kind of unit (tomasulo)'),
    reorderBufferEntries: whole(1, 4096, 'entries', 'instructions in flight (tomasulo)'),
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
    weights: choice(
      ['serial', 'double-buffered'],
      'whether the stationary operand of a fold is loaded while the fold before streams',
    ),
    weightBytesPerCycle: whole(1, 1_048_576, 'bytes', 'arrival of weights (double-buffered)'),
    weightElementBytes: whole(1, 8, 'bytes', 'size of a weight (double-buffered)'),
    accumulatorForwarding: flag(
      'whether MATMUL.ACC may follow a product onto the same tile without waiting for it',
    ),
  },
  vec: lanes('vector'),
  sfu: lanes('special-function'),
  memory: {
    latencyCycles: cycles('from a request to its first data, in an open row'),
    bytesPerCycle: whole(1, 65_536, 'bytes', 'bandwidth, in bytes for each cycle'),
    requestsInFlight: whole(1, 1024, 'requests', 'accesses under way at once'),
    burstBytes: whole(4, 65_536, 'bytes', 'DRAM moves aligned blocks of this size; a power of two'),
    banks: whole(1, 1024, 'banks', 'each with an open row'),
    rowBytes: whole(4, 1_048_576, 'bytes', 'of a row of a bank; a multiple of burstBytes'),
    rowMissCycles: whole(0, MAX_CYCLES, 'cycles', 'added where a row has to be opened'),
  },
  cache: {
    sizeBytes: whole(4, 1 << 30, 'bytes', 'a multiple of ways × lineBytes'),
    ways: whole(1, 1024, 'ways', 'lines that a set holds'),
    lineBytes: whole(4, 65_536, 'bytes', 'a multiple of memory.burstBytes'),
    hitCycles: cycles('from a look-up to the data of a hit'),
    replacement: choice(['lru', 'fifo'], 'which line of a full set makes room'),
    writePolicy: choice(['back', 'through'], 'whether a write goes to DRAM late or at once'),
  },
};
