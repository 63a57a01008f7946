/** The nodes of an ONNX model that its outputs need, in an order in which they can be computed. */
import { didYouMean } from '../../diagnostics/suggest.ts';
import { GraphError } from '../graph.ts';
import type { OnnxModel, OnnxNode } from './model-proto.ts';
import { nodeName } from './names.ts';

/** The node that computes each value; throws GraphError when two do. */
export function producersOf(model: OnnxModel): ReadonlyMap<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  const given = new Set([...model.initializers.keys(), ...model.inputs.map(({ name }) => name)]);
  for (const node of model.nodes) {
    for (const output of node.outputs.filter((name) => name !== '')) {
      if (producers.has(output) || given.has(output)) {
        throw new GraphError(`the value ${output} is computed twice`);
      }
      producers.set(output, node);
    }
  }
  return producers;
}

/**
 * The needed nodes: in the order of the file where that can be computed, as ONNX demands, else each
 * behind those that it needs.
 *
 * @throws GraphError when values depend on themselves, or on values that nothing computes.
 */
export function orderedNodes(model: OnnxModel): readonly OnnxNode[] {
  const producers = producersOf(model);
  const sources = new Set([...model.initializers.keys(), ...model.inputs.map(({ name }) => name)]);
  const done = new Set<OnnxNode>();
  const open = new Set<OnnxNode>();
  const producerOf = (value: string, user: string): OnnxNode | undefined => {
    const node = producers.get(value);
    if (node || value === '' || sources.has(value)) return node;
    const hint = didYouMean(value, [...producers.keys(), ...sources]);
    throw new GraphError(`${user} needs the value ${value}, which nothing computes`, hint);
  };
  for (const { name } of model.outputs) {
    const stack = [producerOf(name, 'the model')];
    while (stack.length > 0) {
      const node = stack.at(-1);
      if (!node || done.has(node) || open.has(node)) {
        if (node && !done.has(node)) done.add(node);
        stack.pop();
        continue;
      }
      open.add(node);
      const needed = node.inputs.map((input) => producerOf(input, `node ${nodeName(node)}`));
      for (const other of needed) {
        if (!other || done.has(other)) continue;
        if (open.has(other)) throw new GraphError(`node ${nodeName(other)} depends on itself`);
        stack.push(other);
      }
    }
  }
  const asInFile = model.nodes.filter((node) => done.has(node));
  return isSorted(asInFile, producers) ? asInFile : [...done];
}

function isSorted(nodes: readonly OnnxNode[], producers: ReadonlyMap<string, OnnxNode>): boolean {
  const seen = new Set<OnnxNode>();
  return nodes.every((node) => {
    const ready = node.inputs.every((input) => {
      const producer = producers.get(input);
      return !producer || seen.has(producer);
    });
    seen.add(node);
    return ready;
  });
}
