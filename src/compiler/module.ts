/** A model on its way through the compiler: routines made of steps, and what is known of their tensors. */
import type { Graph, State, TensorType, Weight } from '../model/graph.ts';
import type { Variable } from './kernel/affine.ts';
import type { Level } from './lower/context.ts';
import type { Step } from './step.ts';

/** Steps that are done once, or once for each layer. */
export interface Section {
  /** `layer` of steps that are repeated; '' of others. */
  readonly name: string;
  /** How often; 1 for steps that are not repeated. */
  readonly count: number;
  readonly steps: readonly Step[];
}

/** One graph: a subroutine of a language model, or the whole program. */
export interface Routine {
  /** Label of its code: `decode`, `encode` or `main`. */
  readonly name: string;
  readonly graph: Graph;
  readonly sections: readonly Section[];
  /**
   * Tensors that are others, further on by multiples of counts: reshaped ones, caches, and what a
   * layer hands to the next. Chains end at a tensor that has memory.
   */
  readonly aliases: ReadonlyMap<string, Alias>;
}

export interface Alias {
  readonly of: string;
  /** Bytes behind its start: constant + bytes · variable. */
  readonly constant: number;
  readonly variable: Variable | undefined;
  readonly bytes: number;
}

/** The same tensor in the same place. */
export const aliasOf = (of: string): Alias => ({ of, constant: 0, variable: undefined, bytes: 0 });

export interface Module {
  readonly name: string;
  readonly tile: number;
  readonly level: Level;
  readonly routines: readonly Routine[];
  /** Weights and states that every layer of a loop has its own of, by the name of the first one. */
  readonly stacks: ReadonlyMap<string, readonly (Weight | State)[]>;
}

/** The type of a tensor of a routine. */
export function typeIn({ graph }: Routine, tensor: string): TensorType {
  const type = graph.types.get(tensor) ?? graph.states.find(({ name }) => name === tensor);
  if (type) return type;
  throw new Error(`invariant: ${graph.name} has no tensor ${tensor}`);
}

/** Tensors that a step reads, in any way; the state that it appends to or recalls is one. */
export function readsOf({ node, epilogue }: Step): readonly string[] {
  const others = epilogue.flatMap(({ other }) => (other === undefined ? [] : [other]));
  const { state } = node.attributes;
  const states = typeof state === 'string' ? [state] : [];
  return [...node.inputs.filter((name) => name !== ''), ...others, ...states];
}

/** Tensors that a step computes. */
export function writesOf({ node, output }: Step): readonly string[] {
  return [output, ...node.outputs.slice(1)].filter((name) => name !== '');
}

/** The tensor whose memory this one is, or is in. */
export function rootOf({ aliases }: Routine, tensor: string): string {
  let name = tensor;
  for (let next = aliases.get(name); next; next = aliases.get(name)) name = next.of;
  return name;
}
