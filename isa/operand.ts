/** Operands: what kinds there are, how a definition declares one, and what a program stores of one. */
import type { Shape, Tile } from '../src/tensor/tile.ts';

/**
 * - `tile`: a tile register `t0`–`t31`
 * - `scalar`: a scalar register `r0`–`r31`
 * - `integer`: an integer constant or a scalar register
 * - `number`: a float32 constant
 * - `address`: `[symbol + rA + rB + constant]`, an effective byte address
 * - `label`: a code address
 */
export type OperandKind = 'tile' | 'scalar' | 'integer' | 'number' | 'address' | 'label';

export interface OperandSpec {
  readonly kind: OperandKind;
  readonly access: 'read' | 'write';
  /** Written `name=value` behind the positional operands. */
  readonly keyword: boolean;
  /** A keyword that may be absent and then has no value at all. */
  readonly optional: boolean;
  /** The value of a keyword that is not written. */
  readonly default: number | undefined;
  /** A flag with which a written tile is read too (it accumulates). */
  readonly readWith: string | undefined;
  /** What the operand means, for the manual page. */
  readonly doc: string;
}

export type OperandSpecs = Readonly<Record<string, OperandSpec>>;

const POSITIONAL = {
  keyword: false,
  optional: false,
  default: undefined,
  readWith: undefined,
} as const;

/** The tile that an instruction writes. */
export const writesTile = (doc: string) =>
  ({ ...POSITIONAL, kind: 'tile', access: 'write', doc }) as const satisfies OperandSpec;

/** The tile that an instruction writes, and reads first when `flag` is present. */
export const accumulatesTile = (flag: string, doc: string) =>
  ({
    ...POSITIONAL,
    kind: 'tile',
    access: 'write',
    readWith: flag,
    doc,
  }) as const satisfies OperandSpec;

/** A tile that an instruction reads. */
export const readsTile = (doc: string) =>
  ({ ...POSITIONAL, kind: 'tile', access: 'read', doc }) as const satisfies OperandSpec;

/** The scalar register that an instruction writes. */
export const writesScalar = (doc: string) =>
  ({ ...POSITIONAL, kind: 'scalar', access: 'write', doc }) as const satisfies OperandSpec;

/** A scalar register that an instruction reads. */
export const readsScalar = (doc: string) =>
  ({ ...POSITIONAL, kind: 'scalar', access: 'read', doc }) as const satisfies OperandSpec;

/** An integer: a constant or a scalar register. */
export const integer = (doc: string) =>
  ({ ...POSITIONAL, kind: 'integer', access: 'read', doc }) as const satisfies OperandSpec;

/** A float32 constant. */
export const number = (doc: string) =>
  ({ ...POSITIONAL, kind: 'number', access: 'read', doc }) as const satisfies OperandSpec;

/** A byte address. */
export const address = (doc: string) =>
  ({ ...POSITIONAL, kind: 'address', access: 'read', doc }) as const satisfies OperandSpec;

/** A code address. */
export const label = (doc: string) =>
  ({ ...POSITIONAL, kind: 'label', access: 'read', doc }) as const satisfies OperandSpec;

/** `name=integer`; required, though the assembler fills it in where an address implies it. */
export const integerKey = (doc: string) =>
  ({ ...POSITIONAL, keyword: true, kind: 'integer', access: 'read', doc }) as const;

/** `name=integer`, or absent. */
export const optionalIntegerKey = (doc: string) =>
  ({ ...POSITIONAL, keyword: true, optional: true, kind: 'integer', access: 'read', doc }) as const;

/** `name=number`, with a default. */
export const numberKey = (byDefault: number, doc: string) =>
  ({
    ...POSITIONAL,
    keyword: true,
    kind: 'number',
    access: 'read',
    default: byDefault,
    doc,
  }) as const;

/** What a program stores in place of an operand. */
export type Operand =
  | { readonly kind: 'tile'; readonly register: number }
  | { readonly kind: 'scalar'; readonly register: number }
  | { readonly kind: 'constant'; readonly value: number }
  | {
      readonly kind: 'address';
      /** Bytes, added to the registers. */
      readonly offset: number;
      /** Scalar registers; 0 where none is written. */
      readonly base: number;
      readonly index: number;
    }
  | { readonly kind: 'label'; readonly target: number }
  | { readonly kind: 'absent' };

/** A dimension that is `undefined` is not known before running. */
export interface PartialShape {
  readonly rows: number | undefined;
  readonly cols: number | undefined;
}

type ReadValue<S, T, N> = S extends { access: 'write'; readWith: string }
  ? T | undefined
  : S extends { access: 'write' }
    ? undefined
    : S extends { kind: 'tile' }
      ? T
      : N;

type Optional<S> = S extends { optional: true } ? undefined : never;

/** What `execute` and `work` see: tiles, and numbers in place of registers and addresses. */
export type Values<O, F extends string> = {
  readonly [K in keyof O]: ReadValue<O[K], Tile, number | Optional<O[K]>>;
} & Readonly<Record<F, boolean>>;

/** What a shape rule sees: shapes, and numbers where they are known. */
export type KnownShapes<O, F extends string> = {
  readonly [K in keyof O]: ReadValue<O[K], PartialShape, number | undefined>;
} & Readonly<Record<F, boolean>>;

export type { Shape };
