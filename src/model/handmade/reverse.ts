/** A transformer that reverses: one layer, one head, twenty weights that are not zero. */
import { GraphBuilder } from '../graph-builder.ts';
import type { HandmadeGraph } from './basis.ts';
import { basis, exampleTokens, matrix, pairs, upTo } from './basis.ts';

/**
 * Scores of the row that is looked for and of all others differ by this much, so that softmax gives
 * the others e⁻³² ≈ 10⁻¹⁴ of the attention: nothing, in float32.
 */
const SHARP = 32;

/**
 * `tokens` (i32 [letters.length]: places in `letters`) → `logits` [tokens, letters], row i of which
 * is largest at the token of row n − 1 − i.
 *
 * The stream has a direction for each letter and for each position; the embeddings write one of
 * both. The one head asks from position i for position n − 1 − i (Wq), every row answers with its
 * own position (Wk), and what is copied is the letter (Wv), at once as a logit. With four letters
 * and four positions that is 4 + 4 embeddings and 4 + 4 + 4 weights of the head, each of them 1.
 */
export function reverse(letters = 'abcd'): HandmadeGraph {
  const n = letters.length;
  const tok = basis('tok', letters);
  const pos = basis('pos', upTo(n));
  const out = basis('out', letters);
  const stream = [...tok, ...pos];
  const b = new GraphBuilder('reverse');
  const tokens = b.input('tokens', 'i32', [n]);

  const part = 'embedding';
  const wte = matrix(b, 'wte', tok, stream, pairs(tok, tok));
  const wpe = matrix(b, 'wpe', pos, stream, pairs(pos, pos));
  const letter = b.add('gather', [wte, tokens], {}, { name: 'letter', part });
  const x = b.add('add', [letter, wpe], {}, { name: 'x', part });

  const head = { part: 'attention' };
  const wq = matrix(b, 'wq', stream, pos, pairs(pos, pos.toReversed()));
  const wk = matrix(b, 'wk', stream, pos, pairs(pos, pos));
  const wv = matrix(b, 'wv', stream, out, pairs(tok, out));
  const q = b.add('linear', [x, wq], {}, { name: 'q', ...head });
  const k = b.add('linear', [x, wk], {}, { name: 'k', ...head });
  const v = b.add('linear', [x, wv], {}, { name: 'v', ...head });
  const one = { heads: 1, kv_heads: 1, scale: SHARP };
  const logits = b.add('attention', [q, k, v], one, { name: 'logits', ...head });
  return {
    ...b.finish([logits]),
    doc: 'Reverses its tokens: position i looks at position n - 1 - i and copies the letter there.',
    bases: new Map([
      ['tok', tok],
      ['pos', pos],
      ['out', out],
      ['stream', stream],
    ]),
    recipes: exampleTokens(upTo(n)),
  };
}
