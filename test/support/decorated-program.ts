/** Random programs with everything that a program can carry besides its code. */
import fc from 'fast-check';
import type { DataSymbol, DataType, Expectation, Program } from '../../src/program/program.ts';
import { matrixShape } from '../../src/program/program.ts';
import type { StoredArray } from '../../src/tensor/formats.ts';
import { ELEMENT_FORMATS, FORMATS, widened } from '../../src/tensor/formats.ts';
import { elementCount } from '../../src/tensor/host-tensor.ts';
import { randomProgram } from './random-program.ts';

/** Neither registers nor functions; some are names that the printer would choose itself. */
const NAME = fc.stringMatching(/^(n_[A-Za-z0-9_]{0,8}|L[0-9])$/);
/** Texts of one line, and what `;;` can hold: no blanks at the edges. */
const LINE = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\p{C}\p{Z}]/gu, '_'));
const DOC = fc
  .array(LINE.filter((line) => line !== '' && !line.startsWith(';')))
  .map((lines) => lines.join('\n'));
const SPAN = fc.record({ file: LINE, line: fc.nat(), column: fc.nat(), length: fc.nat() });

/** Anything that memory may hold in each format, and one NaN, because text has only one. */
const STORED: Readonly<
  Record<DataType, (size: { minLength: number; maxLength: number }) => fc.Arbitrary<StoredArray>>
> = {
  f32: fc.float32Array,
  i32: fc.int32Array,
  f16: (size) => fc.uint16Array(size).map((stored) => stored.map(oneNaN('f16'))),
  bf16: (size) => fc.uint16Array(size).map((stored) => stored.map(oneNaN('bf16'))),
  i8: fc.int8Array,
};

function oneNaN(format: DataType): (stored: number) => number {
  const { decode, encode } = FORMATS[format];
  return (stored) => encode(decode(stored));
}

/** As many elements as a symbol has. */
function storedIn({ shape, dtype }: DataSymbol): fc.Arbitrary<StoredArray> {
  const count = elementCount(shape);
  return STORED[dtype]({ minLength: count, maxLength: count });
}

function expectationOf(symbol: DataSymbol): fc.Arbitrary<Expectation> {
  const common = { text: LINE, span: SPAN };
  const expected = storedIn(symbol).map((stored) => widened(symbol.dtype, stored));
  return fc.oneof(
    fc.record({
      ...common,
      kind: fc.constant('values' as const),
      symbol: fc.constant(symbol.name),
      expected,
      tolerance: fc.oneof(fc.constant(0), fc.double({ min: 0, noNaN: true, max: 1 })),
    }),
    fc
      .record({
        ...common,
        quantity: fc.constantFrom('cycles' as const, 'instructions' as const),
        machine: fc.option(NAME, { nil: undefined }),
        comparison: fc.constantFrom('==' as const, '<=' as const, '>=' as const, '<' as const),
        value: fc.nat(),
      })
      .map(({ machine, ...count }) => ({
        ...count,
        kind: 'count' as const,
        // Only cycles depend on the machine.
        machine: count.quantity === 'cycles' ? machine : undefined,
      })),
    fc.record({
      ...common,
      kind: fc.constant('tokens' as const),
      tokens: fc.array(fc.maxSafeInteger()),
    }),
  );
}

/** The same symbol with other elements in as many bytes. */
function retyped(symbol: DataSymbol, dtype: DataType): DataSymbol {
  const [rows, ...rest] = symbol.shape;
  return { ...symbol, dtype, shape: [(rows * 4) / FORMATS[dtype].bytes, ...rest] };
}

/** Legal programs with labels, docs, names, parts, parameters, expectations, shows and sources. */
export const decoratedProgram: fc.Arbitrary<Program> = fc
  .tuple(randomProgram({ length: 10 }), fc.constantFrom(...ELEMENT_FORMATS))
  .chain(([{ program }, dtype]) => {
    const { code } = program;
    const [first, ...others] = program.symbols;
    const symbol = retyped(first, dtype);
    const symbols = [symbol, ...others];
    const { rows, cols } = matrixShape(symbol.shape);
    const texts = (n: number) =>
      fc.oneof(fc.constant([]), fc.array(LINE, { minLength: n, maxLength: n }));
    const label = fc.record({
      name: NAME,
      target: fc.nat(code.length),
      doc: DOC,
      span: SPAN,
    });
    return fc
      .record({
        labels: fc.uniqueArray(label, { selector: ({ name }) => name }),
        symbol: fc.record({
          data: storedIn(symbol),
          rowNames: texts(rows),
          colNames: texts(cols),
          doc: DOC,
          span: SPAN,
        }),
        parts: fc.array(LINE, { minLength: code.length, maxLength: code.length }),
        spans: fc.array(SPAN, { minLength: code.length, maxLength: code.length }),
        params: fc.array(fc.record({ name: NAME, value: fc.double(), doc: DOC })),
        expectations: fc.array(fc.oneof(...symbols.map(expectationOf)), { maxLength: 3 }),
        shows: fc.array(fc.record({ symbol: fc.constant(symbol.name), title: LINE })),
        sources: fc.array(fc.record({ file: LINE, text: fc.string({ unit: 'grapheme' }) })),
        name: LINE,
      })
      .map(({ symbol: extra, ...rest }) => ({
        ...program,
        ...rest,
        symbols: [{ ...symbol, ...extra }, ...others],
      }));
  });
