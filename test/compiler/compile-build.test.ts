/** From a graph to a program that can run: weights in memory, and files named beside each other. */
import { describe, expect, it } from 'vitest';
import { buildGraph } from '../../src/inference/build.ts';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import type { Graph } from '../../src/model/graph.ts';
import { findSymbol } from '../../src/program/program.ts';

function scaled(): Graph {
  const graph = new GraphBuilder('scaled');
  const x = graph.input('x', 'f32', [2, 3]);
  const gain = graph.constant('gain', 'f32', [3], [1, 2, 3]);
  return graph.finish([graph.add('mul', [x, gain], {}, { name: 'y' })]);
}

describe('a built graph', () => {
  it('is a program with its weights, inputs and outputs as symbols', () => {
    const { program, places, weights } = buildGraph(scaled(), { level: 1, tile: 16 });
    expect([...findSymbol(program, 'gain')!.data!]).toEqual([1, 2, 3]);
    expect(findSymbol(program, 'x')!.shape).toEqual([2, 3]);
    expect(program.tile).toBe(16);
    expect([...weights.keys()]).toEqual(['gain']);
    expect(places.get('main')!.get('y')).toBe('y');
  });

  it('names the file of its weights after its own', () => {
    const textOf = (file?: string) =>
      buildGraph(scaled(), { level: 1, tile: 16, ...(file ? { file } : {}) }).text;
    expect(textOf()).toContain('file("model.safetensors", "gain")');
    expect(textOf('small.lasm')).toContain('file("small.safetensors", "gain")');
  });

  it('tells of every pass', () => {
    const passes: string[] = [];
    buildGraph(scaled(), { level: 2, tile: 4, onPass: (name) => passes.push(name) });
    expect(passes).toContain('schedule');
    expect(passes.at(-1)).toBe('emit');
  });
});
