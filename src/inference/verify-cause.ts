/** Why a tensor is probably not what it should be. */
import type { Graph, GraphNode } from '../model/graph.ts';
import type { Program } from '../program/program.ts';
import { findSymbol } from '../program/program.ts';
import type { RefTensor } from '../reference/graph.ts';
import { symbolValues } from '../run/outputs.ts';
import type { Vm } from '../vm/vm.ts';
import { compareWeight, showWeightDifference, strangeness } from './verify-weights.ts';

/** The first node whose result is not what the reference says. */
export interface Suspect {
  readonly graph: Graph;
  readonly node: GraphNode;
  /** Of the result: what the machine has, and all that the reference has. */
  readonly found: number;
  readonly wanted: RefTensor;
  /** Tensor → symbol. */
  readonly places: ReadonlyMap<string, string>;
  /** Tensor → its largest difference, in parts of what it is held against. */
  readonly agreed: ReadonlyMap<string, number>;
  readonly file: string | undefined;
}

/** The most likely cause, in one sentence. */
export function likelyCause(vm: Vm, suspect: Suspect): string {
  return (
    otherWeight(vm, suspect) ??
    strangeWeight(suspect) ??
    (suspect.wanted.data.every(Number.isFinite)
      ? wrongCode(vm.program, suspect)
      : 'the model itself computes numbers that are none (∞ or NaN) here')
  );
}

const weightsOf = ({ graph, node }: Suspect) =>
  graph.weights.filter(({ name }) => node.inputs.includes(name));

/** A weight of the node that is not the model's: the program was given another, or wrote over it. */
function otherWeight(vm: Vm, suspect: Suspect): string | undefined {
  for (const weight of weightsOf(suspect)) {
    const symbol = findSymbol(vm.program, suspect.places.get(weight.name) ?? '');
    const difference = symbol && compareWeight(weight, symbolValues(vm, symbol));
    if (difference) return showWeightDifference(difference);
  }
  return undefined;
}

function strangeWeight(suspect: Suspect): string | undefined {
  for (const weight of weightsOf(suspect)) {
    const found = strangeness(weight);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What goes in is right and what comes out is not. */
function wrongCode({ sources }: Program, { node, found, agreed, file }: Suspect): string {
  const inputs = node.inputs.filter((name) => agreed.has(name));
  const worst = Math.max(0, ...inputs.map((name) => agreed.get(name)!));
  const right =
    inputs.length === 0
      ? 'it has no inputs that are computed'
      : `its inputs agree (${inputs.map((name) => `\`${name}\``).join(', ')}, to within ${worst.toExponential(0)})`; // prettier-ignore
  const never = Number.isNaN(found) ? '; NaN may be memory that was never written' : '';
  const line = file === undefined ? undefined : lineOf(sources[0]?.text ?? '', node);
  const where = line === undefined ? '' : `: see ${file}:${line}`;
  return `${right}, so the code of this node computes something else${where}${never}`;
}

/** The compiler writes `; name ← what it does` above the code of each node. */
function lineOf(text: string, { outputs }: GraphNode): number | undefined {
  const at = text.split('\n').findIndex((line) => line.trim().startsWith(`; ${outputs[0]} ←`));
  return at < 0 ? undefined : at + 1;
}
