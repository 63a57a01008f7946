/** The shortcuts of the assembler against the lexer and the grammar, which say what the language is. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWithGrammar } from '../../src/asm/parser.ts';
import { readQuickly } from '../../src/asm/quick.ts';
import { scan, tokensOf, wordsOf } from '../../src/asm/scan.ts';
import { theLexer } from '../../src/asm/tokens.ts';

const SPACES = ['', ' ', '\t', '\u00a0'];

function texts(words: readonly string[], maxLength: number): fc.Arbitrary<string> {
  const pair = fc.tuple(fc.constantFrom(...words), fc.constantFrom(...SPACES));
  return fc.array(pair, { minLength: 1, maxLength }).map((list) => list.flat().join(''));
}

test('the words of the scan are the tokens of the lexer', () => {
  const pieces = ['LOAD', '_a1', '.f32', '.', '\\x', '\\@', '\\()', '\\', '12', '0x1F', '1.5e-3', '.5', '1_0']; // prettier-ignore
  const marks = [',', ':', '(', ')', '[', ']', '+', '-', '*', '/', '//', '%', '=', '==', '!=', '!', '<', '>=', '~=', '~']; // prettier-ignore
  const rest = [
    '"a b"',
    '"\\""',
    '"',
    ';',
    ';;',
    '; x',
    ';; x',
    '\n',
    '\r\n',
    '\n\n',
    'é',
    '\ufeff',
    '\u2028',
    '$',
  ];
  const counts = { scanned: 0, refused: 0 };
  fc.assert(
    fc.property(texts([...pieces, ...marks, ...rest, '\n', ' '], 12), (text) => {
      const { tokens, errors } = theLexer().tokenize(text);
      const words = scan(text, 0, text.length);
      expect(words === undefined).toBe(errors.length > 0);
      counts[words ? 'scanned' : 'refused']++;
      if (!words) return;
      expect(words).toEqual(wordsOf(tokens));
      expect(tokensOf(words, text, 0, tokens.length)).toEqual(
        tokens.map(({ image, startOffset, tokenType, tokenTypeIdx }) => {
          return { image, startOffset, tokenType, tokenTypeIdx };
        }),
      );
    }),
    { seed: 60, numRuns: 20_000 },
  );
  expect(counts.scanned).toBeGreaterThan(5000);
  expect(counts.refused).toBeGreaterThan(1000);
});

test('the scan of a part of a text finds the words of that part', () => {
  const text = 'ADD t0, t1, t2 ;; sum\nLOAD t0, [X + 4]; load\n  HALT';
  const from = text.indexOf('LOAD');
  const to = text.indexOf('HALT');
  const { tokens } = theLexer().tokenize(text.slice(from, to));
  const shifted = tokens.map((token) => ({ ...token, startOffset: token.startOffset + from }));
  expect(scan(text, from, to)).toEqual(wordsOf(shifted));
});

const ATOMS = ['t0', 'r31', 'X', 'rows', '4', '0x10', '1e-5', '2.5', '"a\\n"', '00012', '1_000'];
const WRONG_ATOMS = ['12ab', '9007199254740993', '"x', '\\a', '1 2'];
const OPERATORS = ['+', '-', '*', '/', '//', '%', '==', '<', '~='];

/** Lists of expressions, wrong only by a few atoms and by keys and slices that stand anywhere. */
const expression = fc.letrec<{ value: string; list: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { arbitrary: fc.constantFrom(...ATOMS), weight: 12 },
    { arbitrary: fc.constantFrom(...WRONG_ATOMS), weight: 1 },
    {
      arbitrary: fc
        .tuple(tie('value'), fc.constantFrom(...OPERATORS), tie('value'))
        .map((parts) => parts.join(' ')),
      weight: 4,
    },
    { arbitrary: tie('value').map((a) => `-${a}`), weight: 2 },
    { arbitrary: tie('value').map((a) => `(${a})`), weight: 2 },
    { arbitrary: tie('list').map((a) => `[${a}]`), weight: 2 },
    { arbitrary: tie('list').map((a) => `sqrt(${a})`), weight: 2 },
    { arbitrary: tie('value').map((a) => `file(${a})[0:4]`), weight: 1 },
  ),
  list: fc
    .array(fc.tuple(fc.constantFrom('', '', '', 'rows = '), tie('value')), { maxLength: 3 })
    .map((items) => items.map((item) => item.join('')).join(', ')),
}));

test('arguments are the same with and without the grammar', () => {
  const noise = texts(['t0', '4', ',', '+', '-', '(', ')', '[', ']', '=', ':', '\\a', '"x'], 6);
  const counts = { quick: 0, wrong: 0 };
  fc.assert(
    fc.property(
      fc.oneof({ arbitrary: expression.list, weight: 3 }, { arbitrary: noise, weight: 1 }),
      (text) => {
        const { tokens } = theLexer().tokenize(text);
        if (tokens.length === 0) return;
        const quick = readQuickly(text, wordsOf(tokens), 0, tokens.length);
        const right = parseWithGrammar(tokens);
        if ('code' in right) counts.wrong++;
        if (!quick) return;
        counts.quick++;
        expect(quick).toEqual(right);
      },
    ),
    { seed: 61, numRuns: 10_000 },
  );
  expect(counts.quick).toBeGreaterThan(2000);
  expect(counts.wrong).toBeGreaterThan(500);
});
