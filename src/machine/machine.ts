/** What a machine file describes. Every field is required; docs/microarchitecture.md says what each means. */

/** A unit whose results take `latencyCycles` and that accepts work every `intervalCycles`. */
export interface ScalarUnit {
  readonly count: number;
  readonly latencyCycles: number;
  readonly intervalCycles: number;
}

/** A unit of lanes: `lanes` elements every `intervalCycles`, each `depthCycles` after it went in. */
export interface LaneUnit {
  readonly count: number;
  readonly lanes: number;
  readonly depthCycles: number;
  readonly intervalCycles: number;
}

/** A systolic array of `rows` × `columns` processing elements. */
export interface MatrixUnit {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly dataflow: 'weight-stationary' | 'output-stationary' | 'input-stationary';
  /** Whether MATMUL.ACC may follow a product onto the same tile without waiting for it. */
  readonly accumulatorForwarding: boolean;
}

export interface Memory {
  /** From a request to its first data. */
  readonly latencyCycles: number;
  readonly bytesPerCycle: number;
  /** Transfers that may be under way at once. */
  readonly requestsInFlight: number;
}

export interface Pipeline {
  /** `blocking`: one instruction in EX at a time; `overlapped`: one pipeline for each unit. */
  readonly execution: 'blocking' | 'overlapped';
  /** Whether a result can be used before it is written back. */
  readonly forwarding: boolean;
  /** What is fetched behind a branch: nothing until it is resolved, or the next instruction. */
  readonly branch: 'stall' | 'not-taken';
  /** Results that can be written back in one cycle. */
  readonly writePorts: number;
}

export interface Machine {
  readonly schema: 'lasm-machine/1';
  readonly name: string;
  /** One sentence for lists. */
  readonly title: string;
  /** What the machine is faithful to, and what it is not. */
  readonly faithfulTo: string;
  /** Where its rules and figures come from. */
  readonly source: string;
  /** Largest tile edge. */
  readonly tile: number;
  readonly pipeline: Pipeline;
  readonly alu: ScalarUnit;
  readonly mxu: MatrixUnit;
  readonly vec: LaneUnit;
  readonly sfu: LaneUnit;
  readonly memory: Memory;
}
