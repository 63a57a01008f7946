/** Operands that are not written, because a default or the address says what they are. */
import type { Operand, OperandSpec } from '../../isa/operand.ts';
import { matrixShape } from '../program/program.ts';
import type { Address } from './address.ts';

export type Spec = OperandSpec & { readonly name: string };

export const ABSENT: Operand = Object.freeze({ kind: 'absent' });

/** Keys with these names bound the rows and columns of a tile. */
export const TILE_KEYS: ReadonlySet<string> = new Set(['rows', 'cols']);

/** What is known of an instruction when a missing operand is looked for. */
export interface Known {
  readonly specs: readonly Spec[];
  /** One for each spec; undefined where not known (yet). */
  readonly operands: readonly (Operand | undefined)[];
  /** The address operand, if there is one and it is right. */
  readonly address: Address | undefined;
  /** Bytes of each element at the address. */
  readonly elementBytes: number;
  /** Rows and columns that a tile may have. */
  readonly tile: number;
}

/** The value of an operand that is not written, if anything says it. */
export function impliedOperand(spec: Spec, known: Known): Operand | undefined {
  if (spec.optional) return ABSENT;
  if (spec.default !== undefined) return { kind: 'constant', value: Math.fround(spec.default) };
  const value = spec.keyword ? impliedByAddress(spec.name, known) : undefined;
  return value === undefined ? undefined : { kind: 'constant', value };
}

function impliedByAddress(name: string, known: Known): number | undefined {
  const { specs, operands, address, elementBytes, tile } = known;
  if (!address) return undefined;
  const { symbol, exact } = address;
  if (name === 'stride') {
    if (symbol) return matrixShape(symbol.shape).cols * elementBytes;
    const cols = operands[specs.findIndex((spec) => spec.name === 'cols')];
    return cols?.kind === 'constant' ? cols.value * elementBytes : undefined;
  }
  if (!TILE_KEYS.has(name) || !symbol || !exact) return undefined;
  const { rows, cols } = matrixShape(symbol.shape);
  if (Math.max(rows, cols) > tile) return undefined;
  return name === 'rows' ? rows : cols;
}

/** Why nothing says the value of a key, or what the key means. */
export function whyNotImplied({ name, doc }: Spec, { address, tile }: Known): string {
  if (!address) return doc;
  if (name === 'stride') return 'the address names no data symbol, and cols is no constant';
  if (!TILE_KEYS.has(name)) return doc;
  const { symbol, exact } = address;
  if (!symbol) return 'the address names no data symbol whose shape could be meant';
  const { rows, cols } = matrixShape(symbol.shape);
  if (!exact) return `the address is not ${symbol.name} alone, whose shape could then be meant`;
  return `${symbol.name} is ${rows}×${cols} and does not fit a ${tile}×${tile} tile`;
}
