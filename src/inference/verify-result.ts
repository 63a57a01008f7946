/** What is verified, how, and what comes out. */
import type { Graph } from '../model/graph.ts';
import type { Program } from '../program/program.ts';
import type { Trap } from '../vm/trap.ts';
import type { Build } from './build.ts';
import type { Comparison } from './verify-compare.ts';
import type { MachinePass } from './verify-passes.ts';
import type { WeightDifference } from './verify-weights.ts';

export interface VerifyOptions {
  /** In parts of the largest magnitude of each tensor; see DEFAULT_TOLERANCE. */
  readonly tolerance: number;
  readonly maxInstructions?: number | undefined;
  /** Of programs that generate: stop before they have written more tokens than this. */
  readonly maxNewTokens?: number | undefined;
  /** Of models with an encoder: the token that the decoder begins with. */
  readonly decoderStart?: number | undefined;
  /** Is told of each pass that agrees. */
  readonly onPass?: ((pass: MachinePass) => void) | undefined;
}

/** The first tensor that is not what the reference says. */
export interface TensorDifference extends Comparison {
  readonly pass: MachinePass;
  readonly tensor: string;
  readonly op: string;
  readonly part: string;
  readonly shape: readonly number[];
  readonly place: readonly number[];
  readonly found: number;
  readonly wanted: number;
  readonly cause: string;
}

export interface Verified {
  readonly passes: number;
  /** Tensors and values that were compared. */
  readonly tensors: number;
  readonly values: number;
  /** The largest difference of those that agree, in parts of what it is held against. */
  readonly worst: { readonly tensor: string; readonly relative: number };
  readonly difference: TensorDifference | undefined;
  /** Weights of the program that are not the model's. */
  readonly weights: readonly WeightDifference[];
  readonly trap: Trap | undefined;
}

/** What is run, and what it should compute. */
export interface Subject {
  readonly program: Program;
  /** Graph by the label of its code. */
  readonly graphs: ReadonlyMap<string, Graph>;
  readonly places: Build['places'];
  /** The file of the program, where it is one that a person can look into. */
  readonly file?: string | undefined;
}
