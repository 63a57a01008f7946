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
  /** Whether the stationary operand of a fold is loaded while the fold before streams. */
  readonly weights: 'serial' | 'double-buffered';
  /** How fast the stationary operand arrives (double-buffered). */
  readonly weightBytesPerCycle: number;
  readonly weightElementBytes: number;
  /** Whether MATMUL.ACC may follow a product onto the same tile without waiting for it. */
  readonly accumulatorForwarding: boolean;
}

export interface Memory {
  /** From a request to its first data, in an open row. */
  readonly latencyCycles: number;
  readonly bytesPerCycle: number;
  /** Accesses that may be under way at once. */
  readonly requestsInFlight: number;
  /** DRAM moves aligned blocks of this many bytes. */
  readonly burstBytes: number;
  readonly banks: number;
  /** Bytes of a row of a bank. */
  readonly rowBytes: number;
  /** Added to the latency where a row has to be opened. */
  readonly rowMissCycles: number;
}

export interface Cache {
  readonly sizeBytes: number;
  readonly ways: number;
  readonly lineBytes: number;
  readonly hitCycles: number;
  readonly replacement: 'lru' | 'fifo';
  readonly writePolicy: 'back' | 'through';
}

export interface Pipeline {
  readonly execution: 'blocking' | 'overlapped' | 'scoreboard' | 'tomasulo';
  /** Instructions fetched, dispatched, issued and committed in one cycle. */
  readonly width: number;
  /** Whether a result can be used before it is written back. */
  readonly forwarding: boolean;
  /** Whether instructions wait for their sources; without, only units and bandwidth bind. */
  readonly dependencies: boolean;
  /** What is fetched behind a branch. */
  readonly branch: 'stall' | 'not-taken' | 'backward-taken' | 'two-bit';
  readonly branchTableEntries: number;
  /** Whether SOFTMAX and its like are one instruction or one for each of their passes. */
  readonly microOperations: 'whole' | 'cracked';
  /** Results that can be written back in one cycle (overlapped, tomasulo). */
  readonly writePorts: number;
  /** Reservation stations for each kind of unit (tomasulo). */
  readonly stations: number;
  /** Instructions between dispatch and commit (tomasulo). */
  readonly reorderBufferEntries: number;
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
  /** null: memory accesses go to DRAM. */
  readonly cache: Cache | null;
}
