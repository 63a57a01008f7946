/** A program: the contract between those who make one (assembler, compiler) and those who run it. */
import type { Instruction } from '../../isa/instruction.ts';
import type { Span } from '../diagnostics/diagnostic.ts';
import type { ElementFormat, StoredArray } from '../tensor/formats.ts';
import { FORMATS } from '../tensor/formats.ts';

/** What the elements of a symbol are. */
export type DataType = ElementFormat;

/** `.data` is initialised; `.bss` and `.arena` start as NaN, or as 0 where the type has none. */
export type Section = 'data' | 'bss' | 'arena';

/** A named range of memory: a dense row-major array of 1 to 4 dimensions. */
export interface DataSymbol {
  readonly name: string;
  readonly section: Section;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  /** Byte address of the first element. */
  readonly address: number;
  /** Initial values as memory keeps them (`.data` only), as many as the shape has elements. */
  readonly data: StoredArray | undefined;
  /** Names of rows and columns for printing (`.names`); empty where not given. */
  readonly rowNames: readonly string[];
  readonly colNames: readonly string[];
  /** Text of the `;;` comments above the definition. */
  readonly doc: string;
  readonly span: Span;
}

export interface Label {
  readonly name: string;
  /** Index into the code; may be its length (behind the last instruction). */
  readonly target: number;
  readonly doc: string;
  readonly span: Span;
}

/** A value that the command line may override. */
export interface Param {
  readonly name: string;
  /** The value in force. */
  readonly value: number;
  readonly doc: string;
}

export type Comparison = '==' | '<=' | '>=' | '<' | '>';

/** What a program says must be true after it has run (`.expect`). */
export type Expectation = { readonly text: string; readonly span: Span } & (
  | {
      /** Every element of a symbol within `tolerance` (absolute) of the expected one; 0 is equality. */
      readonly kind: 'values';
      readonly symbol: string;
      /** Numbers, whatever the type of the symbol: float32, or int32 where it holds integers. */
      readonly expected: Float32Array | Int32Array;
      readonly tolerance: number;
    }
  | {
      readonly kind: 'count';
      readonly quantity: 'cycles' | 'instructions';
      /** Checked on this machine only; on every machine when undefined. */
      readonly machine: string | undefined;
      readonly comparison: Comparison;
      readonly value: number;
    }
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] }
);

/** A symbol that `lasm run` prints after the run (`.show`). */
export interface Show {
  readonly symbol: string;
  readonly title: string;
}

export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

export interface Program {
  /** File name without its folder. */
  readonly name: string;
  /** The tile edge that the program assumes; a machine must offer at least this. */
  readonly tile: number;
  readonly code: readonly Instruction[];
  /** For each instruction: where it was written. */
  readonly spans: readonly Span[];
  /** For each instruction: the part of the model, `layer 0/head 1`, or ''. */
  readonly parts: readonly string[];
  /** In ascending order of address. */
  readonly symbols: readonly DataSymbol[];
  readonly labels: readonly Label[];
  readonly params: readonly Param[];
  readonly expectations: readonly Expectation[];
  readonly shows: readonly Show[];
  /** The main file first, then what it includes. */
  readonly sources: readonly SourceFile[];
}

/** Addresses below this one belong to nobody, so that a zero pointer traps. */
export const MEMORY_BASE = 4096;

/** Symbols begin at multiples of this many bytes. */
export const SYMBOL_ALIGNMENT = 64;

/** Bytes of a symbol. */
export function symbolBytes({ shape, dtype }: Pick<DataSymbol, 'shape' | 'dtype'>): number {
  return shape.reduce((product, n) => product * n, FORMATS[dtype].bytes);
}

/** The first address at or above `address` where a symbol may begin. */
export function alignAddress(address: number): number {
  return Math.ceil(address / SYMBOL_ALIGNMENT) * SYMBOL_ALIGNMENT;
}

/** The first address behind all symbols. */
export function memoryEnd(program: Pick<Program, 'symbols'>): number {
  const last = program.symbols.at(-1);
  return last ? last.address + symbolBytes(last) : MEMORY_BASE;
}

/** The shape of a symbol as a matrix: leading dimensions are rows, the last one is columns. */
export function matrixShape(shape: readonly number[]): { rows: number; cols: number } {
  const cols = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((product, n) => product * n, 1);
  return { rows, cols };
}

/** The symbol with this name. */
export function findSymbol(
  program: Pick<Program, 'symbols'>,
  name: string,
): DataSymbol | undefined {
  return program.symbols.find((symbol) => symbol.name === name);
}
