/** Kernels: the loops over tiles that one node of a graph becomes, with registers still unnamed. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import type { Affine, Size, Variable } from './affine.ts';

/** A tile that is computed once, or written again and again by the same loop. Identity is the object. */
export interface TileValue {
  readonly name: string;
  readonly rows: Size;
  readonly cols: Size;
}

/** A place in memory: bytes behind the start of a buffer. */
export interface Place {
  readonly buffer: string;
  readonly offset: Affine;
}

export type Argument =
  | { readonly kind: 'tile'; readonly tile: TileValue }
  | { readonly kind: 'scalar'; readonly variable: Variable }
  | { readonly kind: 'integer'; readonly value: Size }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'place'; readonly place: Place };

/** One instruction. */
export interface Operation {
  readonly kind: 'operation';
  readonly definition: InstructionDefinition;
  readonly flags: readonly string[];
  /** By the definition's operand names; keywords may be left out. */
  readonly operands: Readonly<Record<string, Argument>>;
  /** What a reader should know: the shape and meaning of the result. */
  readonly note: string;
}

/** `body` for index 0, step, 2·step … below extent. */
export interface Loop {
  readonly kind: 'loop';
  /** A word for labels. */
  readonly name: string;
  readonly index: Variable;
  /** At least 1. */
  readonly extent: Size;
  readonly step: number;
  /** min(step, extent − index), where the step does not divide the extent. */
  readonly tail: Variable | undefined;
  readonly body: readonly Item[];
  /** Above the loop, for the reader. */
  readonly note: string;
}

export type Item = Operation | Loop;

export interface Kernel {
  /** The node it computes. */
  readonly name: string;
  readonly part: string;
  /** One line: what it computes. */
  readonly title: string;
  readonly body: readonly Item[];
}

/** Every operation in program order, each loop body once. */
export function* operations(items: readonly Item[]): Generator<Operation> {
  for (const item of items) {
    if (item.kind === 'operation') yield item;
    else yield* operations(item.body);
  }
}

/** The tile that an operation writes. */
export function writtenTile({ definition, operands }: Operation): TileValue | undefined {
  for (const { name, kind, access } of definition.operands) {
    if (kind !== 'tile' || access !== 'write') continue;
    const argument = operands[name];
    return argument?.kind === 'tile' ? argument.tile : undefined;
  }
  return undefined;
}

/** Whether the written tile is read first. */
export function accumulates({ definition, flags }: Operation): boolean {
  return definition.operands.some((o) => o.readWith !== undefined && flags.includes(o.readWith));
}

/** The tiles that an operation reads, an accumulator included. */
export function readTiles(operation: Operation): TileValue[] {
  const { definition, operands } = operation;
  return definition.operands.flatMap(({ name, kind, access, readWith }) => {
    const argument = operands[name];
    if (kind !== 'tile' || argument?.kind !== 'tile') return [];
    const isRead =
      access === 'read' || (readWith !== undefined && operation.flags.includes(readWith));
    return isRead ? [argument.tile] : [];
  });
}

/** The memory that an operation reads or writes. */
export function accessOf(
  operation: Operation,
): { readonly place: Place; readonly writes: boolean } | undefined {
  for (const argument of Object.values(operation.operands)) {
    if (argument.kind !== 'place') continue;
    const { definition } = operation;
    return { place: argument.place, writes: !definition.writesTile && !definition.writesScalar };
  }
  return undefined;
}
