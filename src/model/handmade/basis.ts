/** Named directions, and matrices that are written as what they do: from this one to that one. */
import type { GraphBuilder } from '../graph-builder.ts';
import type { Printable } from '../graph-json-print.ts';
import { GraphError } from '../graph.ts';

/** The names of the directions of a space, such as `tok:a`, `pos:3`. */
export type Basis = readonly string[];

/** `weight` times the way from a row's direction to a column's; the rest of the matrix is zero. */
export type Entry = readonly [row: string, column: string, weight: number];

/** A graph, with what it does and the names of its spaces, ready to be printed. */
export type HandmadeGraph = Printable & Required<Pick<Printable, 'doc' | 'bases' | 'recipes'>>;

/** Tokens to try the graph with; they are printed with it. */
export function exampleTokens(values: readonly number[]): HandmadeGraph['recipes'] {
  const source = { kind: 'values', values } as const;
  return new Map([
    ['tokens', { dtype: 'i32', shape: [values.length], rows: [], columns: [], source }],
  ]);
}

/** `tok:a`, `tok:b`, … */
export function basis(prefix: string, names: Iterable<string | number>): Basis {
  return Array.from(names, (name) => `${prefix}:${name}`);
}

/** The whole numbers from 0 up to, but not, `count`. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** From each direction to the one beside it in the other list, with this weight. */
export function pairs(from: Basis, to: Basis, weight = 1): Entry[] {
  return from.map((row, i) => [row, to[i]!, weight]);
}

/** Declares the matrix Σ weight · (row → column), rows × columns; returns its name. */
export function matrix(
  builder: GraphBuilder,
  name: string,
  rows: Basis,
  columns: Basis,
  entries: readonly Entry[],
): string {
  const data = new Float32Array(rows.length * columns.length);
  for (const [row, column, weight] of entries) {
    data[placeOf(name, row, rows) * columns.length + placeOf(name, column, columns)] = weight;
  }
  const shape = [rows.length, columns.length];
  const read = () => ({ dtype: 'f32', shape, data }) as const;
  return builder.weight({ name, dtype: 'f32', shape, read, rowNames: rows, colNames: columns });
}

/** Declares a vector with these elements, zero elsewhere; returns its name. */
export function vector(
  builder: GraphBuilder,
  name: string,
  columns: Basis,
  entries: Readonly<Record<string, number>>,
): string {
  const data = new Float32Array(columns.length);
  for (const [column, value] of Object.entries(entries)) {
    data[placeOf(name, column, columns)] = value;
  }
  const shape = [columns.length];
  const read = () => ({ dtype: 'f32', shape, data }) as const;
  return builder.weight({ name, dtype: 'f32', shape, read, colNames: columns });
}

function placeOf(matrixName: string, direction: string, names: Basis): number {
  const place = names.indexOf(direction);
  if (place >= 0) return place;
  throw new GraphError(`${matrixName} has no direction ${direction}`, `there are ${names.join()}`);
}
