/** The rules of `Program` that hold between its parts, for programs that come from outside. */
import { labelTarget } from './flow.ts';
import type { ByteReader } from './byte-reader.ts';
import { isIntegerFormat } from '../tensor/formats.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import type { DataSymbol, Expectation, Program } from './program.ts';
import { MEMORY_BASE, SYMBOL_ALIGNMENT, matrixShape, symbolBytes } from './program.ts';

const MAX_TILE = 256;
const MAX_DIMENSIONS = 4;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

type Check = Pick<ByteReader, 'check'>;

/** Fails at the first rule that the program breaks. */
export function checkProgram(program: Program, at: Check): void {
  const { tile, code, symbols, labels } = program;
  at.check(tile >= 1 && tile <= MAX_TILE, `tile ${tile} is outside 1 to ${MAX_TILE}`);
  for (const target of [...labels.map((label) => label.target), ...code.map(labelTarget)]) {
    at.check((target ?? 0) <= code.length, `code address ${target} is outside the code`);
  }
  checkNames([...symbols, ...labels], at);
  for (const symbol of symbols) checkSymbol(symbol, at);
  checkLayout(symbols, at);
  const byName = new Map(symbols.map((symbol) => [symbol.name, symbol]));
  for (const { symbol } of program.shows) known(byName, symbol, at);
  for (const expectation of program.expectations) checkExpectation(byName, expectation, at);
}

function checkNames(named: readonly { readonly name: string }[], at: Check): void {
  const names = new Set<string>();
  for (const { name } of named) {
    at.check(NAME.test(name), `${JSON.stringify(name)} is not a name`);
    at.check(!names.has(name), `${name} is defined twice`);
    names.add(name);
  }
}

function checkSymbol(symbol: DataSymbol, at: Check): void {
  const { name, section, shape, data, rowNames, colNames } = symbol;
  const hasShape = shape.length >= 1 && shape.length <= MAX_DIMENSIONS && !shape.includes(0);
  at.check(hasShape, `${name} needs 1 to ${MAX_DIMENSIONS} dimensions, each at least 1`);
  if (data) {
    at.check(section === 'data', `${name} has values, but is not in .data`);
    at.check(data.byteLength === symbolBytes(symbol), `${name} has ${data.length} values`);
  }
  const { rows, cols } = matrixShape(shape);
  at.check([0, rows].includes(rowNames.length), `${name} has ${rowNames.length} row names`);
  at.check([0, cols].includes(colNames.length), `${name} has ${colNames.length} column names`);
}

/** Symbols are aligned, ascend and do not overlap. */
function checkLayout(symbols: readonly DataSymbol[], at: Check): void {
  let end = MEMORY_BASE;
  for (const symbol of symbols) {
    const { name, address } = symbol;
    at.check(address % SYMBOL_ALIGNMENT === 0, `${name} is not aligned to ${SYMBOL_ALIGNMENT}`);
    at.check(address >= end, `${name} begins at ${address}, before ${end}`);
    end = address + symbolBytes(symbol);
    at.check(Number.isSafeInteger(end), `${name} is too large`);
  }
}

type ByName = ReadonlyMap<string, DataSymbol>;

function known(byName: ByName, name: string, at: Check): DataSymbol {
  const symbol = byName.get(name);
  at.check(symbol !== undefined, `there is no symbol ${JSON.stringify(name)}`);
  return symbol!;
}

function checkExpectation(byName: ByName, expectation: Expectation, at: Check): void {
  if (expectation.kind !== 'values') return;
  const { symbol, expected, tolerance } = expectation;
  const { shape, dtype } = known(byName, symbol, at);
  const isInteger = expected instanceof Int32Array;
  at.check(
    isInteger === isIntegerFormat(dtype),
    `the expected values of ${symbol} are no ${dtype}`,
  );
  at.check(
    expected.length === elementCount(shape),
    `${expected.length} values are expected of ${symbol}`,
  );
  at.check(tolerance >= 0, `tolerance ${tolerance} is below 0`);
}
