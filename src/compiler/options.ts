/** What the compiler is asked: graphs, levels, and who wants to see its passes. */
import type { Graph, HalfFormat } from '../model/graph.ts';
import type { Level } from './lower/context.ts';
import type { EmitOptions } from './passes/emit.ts';

/** In the order in which they run; each can be printed. */
export const PASSES = [
  'infer',
  'prune',
  'quantize',
  'fuse',
  'alias',
  'roll',
  'plan',
  'tile',
  'schedule',
  'allocate',
  'emit',
] as const;
export type PassName = (typeof PASSES)[number];

export interface CompileOptions {
  readonly level: Level;
  /** Edge of a tile, that of the machine. */
  readonly tile: number;
  /** The weights' file, as the program names it; undefined for a program without values. */
  readonly weightsFile: string | undefined;
  /** Weights of linear maps as int8. */
  readonly quantize?: 'int8' | undefined;
  /** Weights of linear maps as 16-bit floats; those that `prune` or `quantize` have changed stay as they are. */
  readonly narrow?: HalfFormat | undefined;
  /** The share of the tiles of each weight of a linear map that is dropped, from 0 to below 1. */
  readonly prune?: number | undefined;
  /** Sequences of equal length that are decoded in one pass, 1 unless given; see passes/batch.ts. */
  readonly batch?: number | undefined;
  /** Keep every layer and every tensor apart, to look at them afterwards. */
  readonly apart?: boolean;
  /** Tile registers to use; all unless given. */
  readonly registers?: number;
  /** Code and data around the routines, for models that generate; see generation/. */
  readonly driver?: EmitOptions['driver'];
  /** Lines above the data, such as `.param`. */
  readonly head?: readonly string[];
  readonly title?: readonly string[];
  /** Told of each pass when it is done; `print` shows what it has made. */
  readonly onPass?: (name: PassName, print: () => string) => void;
}

/** A graph and the label of its code. */
export interface NamedGraph {
  readonly name: string;
  readonly graph: Graph;
}

/** The passes after which something can be shown. */
export type PassReport = (name: PassName, print: () => string) => void;
