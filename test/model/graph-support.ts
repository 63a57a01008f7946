/** What tests of graphs share: the files in programs/graphs/, their examples, and changes to them. */
import { readFileSync, readdirSync } from 'node:fs';
import { expect } from 'vitest';
import type { GraphFile } from '../../src/model/graph-json.ts';
import { readGraph } from '../../src/model/graph-json.ts';
import type { Graph } from '../../src/model/graph.ts';
import { GraphError } from '../../src/model/graph.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import type { RefTensor } from '../../src/reference/graph.ts';
import { evaluateGraph } from '../../src/reference/graph.ts';

export const GRAPHS = new URL('../../programs/graphs/', import.meta.url).pathname;

/** Paths in programs/graphs/, `handmade/reverse.json` included. */
export const GRAPH_FILES: readonly string[] = readdirSync(GRAPHS, {
  recursive: true,
  encoding: 'utf8',
}).filter((path) => path.endsWith('.json'));

export const textOf = (path: string): string => readFileSync(GRAPHS + path, 'utf8');

export const graphOf = (path: string): GraphFile =>
  readGraph(textOf(path), path, openFolder(GRAPHS));

export type Tensors = Map<string, RefTensor>;

/** The inputs that the file gives as examples. */
export function examplesOf(graph: GraphFile): Tensors {
  return new Map(
    graph.inputs.map(({ name, example }) => {
      const { shape, data } = example!();
      return [name, { shape, data: Float64Array.from(data) }];
    }),
  );
}

/** Every tensor that the nodes compute from these inputs, by name. */
export function allTensors(graph: Graph, inputs: Tensors): Tensors {
  const found: Tensors = new Map();
  evaluateGraph(graph, inputs, { visit: (_, name, value) => found.set(name, value) });
  return found;
}

/** The logits that a graph gives for these tokens, as rows. */
export function logitsOf(graph: Graph, tokens: readonly number[]): readonly number[][] {
  const given = { shape: [tokens.length], data: Float64Array.from(tokens) };
  return rowsOf(evaluateGraph(graph, new Map([['tokens', given]])).get('logits')!);
}

/** The rows of a matrix, or of what its last dimension divides into rows. */
export function rowsOf({ shape, data }: RefTensor): number[][] {
  const width = shape.at(-1)!;
  return Array.from({ length: data.length / width }, (_, i) => [
    ...data.subarray(i * width, (i + 1) * width),
  ]);
}

/** The graph as if its text stood in `bad.json`. */
export const parse = (text: string): GraphFile => readGraph(text, 'bad.json', openFolder(GRAPHS));

/** The message and hint with which a text is refused. */
export function refusalOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(GraphError);
    const { message, hint } = error as GraphError;
    return hint === undefined ? message : `${message} | ${hint}`;
  }
  throw new Error('the text was read without complaint');
}
