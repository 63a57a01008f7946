/** Runs a model on the machine and in the float64 reference, and compares them tensor by tensor. */
import type { Graph } from '../model/graph.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import type { RefTensor } from '../reference/graph.ts';
import { evaluateGraph } from '../reference/graph.ts';
import { symbolValues } from '../run/outputs.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Trap } from '../vm/trap.ts';
import { Vm } from '../vm/vm.ts';
import type { Build } from './build.ts';
import { likelyCause } from './verify-cause.ts';
import type { Comparison } from './verify-compare.ts';
import { compareValues, placeOf } from './verify-compare.ts';
import type { MachinePass } from './verify-passes.ts';
import { runOnce, runPasses } from './verify-passes.ts';
import type { WeightDifference } from './verify-weights.ts';
import { compareWeight } from './verify-weights.ts';

export interface VerifyOptions {
  /** In parts of the largest magnitude of each tensor; see DEFAULT_TOLERANCE. */
  readonly tolerance: number;
  readonly maxInstructions?: number | undefined;
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

/**
 * A program from inputs to outputs. It must have been compiled with `apart`, so that tensors are in
 * memory when it ends.
 */
export function verifyGraph(
  subject: Subject,
  inputs: ReadonlyMap<string, HostTensor>,
  options: VerifyOptions,
): Verified {
  const places = subject.places.get('main')!;
  const bySymbol = new Map([...inputs].map(([name, tensor]) => [places.get(name)!, tensor]));
  const comparer = new Comparer(subject, options, inputs);
  const { program } = subject;
  return comparer.finish(
    runOnce(program, bySymbol, vmOptions(options), (pass, vm) => comparer.compare(pass, vm)),
  );
}

/** A program that generates: every pass through encoder and decoder, with the machine's own tokens. */
export function verifyLanguage(
  subject: Subject,
  promptTokens: readonly number[],
  options: VerifyOptions,
): Verified {
  const comparer = new Comparer(subject, options, new Map());
  const routines = [...subject.graphs.keys()];
  const vm = { ...vmOptions(options), promptTokens };
  return comparer.finish(
    runPasses(subject.program, routines, vm, (pass, at) => comparer.compare(pass, at)),
  );
}

const vmOptions = ({ maxInstructions }: VerifyOptions) =>
  maxInstructions === undefined ? {} : { maxInstructions };

/** The weights of a program that differ from those of the model. */
function otherWeights({ program, graphs, places }: Subject): WeightDifference[] {
  const vm = new Vm(program);
  const seen = new Set<string>();
  const found: WeightDifference[] = [];
  for (const [routine, graph] of graphs) {
    for (const weight of graph.weights) {
      const name = places.get(routine)!.get(weight.name);
      if (name === undefined || seen.has(name)) continue;
      seen.add(name);
      const difference = compareWeight(weight, symbolValues(vm, findSymbol(program, name)!));
      if (difference) found.push(difference);
    }
  }
  return found;
}

/** Holds the machine's memory against the reference, pass by pass, up to the first difference. */
class Comparer {
  private readonly subject: Subject;
  private readonly options: VerifyOptions;
  private readonly inputs: ReadonlyMap<string, RefTensor>;
  private readonly states = new Map<string, RefTensor>();
  private readonly weights: readonly WeightDifference[];
  private counts = { passes: 0, tensors: 0, values: 0 };
  private worst = { tensor: '', relative: 0 };
  private difference: TensorDifference | undefined;

  constructor(subject: Subject, options: VerifyOptions, inputs: ReadonlyMap<string, HostTensor>) {
    this.subject = subject;
    this.options = options;
    this.weights = otherWeights(subject);
    this.inputs = new Map([...inputs].map(([name, tensor]) => [name, widen(tensor)]));
  }

  /** Whether the pass agrees. */
  compare(pass: MachinePass, vm: Vm): boolean {
    const { graphs, places } = this.subject;
    const graph = graphs.get(pass.routine)!;
    const own = places.get(pass.routine)!;
    const agreed = new Map<string, number>();
    this.counts.passes++;
    const tokens = { shape: [pass.tokens.length], data: Float64Array.from(pass.tokens) };
    const inputs = this.inputs.size > 0 ? this.inputs : new Map([['tokens', tokens]]);
    evaluateGraph(graph, inputs, {
      counts: pass.counts,
      states: this.states,
      visit: (node, tensor, wanted) => {
        const symbol = findSymbol(vm.program, own.get(tensor) ?? '');
        if (this.difference || !symbol) return;
        const { address, dtype } = symbol;
        const found = vm.memory.numbers(address, wanted.data.length, dtype);
        const tolerance = graph.types.get(tensor)!.dtype === 'f32' ? this.options.tolerance : 0;
        const comparison = compareValues(found, wanted, tolerance);
        this.count(tensor, comparison, wanted);
        agreed.set(tensor, comparison.largest);
        if (comparison.beyond === 0) return;
        const { index } = comparison;
        const at = { node, found: found[index]!, wanted };
        const suspect = { graph, ...at, places: own, agreed, file: this.subject.file };
        this.difference = {
          ...comparison,
          pass,
          tensor,
          op: node.op,
          part: node.part,
          shape: wanted.shape,
          place: placeOf(index, wanted.shape),
          found: found[index]!,
          wanted: wanted.data[index]!,
          cause: likelyCause(vm, suspect),
        };
      },
    });
    if (!this.difference) this.options.onPass?.(pass);
    return this.difference === undefined;
  }

  finish(trap: Trap | undefined): Verified {
    const { counts, worst, difference, weights } = this;
    return { ...counts, worst, difference, weights, trap };
  }

  private count(tensor: string, { largest, beyond }: Comparison, { data }: RefTensor): void {
    this.counts.tensors++;
    this.counts.values += data.length;
    if (beyond === 0 && largest > this.worst.relative) this.worst = { tensor, relative: largest };
  }
}

const widen = ({ shape, data }: HostTensor): RefTensor => ({
  shape,
  data: Float64Array.from(data),
});
