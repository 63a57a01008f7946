/** Random programs with everything that a program can carry besides its code. */
import fc from 'fast-check';
import type { DataSymbol, Expectation, Program } from '../../src/program/program.ts';
import { matrixShape, symbolBytes } from '../../src/program/program.ts';
import { randomProgram } from './random-program.ts';

/** Neither registers nor functions; some are names that the printer would choose itself. */
const NAME = fc.stringMatching(/^(n_[A-Za-z0-9_]{0,8}|L[0-9])$/);
/** Texts of one line, and what `;;` can hold: no blanks at the edges. */
const LINE = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\p{C}\p{Z}]/gu, '_'));
const DOC = fc
  .array(LINE.filter((line) => line !== '' && !line.startsWith(';')))
  .map((lines) => lines.join('\n'));
const SPAN = fc.record({ file: LINE, line: fc.nat(), column: fc.nat(), length: fc.nat() });
const VALUES = fc.float32Array({ minLength: 128, maxLength: 128 });

function expectationOf(symbol: DataSymbol): fc.Arbitrary<Expectation> {
  const count = symbolBytes(symbol) / 4;
  const common = { text: LINE, span: SPAN };
  const all = { minLength: count, maxLength: count };
  const expected = symbol.dtype === 'f32' ? fc.float32Array(all) : fc.int32Array(all);
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

/** Legal programs with labels, docs, names, parts, parameters, expectations, shows and sources. */
export const decoratedProgram: fc.Arbitrary<Program> = randomProgram({ length: 10 }).chain(
  ({ program }) => {
    const { code, symbols } = program;
    const symbol = symbols[0];
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
          data: VALUES,
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
        symbols: [{ ...symbol, ...extra }, ...symbols.slice(1)],
      }));
  },
);
