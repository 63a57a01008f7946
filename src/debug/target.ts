/** Targets: what a command may name, a register, a symbol or part of one, a range of memory, a line. */
import type { RegisterNumber } from '../../isa/registers.ts';
import { scalarRegister, tileRegister } from '../../isa/registers.ts';
import { SCALAR_REGISTERS, TILE_REGISTERS } from '../../isa/index.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { DataSymbol, DataType, Program } from '../program/program.ts';
import {
  MEMORY_BASE,
  findSymbol,
  matrixShape,
  memoryEnd,
  symbolBytes,
} from '../program/program.ts';
import { FORMATS } from '../tensor/formats.ts';
import { symbolAt } from '../program/symbol-at.ts';
import { Mistake } from './mistake.ts';

export interface RegisterTarget {
  readonly kind: 'register';
  readonly text: string;
  readonly register: RegisterNumber;
}

/** A dense range of memory, seen as a matrix. */
export interface MemoryTarget {
  readonly kind: 'memory';
  readonly text: string;
  /** Bytes from `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly cols: number;
  readonly dtype: DataType;
  /** Empty where there are none. */
  readonly rowNames: readonly string[];
  readonly colNames: readonly string[];
}

export interface LineTarget {
  readonly kind: 'line';
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** `r5` or `t31`; undefined when the text does not look like a register. */
export function registerTarget(text: string): RegisterTarget | undefined {
  const match = /^([rt])(\d+)$/i.exec(text);
  if (!match) return undefined;
  const index = Number(match[2]);
  const isTile = match[1]!.toLowerCase() === 't';
  const count = isTile ? TILE_REGISTERS : SCALAR_REGISTERS;
  if (index >= count) throw new Mistake(`there is no register ${text}`, `the last is ${count - 1}`);
  const register = isTile ? tileRegister(index) : scalarRegister(index);
  return { kind: 'register', text: text.toLowerCase(), register };
}

/** `Y`, or a part of it by its leading indices: `Y[2]`, `Y[2,3]`. */
export function symbolTarget(program: Program, text: string): MemoryTarget {
  const match = /^([^[\]]+)(?:\[([^\]]*)\])?$/.exec(text);
  const name = match?.[1]?.trim() ?? text;
  const symbol = findSymbol(program, name);
  if (!symbol) throw unknownSymbol(program, name);
  const indices = match?.[2] === undefined ? [] : match[2].split(',').map((part) => part.trim());
  return partOf(symbol, text, indices.map(parseIndex));
}

function unknownSymbol({ symbols }: Program, name: string): Mistake {
  const names = symbols.map((symbol) => symbol.name);
  const known = names.length > 0 ? `known: ${names.slice(0, 12).join(', ')}` : 'it has none';
  const hint = didYouMean(name, names) ?? known;
  return new Mistake(`the program has no data symbol ${name}`, hint);
}

function parseIndex(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Mistake(`${text === '' ? 'an empty index' : text} is no index`, 'write SYMBOL[I,J]');
}

function partOf(symbol: DataSymbol, text: string, indices: readonly number[]): MemoryTarget {
  const { shape, dtype, rowNames, colNames } = symbol;
  if (indices.length > shape.length) {
    throw new Mistake(`${symbol.name} has ${shape.length} dimensions, not ${indices.length}`);
  }
  let from = symbol.address;
  indices.forEach((index, axis) => {
    if (index >= shape[axis]!) {
      throw new Mistake(`${symbol.name} is ${shape.join('×')}; index ${index} is outside`);
    }
    from += index * symbolBytes({ shape: shape.slice(axis + 1), dtype });
  });
  const rest = shape.slice(indices.length);
  const names = { rowNames: indices.length === 0 ? rowNames : [], colNames };
  const to = from + symbolBytes({ shape: rest, dtype });
  return { kind: 'memory', text, from, to, dtype, ...matrixShape(rest), ...nameParts(names, rest) };
}

/** A single element has no columns to name. */
function nameParts(
  names: Pick<MemoryTarget, 'rowNames' | 'colNames'>,
  rest: readonly number[],
): Pick<MemoryTarget, 'rowNames' | 'colNames'> {
  return rest.length > 0 ? names : { rowNames: [], colNames: [] };
}

/** `4096 4x8`: an address in bytes and a shape; the data type is that of the symbol there. */
export function rangeTarget(program: Program, address: string, shape: string): MemoryTarget {
  const match = /^(\d+)[x×](\d+)$/i.exec(shape);
  const [rows, cols] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || rows < 1 || cols < 1) throw new Mistake(`${shape} is no shape`, 'write ROWSxCOLS');
  const from = Number(address);
  const dtype = symbolAt(program.symbols, from)?.dtype ?? 'f32';
  const { bytes } = FORMATS[dtype];
  const to = from + rows * cols * bytes;
  const end = memoryEnd(program);
  if (from % bytes !== 0) throw new Mistake(`${address} is not a multiple of ${bytes}`);
  if (from < MEMORY_BASE || to > end) {
    throw new Mistake(
      `bytes ${from} to ${to - 1} are outside memory (${MEMORY_BASE} to ${end - 1})`,
    );
  }
  return { kind: 'memory', text: address, from, to, rows, cols, dtype, rowNames: [], colNames: [] };
}

/** `14` in the main file, or `heads.inc:14`; undefined when the text does not look like a line. */
export function lineTarget(program: Program, text: string): LineTarget | undefined {
  const match = /^(?:(.+):)?(\d+)$/.exec(text);
  if (!match) return undefined;
  const file = fileNamed(program, match[1]);
  const line = Number(match[2]);
  const lines = program.spans.filter((span) => span.file === file).map((span) => span.line);
  if (lines.includes(line)) return { kind: 'line', text: `line ${text}`, file, line };
  const next = Math.min(...lines.filter((other) => other > line));
  const hint = next < Infinity ? `the next one is in line ${next}` : 'nor does any line behind it';
  throw new Mistake(`line ${text} holds no instruction`, hint);
}

/** A source file by the end of its path; the main one when no name is given. */
function fileNamed({ sources, spans }: Program, name: string | undefined): string {
  const files = [...new Set([...sources, ...spans].map(({ file }) => file))];
  if (name === undefined) return files[0] ?? '';
  const found = files.find((file) => file === name || file.endsWith(`/${name}`));
  if (found !== undefined) return found;
  throw new Mistake(`the program has no file ${name}`, `it has ${files.join(', ')}`);
}
