/** What cannot be compiled, and what passes must not hand on: each is said with its name. */
import { describe, expect, it } from 'vitest';
import { add } from '../../../isa/instructions/add.ts';
import { KernelBuilder, placeIn } from '../../../src/compiler/kernel/builder.ts';
import { times } from '../../../src/compiler/kernel/affine.ts';
import { checkKernel, checkModule } from '../../../src/compiler/passes/check.ts';
import { inferGraph } from '../../../src/compiler/passes/infer.ts';
import { moduleOf } from '../../../src/compiler/step-passes.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Graph, GraphNode } from '../../../src/model/graph.ts';
import { GraphError } from '../../../src/model/graph.ts';
import { compileGraph } from '../../support/compile-graph.ts';

function softmaxTwice(): Graph {
  const graph = new GraphBuilder('two');
  const first = graph.add('softmax', [graph.input('x', 'f32', [4, 4])], {}, { name: 'first' });
  return graph.finish([graph.add('softmax', [first], {}, { name: 'second' })]);
}

const withNodes = (
  graph: Graph,
  change: (nodes: readonly GraphNode[]) => readonly GraphNode[],
) => ({
  ...graph,
  nodes: change(graph.nodes),
});

describe('shape inference', () => {
  it('hands on a graph that is in order', () => {
    const graph = softmaxTwice();
    expect(inferGraph(graph)).toBe(graph);
  });

  it.each([
    ['the operator is unknown', (g: Graph) => withNodes(g, ([a, b]) => [{ ...a!, op: 'sofmax' }, b!]), 'node first: there is no operator sofmax'],
    ['nodes are in disorder', (g: Graph) => withNodes(g, (nodes) => nodes.toReversed()), 'node second reads first before it is computed'],
    ['an output is never computed', (g: Graph) => withNodes(g, ([a]) => [a!]), 'nothing computes the output second'],
    ['a type is not what its operator gives', (g: Graph) => ({ ...g, types: new Map(g.types).set('first', { dtype: 'f32', shape: [2, 8] }) }), 'node first: first is not 4×4 f32'],
  ] as const)('says so when %s', (_, change, message) => {
    const compile = () => compileGraph(change(softmaxTwice()), { level: 1 });
    expect(compile).toThrow(GraphError);
    expect(compile).toThrow(message);
  }); // prettier-ignore
});

describe('lowering', () => {
  it('names the node that asks for what there is not', () => {
    const graph = new GraphBuilder('recurrent');
    const shapes = [[2, 1, 3], [4, 3], [4, 4]]; // prettier-ignore
    const operands = shapes.map((shape, i) => graph.input(`x${i}`, 'f32', shape));
    const state = graph.add('rnn', operands, { activations: ['sine'] }, { name: 'wave' });
    const compile = () => compileGraph(graph.finish([state]), { level: 1 });
    expect(compile).toThrow(GraphError);
    expect(compile).toThrow('node wave: there is no activation sine');
  });
});

describe('the checks between passes', () => {
  it('find a tensor that is read before it is written', () => {
    const graph = withNodes(softmaxTwice(), (nodes) => nodes.toReversed());
    const module = moduleOf([{ name: 'main', graph }], { level: 0, tile: 4, weightsFile: '' });
    expect(() => checkModule(module)).toThrow('main: second reads first before it is written');
  });

  it('find a tile that is read before it is written', () => {
    const builder = new KernelBuilder('k');
    const lost = builder.tile('lost', 4, 4);
    builder.store(placeIn('y'), builder.compute(add, 4, 4, { ta: lost, tb: lost }), 16);
    expect(() => checkKernel(builder.finish('', ''))).toThrow('k reads lost0 before it is written');
  });

  it('find the index of a loop behind it', () => {
    const builder = new KernelBuilder('k');
    let index: Parameters<typeof times>[0] = 0;
    builder.loop('loop', 3, 1, ({ at }) => void (index = at));
    builder.store(placeIn('y', times(index, 16)), builder.fill(0, 1, 1), 16);
    expect(() => checkKernel(builder.finish('', ''))).toThrow('k uses loop where it has no value');
  });
});
