/** Balanced brackets, twice: as a transformer of two layers, and as an RNN with one number. */
import { GraphBuilder } from '../graph-builder.ts';
import type { HandmadeGraph } from './basis.ts';
import { basis, exampleTokens, matrix, upTo, vector } from './basis.ts';

const TOK = basis('tok', '()');
/** All brackets open, then all close; balanced when there are as many. */
const nest = (length: number): number[] => upTo(length).map((i) => (2 * i < length ? 0 : 1));

const VERDICT = ['unbalanced', 'balanced'];

/**
 * `tokens` (i32 [length]: 0 is an opening bracket, 1 a closing one) → `logits` [1, 2]: unbalanced,
 * balanced.
 *
 * A bracket is one number of the stream, `step`: +1 or −1. Layer 1: a head that prefers nothing
 * (its queries and keys are zero) and is causal gives row i the mean of the steps so far: the depth
 * there, over i + 1. Two ReLUs keep its positive part, `above`, and its negative part, `below`:
 * text is balanced when `below` is zero everywhere and both are zero at the end. Layer 2: the same
 * head takes the mean of `below`, in the last row over the whole text. What is not zero there is at
 * least 1/n², and what is not zero of the last depth 1/n; weights of n² and n make either at least
 * 1, against ½ for "balanced".
 */
export function brackets(length = 12): HandmadeGraph {
  const stream = ['step', 'mean', 'above', 'below', 'dipped'];
  const b = new GraphBuilder('brackets');
  const tokens = b.input('tokens', 'i32', [length]);
  const wte = matrix(b, 'wte', TOK, stream, [
    ['tok:(', 'step', 1],
    ['tok:)', 'step', -1],
  ]);
  const x0 = b.add('gather', [wte, tokens], {}, { name: 'x0', part: 'embedding' });
  const x1 = averageInto(b, 1, x0, stream, ['step', 'mean']);
  const x2 = splitSigns(b, x1, stream);
  const x3 = averageInto(b, 2, x2, stream, ['below', 'dipped']);

  const part = 'verdict';
  const end = b.add('last', [x3], {}, { name: 'end', part });
  const wu = matrix(b, 'wu', stream, VERDICT, [
    ['dipped', 'unbalanced', length * length],
    ['above', 'unbalanced', length],
    ['below', 'unbalanced', length],
  ]);
  const bu = vector(b, 'bu', VERDICT, { balanced: 0.5 });
  const logits = b.add('linear', [end, wu, bu], {}, { name: 'logits', part });
  return {
    ...b.finish([logits]),
    doc: 'Are these brackets balanced? Means of steps are depths, and no depth may be negative.',
    bases: new Map([['stream', stream]]),
    recipes: exampleTokens(nest(length)),
  };
}

/** Adds to one direction the mean of another one over the rows so far. */
function averageInto(
  b: GraphBuilder,
  layer: 1 | 2,
  x: string,
  stream: readonly string[],
  [from, to]: readonly [string, string],
): string {
  const part = `mean of ${from}`;
  const node = (name: string) => ({ name: `${name}${layer}`, part });
  const nothing = matrix(b, `wqk${layer}`, stream, ['nothing'], []);
  const wv = matrix(b, `wv${layer}`, stream, stream, [[from, to, 1]]);
  const q = b.add('linear', [x, nothing], {}, node('q'));
  const k = b.add('linear', [x, nothing], {}, node('k'));
  const v = b.add('linear', [x, wv], {}, node('v'));
  const causal = { heads: 1, kv_heads: 1, scale: 1, causal: true };
  const mean = b.add('attention', [q, k, v], causal, node('mean'));
  return b.add('add', [x, mean], {}, node('mixed'));
}

/** Writes max(mean, 0) to `above` and max(−mean, 0) to `below`. */
function splitSigns(b: GraphBuilder, x: string, stream: readonly string[]): string {
  const part = 'feed-forward';
  const hidden = ['relu:above', 'relu:below'];
  const w1 = matrix(b, 'w1', stream, hidden, [
    ['mean', 'relu:above', 1],
    ['mean', 'relu:below', -1],
  ]);
  const w2 = matrix(b, 'w2', hidden, stream, [
    ['relu:above', 'above', 1],
    ['relu:below', 'below', 1],
  ]);
  const h = b.add('linear', [x, w1], {}, { name: 'h', part });
  const a = b.add('relu', [h], {}, { name: 'a', part });
  const y = b.add('linear', [a, w2], {}, { name: 'signs', part });
  return b.add('add', [x, y], {}, { name: 'x2', part });
}

/**
 * The same question, answered by one number h ← max(h + step, 0) that begins as ½.
 *
 * While nothing is wrong, h is the depth + ½. A closing bracket too many takes it from ½ to −½,
 * which becomes 0: from then on h is a whole number, and whole numbers stay whole. So the text is
 * balanced exactly when h ends as ½; two ReLUs measure how far it is from there: at least ½, which
 * is compared with ¼.
 */
export function bracketsRnn(length = 12): HandmadeGraph {
  const b = new GraphBuilder('brackets-rnn');
  const tokens = b.input('tokens', 'i32', [length]);
  const steps = matrix(
    b,
    'steps',
    TOK,
    ['step'],
    [
      ['tok:(', 'step', 1],
      ['tok:)', 'step', -1],
    ],
  );
  const one = matrix(b, 'one', ['h'], ['h'], [['h', 'h', 1]]);
  const start = matrix(b, 'start', ['begin'], ['h'], [['begin', 'h', 0.5]]);
  const x = b.add('gather', [steps, tokens], {}, { name: 'x', part: 'embedding' });
  const batch = b.add('reshape', [x], { shape: [length, 1, 1] }, { name: 'xs', part: 'embedding' });
  const relu = { activations: ['relu'] };
  const options = { outputs: ['', 'h'], part: 'recurrence' };
  const [, h] = b.addAll('rnn', [batch, one, one, '', start], relu, options);

  const part = 'verdict';
  const far = ['too high', 'too low'];
  const w1 = matrix(b, 'w1', ['h'], far, [
    ['h', 'too high', 1],
    ['h', 'too low', -1],
  ]);
  const b1 = vector(b, 'b1', far, { 'too high': -0.5, 'too low': 0.5 });
  const w2 = matrix(b, 'w2', far, VERDICT, [
    ['too high', 'unbalanced', 1],
    ['too low', 'unbalanced', 1],
  ]);
  const b2 = vector(b, 'b2', VERDICT, { balanced: 0.25 });
  const distance = b.add('linear', [h!, w1, b1], {}, { name: 'distance', part });
  const off = b.add('relu', [distance], {}, { name: 'off', part });
  const logits = b.add('linear', [off, w2, b2], {}, { name: 'logits', part });
  return {
    ...b.finish([logits]),
    doc: 'Balanced brackets with one number: the depth plus a half, and whole once it was negative.',
    bases: new Map(),
    recipes: exampleTokens(nest(length)),
  };
}
