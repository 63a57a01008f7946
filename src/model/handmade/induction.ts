/** An induction head: what followed this token the last time follows it now. */
import { GraphBuilder } from '../graph-builder.ts';
import type { Basis, HandmadeGraph } from './basis.ts';
import { basis, exampleTokens, matrix, pairs, upTo } from './basis.ts';

/** Scores that must not be confused differ by at least this: e⁻³² is nothing in float32. */
const SHARP = 32;

/** The first token of every text. */
export const BOS = '^';

/**
 * `tokens` (i32 [length]: 0 is BOS, i the i-th letter) → `logits` [length, tokens]. The text begins
 * with BOS. Row i is largest at the token that came behind the latest earlier copy of token i, or
 * at BOS, for "I do not know", where there is none (Elhage et al., "A mathematical framework for
 * transformer circuits", 2021; Olsson et al., "In-context learning and induction heads", 2022).
 *
 * Head 1, "previous token": position i asks for position i − 1 and copies its letter into the
 * directions `before`. Position 0 can only look at itself, so that BOS comes before BOS.
 *
 * Head 2, "induction": token t asks for rows with t in `before`, and copies their letter. A match
 * is worth 2 · length, a row's position its number: the latest match wins. BOS always answers with
 * `length`, less than any match and more than any position: it is where attention rests when
 * nothing matches, which is why a text needs it.
 */
export function induction(letters = 'abcdef', length = 24): HandmadeGraph {
  const names = [BOS, ...letters];
  const tok = basis('tok', names);
  const pos = basis('pos', upTo(length));
  const before = basis('before', names);
  const stream = [...tok, ...pos, ...before];
  const b = new GraphBuilder('induction');
  const tokens = b.input('tokens', 'i32', [length]);

  const part = 'embedding';
  const wte = matrix(b, 'wte', tok, stream, pairs(tok, tok));
  const wpe = matrix(b, 'wpe', pos, stream, pairs(pos, pos));
  const letter = b.add('gather', [wte, tokens], {}, { name: 'letter', part });
  const x0 = b.add('add', [letter, wpe], {}, { name: 'x0', part });

  const previous = {
    wq: matrix(b, 'previous.wq', stream, pos, pairs(pos.slice(1), pos)),
    wk: matrix(b, 'previous.wk', stream, pos, pairs(pos, pos)),
    wv: matrix(b, 'previous.wv', stream, stream, pairs(tok, before)),
  };
  const x1 = b.add('add', [x0, head(b, 'previous', 'copied', x0, previous)], {}, { name: 'x1' });

  const sample = upTo(length).map((i) => (i === 0 ? 0 : 1 + ((i * i) % letters.length)));
  const logits = head(
    b,
    'induction',
    'logits',
    x1,
    matchWeights(b, { tok, pos, before, stream, length }),
  );
  return {
    ...b.finish([logits]),
    doc: 'An induction head: predicts what followed the latest earlier copy of each token.',
    bases: new Map([
      ['tok', tok],
      ['pos', pos],
      ['stream', stream],
    ]),
    recipes: exampleTokens(sample),
  };
}

interface Spaces {
  readonly tok: Basis;
  readonly pos: Basis;
  readonly before: Basis;
  readonly stream: Basis;
  readonly length: number;
}

/** The weights of head 2. Every token asks for its match, for rest and for what is recent. */
function matchWeights(b: GraphBuilder, { tok, pos, before, stream, length }: Spaces) {
  const match = before.map((name) => name.replace('before', 'match'));
  const asked = [...match, 'rest', 'recent'];
  return {
    wq: matrix(b, 'induction.wq', stream, asked, [
      ...pairs(tok, match, 2 * length),
      ...tok.map((name) => [name, 'rest', length] as const),
      ...tok.map((name) => [name, 'recent', 1] as const),
    ]),
    wk: matrix(b, 'induction.wk', stream, asked, [
      ...pairs(before, match),
      [tok[0]!, 'rest', 1],
      ...pos.map((name, i) => [name, 'recent', i] as const),
    ]),
    wv: matrix(b, 'induction.wv', stream, tok, pairs(tok, tok)),
  };
}

interface HeadWeights {
  readonly wq: string;
  readonly wk: string;
  readonly wv: string;
}

/** One causal head, named and placed in the model after what it does. */
function head(
  b: GraphBuilder,
  name: string,
  output: string,
  x: string,
  { wq, wk, wv }: HeadWeights,
): string {
  const part = `${name} head`;
  const q = b.add('linear', [x, wq], {}, { name: `${name}.q`, part });
  const k = b.add('linear', [x, wk], {}, { name: `${name}.k`, part });
  const v = b.add('linear', [x, wv], {}, { name: `${name}.v`, part });
  const sharp = { heads: 1, kv_heads: 1, scale: SHARP, causal: true };
  return b.add('attention', [q, k, v], sharp, { name: output, part });
}
