/** Fusion and aliases: steps that vanish, tensors that need no memory, and those that must stay. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Graph } from '../../../src/model/graph.ts';
import { printPasses } from '../../support/compile-graph.ts';
import { values } from '../../support/random-graph.ts';
import { runEverywhere } from './layers.ts';

/** A graph with x [5, 6], w [6, 7] and their product y0 [5, 7]. */
function product(rest: (graph: GraphBuilder, y: string) => readonly string[]): Graph {
  const graph = new GraphBuilder('product');
  const x = graph.input('x', 'f32', [5, 6]);
  const w = graph.constant('w', 'f32', [6, 7], values(1, 42, 0.5));
  return graph.finish(rest(graph, graph.add('linear', [x, w], {}, { name: 'product' })));
}

/** The steps after a pass, as they are printed. */
const steps = (graph: Graph, pass: 'fuse' | 'alias') =>
  printPasses(graph, { level: 1 }).get(pass)!.split('\n').filter((line) => / = /.test(line)); // prettier-ignore

describe('fusion', () => {
  const fused: readonly (readonly [string, (g: GraphBuilder, y: string) => readonly string[]])[] = [
    ['a function', (g, y) => [g.add('gelu', [y])]],
    ['a chain of functions', (g, y) => [g.add('tanh', [g.add('relu', [y])])]],
    ['a row', (g, y) => [g.add('sub', [g.constant('row', 'f32', [7], values(2, 7, 1)), y])]],
    ['a matrix', (g, y) => [g.add('div', [y, g.constant('m', 'f32', [5, 7], values(3, 35, 9))])]],
  ];
  it.each(fused)('takes %s into the product, with the same result', (_, rest) => {
    const graph = product(rest);
    expect(steps(graph, 'fuse')).toHaveLength(1);
    runEverywhere(graph);
  });

  const apart: readonly (readonly [string, (g: GraphBuilder, y: string) => readonly string[]])[] = [
    ['is used twice', (g, y) => [g.add('add', [y, g.add('tanh', [y])])]],
    ['is on both sides', (g, y) => [g.add('mul', [y, y])]],
    ['is an output', (g, y) => [g.add('tanh', [y]), y]],
    [
      'meets a column',
      (g, y) => [g.add('add', [y, g.constant('c', 'f32', [5, 1], values(2, 5, 1))])],
    ],
    ['grows', (g, y) => [g.add('add', [y, g.constant('c', 'f32', [2, 5, 7], values(2, 70, 1))])]],
    ['is compared', (g, y) => [g.add('where', [g.add('less', [y, y]), y, y])]],
    ['goes to another part', (g, y) => [g.add('tanh', [y], {}, { part: 'elsewhere' })]],
  ];
  it.each(apart)('leaves a product alone that %s', (_, rest) => {
    const graph = product(rest);
    expect(steps(graph, 'fuse')).toHaveLength(graph.nodes.length);
    runEverywhere(graph);
  });
});

describe('aliases', () => {
  it('need no step for a reshape in the middle, and one for an output that reshapes an input', () => {
    const graph = new GraphBuilder('shapes');
    const x = graph.input('x', 'f32', [5, 6]);
    const inner = graph.add('reshape', [graph.add('tanh', [x])], { shape: [6, 5] });
    const outer = graph.add('reshape', [x], { shape: [30] }, { name: 'copy' });
    const whole = graph.finish([graph.add('softmax', [inner]), outer]);
    expect(steps(whole, 'alias').filter((line) => line.includes('= reshape('))).toHaveLength(1);
    runEverywhere(whole);
  });

  it('compute the rows of a state in their place', () => {
    const graph = product((g, y) => {
      g.state('cache', [9, 7]);
      const kept = g.add('append', [y], { state: 'cache', start: 4, count: 9 }, { name: 'kept' });
      const rows = g.add('slice', [kept], { starts: [4, 0], counts: [5, 7], steps: [1, 1] });
      return [g.add('tanh', [rows])];
    });
    expect(printPasses(graph, { level: 1 }).get('alias')).toContain('product is cache + 112');
    runEverywhere(graph);
  });

  it('do not copy the last row, unless it is an output', () => {
    const inside = product((g, y) => [g.add('tanh', [g.add('last', [y], {}, { name: 'l' })])]);
    expect(printPasses(inside, { level: 1 }).get('alias')).toContain('l is product + 112');
    runEverywhere(inside);
    const output = product((g, y) => [g.add('last', [y], {}, { name: 'l' })]);
    expect(steps(output, 'alias')).toHaveLength(2);
    runEverywhere(output);
  });
});
