/** Holds the memory of a machine against the reference, tensor by tensor in the order of the nodes. */
import type { Graph, GraphNode } from '../model/graph.ts';
import { findSymbol } from '../program/program.ts';
import type { RefTensor } from '../reference/graph.ts';
import { evaluateGraph } from '../reference/graph.ts';
import { symbolValues } from '../run/outputs.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import type { Trap } from '../vm/trap.ts';
import { Vm } from '../vm/vm.ts';
import { likelyCause } from './verify-cause.ts';
import type { Comparison } from './verify-compare.ts';
import { compareValues, placeOf } from './verify-compare.ts';
import type { MachinePass } from './verify-passes.ts';
import type { Subject, TensorDifference, Verified, VerifyOptions } from './verify-result.ts';
import type { WeightDifference } from './verify-weights.ts';
import { compareWeight } from './verify-weights.ts';

/** A pass that is over, and what is known of it. */
interface Moment {
  readonly pass: MachinePass;
  readonly vm: Vm;
  readonly graph: Graph;
  /** Tensor → symbol. */
  readonly places: ReadonlyMap<string, string>;
  /** Tensor → its largest difference. */
  readonly agreed: Map<string, number>;
}

/** One verification: pass by pass, up to the first difference. */
export class Comparer {
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

  /**
   * Whether the pass agrees, up to the first tensor that does not. `text` is what the model reads, of
   * which the pass must have got its part.
   */
  compare(pass: MachinePass, vm: Vm, text: readonly number[] = []): boolean {
    this.counts.passes++;
    this.difference = otherTokens(pass, text);
    return this.difference === undefined && this.compareTensors(pass, vm);
  }

  private compareTensors(pass: MachinePass, vm: Vm): boolean {
    const { graphs, places } = this.subject;
    const graph = graphs.get(pass.routine)!;
    const at = { pass, vm, graph, places: places.get(pass.routine)!, agreed: new Map() };
    const tokens = { shape: [pass.tokens.length], data: Float64Array.from(pass.tokens) };
    const inputs = this.inputs.size > 0 ? this.inputs : new Map([['tokens', tokens]]);
    evaluateGraph(graph, inputs, {
      counts: pass.counts,
      states: this.states,
      visit: (node, tensor, wanted) => {
        if (!this.difference) this.compareTensor(at, node, tensor, wanted);
      },
    });
    if (!this.difference) this.options.onPass?.(pass);
    return this.difference === undefined;
  }

  finish(trap: Trap | undefined): Verified {
    const { counts, worst, difference, weights } = this;
    return { ...counts, worst, difference, weights, trap };
  }

  private compareTensor(at: Moment, node: GraphNode, tensor: string, wanted: RefTensor): void {
    const { vm, graph, places, agreed } = at;
    const symbol = findSymbol(vm.program, places.get(tensor) ?? '');
    if (!symbol) return;
    const values = vm.memory.numbers(symbol.address, wanted.data.length, symbol.dtype);
    const tolerance = graph.types.get(tensor)!.dtype === 'f32' ? this.options.tolerance : 0;
    const comparison = compareValues(values, wanted, tolerance);
    this.count(tensor, comparison, wanted);
    agreed.set(tensor, comparison.largest);
    if (comparison.beyond === 0) return;
    const { index } = comparison;
    const found = values[index]!;
    const suspect = { graph, node, found, wanted, places, agreed, file: this.subject.file };
    this.difference = {
      ...comparison,
      pass: at.pass,
      tensor,
      op: node.op,
      part: node.part,
      shape: wanted.shape,
      place: placeOf(index, wanted.shape),
      found,
      wanted: wanted.data[index]!,
      cause: likelyCause(vm, suspect),
    };
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

/** The loop around the model must hand over the prompt, and then the text so far. */
function otherTokens(pass: MachinePass, text: readonly number[]): TensorDifference | undefined {
  const { tokens, counts } = pass;
  const start = pass.routine === 'encode' ? 0 : counts.position;
  const isOther = (token: number, i: number) => token !== text[start + i];
  const index = tokens.findIndex(isOther);
  if (index < 0) return undefined;
  return {
    pass,
    tensor: 'tokens',
    op: 'input',
    part: '',
    shape: [tokens.length],
    place: [index],
    index,
    found: tokens[index]!,
    wanted: text[start + index] ?? NaN,
    largest: Infinity,
    beyond: tokens.filter(isOther).length,
    cause:
      'the loop around the model hands over other tokens than those of the prompt and the text',
  };
}
