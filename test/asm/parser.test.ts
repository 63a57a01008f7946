/** The shortcut of the parser against its grammar. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNames, parseWithGrammar } from '../../src/asm/parser.ts';
import { lexer } from '../../src/asm/tokens.ts';

test('names between commas are the same with and without the grammar', () => {
  const word = fc.constantFrom('t0', 'r31', 'loop', ',', ',', ' , ', '4', '[', '-', 'X');
  let shortcuts = 0;
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      const { tokens } = lexer.tokenize(words.join(' '));
      const quick = parseNames(tokens);
      if (!quick) return;
      shortcuts++;
      expect(quick).toEqual(parseWithGrammar(tokens));
    }),
    { seed: 61, numRuns: 6000 },
  );
  expect(shortcuts).toBeGreaterThan(300);
});
