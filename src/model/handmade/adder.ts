/** A transformer that adds, carries included: one layer, two heads, two ReLUs, digits reversed. */
import { GraphBuilder } from '../graph-builder.ts';
import type { Basis, HandmadeGraph } from './basis.ts';
import { basis, exampleTokens, matrix, upTo, vector } from './basis.ts';

/** Scores that must not be confused differ by at least this: e⁻³² is nothing in float32. */
const SHARP = 32;

/** Token i is ADDER_TOKENS[i]. */
export const ADDER_TOKENS = '0123456789+=';

/** The tokens of `a+b=` and the first digits of the sum, lowest digit first in each number. */
export function adderTokens(a: number, b: number, digits: number): number[] {
  const sum = reversed(a + b, digits + 1).slice(0, digits);
  const text = `${reversed(a, digits)}+${reversed(b, digits)}=${sum}`;
  return Array.from(text, (mark) => ADDER_TOKENS.indexOf(mark));
}

/** The digits of a number, lowest first, filled up with zeros. */
export function reversed(value: number, digits: number): string {
  return [...String(value).padStart(digits, '0')].reverse().join('');
}

/**
 * `tokens` (i32 [3·digits + 2]) → `logits` [digits + 1, 10]: row i is for digit i of the sum, the
 * lowest first, computed from the row of the token before it: the equals sign, or digit i − 1 of
 * the sum. So the model can write the sum digit by digit.
 *
 * The stream holds the value of the token, `digit` (0 for + and =), the position, and `column`.
 * Both heads share keys and values: digit j of either number answers to `place:j`, and the sign
 * behind it, worth 0, to the place behind the last one.
 * - Head 1 asks for place i and finds the mean of two digits: half of t = aᵢ + bᵢ.
 * - Head 2 asks for place i − 1, and finds half of u = aᵢ₋₁ + bᵢ₋₁.
 *
 * The carry out of the place before is in the digit s that was written there, which is the current
 * token: u − s is 0 or −1 without a carry and 10 or 9 with one. So `column` = t + (u − s)/10 is
 * t + carry, or 0.1 less. Two ReLUs make a step from 0 to 1 between 9.25 and 9.75, and ten times
 * the step is taken off. Of the parabolas 2dy − d² the one of the digit d next to y is largest.
 */
export function adder(digits = 3): HandmadeGraph {
  const length = 3 * digits + 2;
  const tok = basis('tok', ADDER_TOKENS);
  const pos = basis('pos', upTo(length));
  const stream = ['digit', 'column', ...pos];
  const b = new GraphBuilder('adder');
  const tokens = b.input('tokens', 'i32', [length]);

  const part = 'embedding';
  const wte = matrix(
    b,
    'wte',
    tok,
    stream,
    upTo(10).map((d) => [`tok:${d}`, 'digit', d]),
  );
  const wpe = matrix(
    b,
    'wpe',
    pos,
    stream,
    pos.map((p) => [p, p, 1]),
  );
  const value = b.add('gather', [wte, tokens], {}, { name: 'value', part });
  const x0 = b.add('add', [value, wpe], {}, { name: 'x0', part });
  const x1 = addColumns(b, x0, stream, digits);
  const x2 = dropTen(b, x1, stream);
  return {
    ...b.finish([readOut(b, x2, stream, digits)]),
    doc: 'Adds two numbers, written with the lowest digit first, and carries.',
    bases: new Map([
      ['tok', tok],
      ['pos', pos],
      ['stream', stream],
    ]),
    recipes: exampleTokens(adderTokens(5, 10 ** digits - 5, digits)),
  };
}

/** The two heads: `column` becomes t + u/10. */
function addColumns(b: GraphBuilder, x: string, stream: Basis, digits: number): string {
  const part = 'attention';
  const place = (i: number): string => `place:${i}`;
  const places = upTo(digits + 1).map(place);
  const asked = ['here', 'before'].flatMap((head) => places.map((name) => `${head}:${name}`));
  const answers = upTo(digits + 1).map((i) => ({ i, row: `pos:${2 * digits + 1 + i}` }));
  const wq = matrix(b, 'wq', stream, asked, [
    ...answers.map(({ i, row }) => [row, `here:${place(i)}`, 1] as const),
    // No place is before the lowest one: its head looks at the signs, which are worth nothing.
    ...answers.map(
      ({ i, row }) => [row, `before:${place((i + digits) % (digits + 1))}`, 1] as const,
    ),
  ]);
  const wk = matrix(
    b,
    'wk',
    stream,
    places,
    upTo(2 * digits + 2).map((p) => [`pos:${p}`, place(p % (digits + 1)), 1]),
  );
  const wv = matrix(b, 'wv', stream, ['digit'], [['digit', 'digit', 1]]);
  const means = ['here:mean', 'before:mean'];
  const wo = matrix(b, 'wo', means, stream, [
    ['here:mean', 'column', 2],
    ['before:mean', 'column', 0.2],
  ]);
  const q = b.add('linear', [x, wq], {}, { name: 'q', part });
  const k = b.add('linear', [x, wk], {}, { name: 'k', part });
  const v = b.add('linear', [x, wv], {}, { name: 'v', part });
  const shared = { heads: 2, kv_heads: 1, scale: SHARP, causal: true };
  const mean = b.add('attention', [q, k, v], shared, { name: 'means', part });
  const columns = b.add('linear', [mean, wo], {}, { name: 'columns', part });
  return b.add('add', [x, columns], {}, { name: 'x1', part });
}

/** Takes 10 off where column − digit/10 is 9.75 or more; between 9 and 9.9 there is nothing. */
function dropTen(b: GraphBuilder, x: string, stream: Basis): string {
  const part = 'feed-forward';
  const hidden = ['relu:9.25', 'relu:9.75'];
  const w1 = matrix(
    b,
    'w1',
    stream,
    hidden,
    hidden.flatMap((name) => [['column', name, 2] as const, ['digit', name, -0.2] as const]),
  );
  const b1 = vector(b, 'b1', hidden, { 'relu:9.25': -18.5, 'relu:9.75': -19.5 });
  const w2 = matrix(b, 'w2', hidden, stream, [
    ['relu:9.25', 'column', -10],
    ['relu:9.75', 'column', 10],
  ]);
  const h = b.add('linear', [x, w1, b1], {}, { name: 'h', part });
  const a = b.add('relu', [h], {}, { name: 'a', part });
  const y = b.add('linear', [a, w2], {}, { name: 'dropped', part });
  return b.add('add', [x, y], {}, { name: 'x2', part });
}

/** Logits 2dy − d² for y = column − digit/10, in the rows that answer. */
function readOut(b: GraphBuilder, x: string, stream: Basis, digits: number): string {
  const part = 'read-out';
  const out = basis('out', upTo(10));
  const wu = matrix(
    b,
    'wu',
    stream,
    out,
    out.flatMap((name, d) => [
      ['column', name, 2 * d] as const,
      ['digit', name, -0.2 * d] as const,
    ]),
  );
  const bu = vector(b, 'bu', out, Object.fromEntries(out.map((name, d) => [name, -d * d])));
  const answers = {
    starts: [2 * digits + 1, 0],
    counts: [digits + 1, stream.length],
    steps: [1, 1],
  };
  const y = b.add('slice', [x], answers, { name: 'answers', part });
  return b.add('linear', [y, wu, bu], {}, { name: 'logits', part });
}
