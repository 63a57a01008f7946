/** Data symbols and expectations as .lasm text, every value exact. */
import type { DataSymbol, Expectation } from '../program/program.ts';
import { widened } from '../tensor/formats.ts';
import { printFloat32, printNumber } from './print-number.ts';

/** Longer lists are broken into lines of so many values. */
const VALUES_PER_LINE = 16;

/** `;; text` for each line of a doc comment. */
export function printDoc(doc: string): string[] {
  return doc === '' ? [] : doc.split('\n').map((line) => `;; ${line}`.trimEnd());
}

/** The lines that define symbols, in their order, each section named where it begins. */
export function printData(symbols: readonly DataSymbol[]): string[] {
  return symbols.flatMap((symbol, i) => {
    const isNewSection = symbol.section !== symbols[i - 1]?.section;
    const { name, dtype, shape, data } = symbol;
    const start = data ? ` = ${printValues(widened(dtype, data))}` : '';
    return [
      ...(isNewSection ? [`.${symbol.section}`] : []),
      ...printDoc(symbol.doc),
      `${name}: .${dtype} ${shape.join(', ')}${start}`,
      ...printNames(symbol),
    ];
  });
}

function printNames({ name, rowNames, colNames }: DataSymbol): string[] {
  const list = (key: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${key}(${names.map((text) => JSON.stringify(text)).join(', ')})`];
  const lists = [...list('rows', rowNames), ...list('cols', colNames)];
  return lists.length === 0 ? [] : [`.names ${[name, ...lists].join(', ')}`];
}

/** `[1, 2, 3]`, or `zeros()` or `full(v)` for a longer run of one value. */
export function printValues(data: Float32Array | Int32Array): string {
  const print = data instanceof Float32Array ? printFloat32 : printNumber;
  const [first] = data;
  if (data.length > 1 && data.every((value) => Object.is(value, first))) {
    return Object.is(first, 0) ? 'zeros()' : `full(${print(first)})`;
  }
  const texts = Array.from(data, print);
  if (texts.length <= VALUES_PER_LINE) return `[${texts.join(', ')}]`;
  const lines: string[] = [];
  for (let i = 0; i < texts.length; i += VALUES_PER_LINE) {
    lines.push(`  ${texts.slice(i, i + VALUES_PER_LINE).join(', ')}`);
  }
  return `[\n${lines.join(',\n')}\n]`;
}

/** One `.expect` line. */
export function printExpectation(expectation: Expectation): string {
  switch (expectation.kind) {
    case 'values': {
      const { symbol, expected, tolerance } = expectation;
      const values = printValues(expected);
      if (tolerance === 0) return `.expect ${symbol} == ${values}`;
      return `.expect ${symbol} ~= ${values}, tolerance=${printNumber(tolerance)}`;
    }
    case 'count': {
      const { quantity, machine, comparison, value } = expectation;
      const where = machine === undefined ? '' : `(${machine})`;
      return `.expect ${quantity}${where} ${comparison} ${printNumber(value)}`;
    }
    case 'tokens':
      return `.expect tokens == [${expectation.tokens.join(', ')}]`;
  }
  return expectation satisfies never;
}
