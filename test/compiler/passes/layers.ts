/** Stacks of layers for tests, one part for each, written down by what a layer does. */
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Attributes, Graph } from '../../../src/model/graph.ts';
import type { Inputs } from '../../support/compile-graph.ts';
import { distance, evaluate, runGraph } from '../../support/compile-graph.ts';
import { values } from '../../support/random-graph.ts';

/** Adds a node of layer i. */
export type Add = (op: string, inputs: readonly string[], attributes?: Attributes) => string;

/** One layer: what it hands to the next, from what the one before has handed to it. */
export type LayerOf = (add: Add, stream: readonly string[], i: number) => readonly string[];

export class LayerBuilder {
  readonly graph = new GraphBuilder('layers');
  private count = 0;

  /** An input's values behind a tanh, so that they have memory that may be written again. */
  start(name: string, shape: readonly number[]): string {
    return this.graph.add('tanh', [this.graph.input(`${name} in`, 'f32', shape)], {}, { name });
  }

  weight(name: string, shape: readonly number[]): string {
    const elements = shape.reduce((n, dim) => n * dim, 1);
    return this.graph.constant(name, 'f32', shape, values(this.count++, elements, 0.5));
  }

  /** Layers `from` to below `to`. */
  repeat(stream: readonly string[], from: number, to: number, layer: LayerOf): readonly string[] {
    let now = stream;
    for (let i = from; i < to; i++) {
      let count = 0;
      const part = `layer ${i}`;
      const add: Add = (op, inputs, attributes = {}) =>
        this.graph.add(op, inputs, attributes, { name: `${part}/${op}${count++}`, part });
      now = layer(add, now, i);
    }
    return now;
  }

  /** Outputs are copies, so that the tensors themselves may share memory. */
  finish(tensors: readonly string[]): Graph {
    return this.graph.finish(
      tensors.map((tensor, i) => this.graph.add('sigmoid', [tensor], {}, { name: `y${i}` })),
    );
  }
}

export function inputsFor(graph: Graph): Inputs {
  return new Map(
    graph.inputs.map(({ name, shape }, i) => {
      const elements = (shape as readonly number[]).reduce((n, dim) => n * dim, 1);
      return [name, values(50 + i, elements, 1)];
    }),
  );
}

/** Whether the text has a loop over layers. */
export const isRolled = (text: string): boolean => /^layer(_\d+)?:$/m.test(text);

/**
 * Runs a graph at every level; throws where a result is far from that of the evaluator. A few
 * roundings of numbers around 1 are allowed, of which each is off by 6·10⁻⁸.
 */
export function runEverywhere(graph: Graph): readonly string[] {
  const inputs = inputsFor(graph);
  const expected = evaluate(graph, inputs);
  return ([0, 1, 2] as const).map((level) => {
    const { outputs, compiled } = runGraph(graph, inputs, { level, tile: 4 });
    for (const [name, found] of outputs) {
      const far = distance(found, expected.get(name)!);
      if (!(far < 3e-6)) throw new Error(`${name} is off by ${far} at level ${level}`);
    }
    return compiled.text;
  });
}
