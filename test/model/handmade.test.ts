/** The models that are built by hand: right on every input there is, or on many, by a wide margin. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAPHS, graphOf, logitsOf } from './graph-support.ts';
import { ADDER_TOKENS, adder, adderTokens, reversed } from '../../src/model/handmade/adder.ts';
import { matrix, vector } from '../../src/model/handmade/basis.ts';
import { brackets, bracketsRnn } from '../../src/model/handmade/brackets.ts';
import { HANDMADE, handmadeFiles } from '../../src/model/handmade/index.ts';
import { induction } from '../../src/model/handmade/induction.ts';
import { reverse } from '../../src/model/handmade/reverse.ts';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import type { Graph } from '../../src/model/graph.ts';
import { readFileSync } from 'node:fs';

const RUNS = { seed: 20261122, numRuns: 300 };

/** The column of the largest number, and by how much it is the largest. */
function decide(row: readonly number[]): { readonly choice: number; readonly margin: number } {
  const choice = row.indexOf(Math.max(...row));
  const others = row.filter((_, i) => i !== choice);
  return { choice, margin: row[choice]! - Math.max(...others) };
}

/** Every row's decision is the wanted one, by at least this margin. */
function expectDecisions(
  graph: Graph,
  tokens: readonly number[],
  wanted: readonly number[],
  margin: number,
): void {
  const decisions = logitsOf(graph, tokens).map(decide);
  expect(decisions.map(({ choice }) => choice)).toEqual(wanted);
  expect(Math.min(...decisions.map((each) => each.margin))).toBeGreaterThanOrEqual(margin);
}

/** All strings of this length over tokens 0 … count − 1. */
function* allStrings(count: number, length: number): Generator<number[]> {
  for (let code = 0; code < count ** length; code++) {
    yield Array.from({ length }, (_, i) => Math.floor(code / count ** i) % count);
  }
}

const nonZero = (graph: Graph): number =>
  graph.weights.reduce((sum, { read }) => sum + read().data.filter((w) => w !== 0).length, 0);

describe('reverse', () => {
  it('has 20 weights that are not zero, and all of them are 1', () => {
    expect(nonZero(reverse())).toBe(20);
    const values = reverse().weights.flatMap(({ read }) => [...read().data]);
    expect(new Set(values)).toEqual(new Set([0, 1]));
  });

  it('reverses all 256 strings', () => {
    const graph = reverse();
    // Attention elsewhere is e⁻³² a row, so that a logit is 1 or 0 to twelve places.
    for (const text of allStrings(4, 4)) {
      expectDecisions(graph, text, text.toReversed(), 1 - 1e-12);
    }
  });

  it('reverses longer strings of more letters', () => {
    const graph = reverse('abcdefghijklmnopqrst');
    const texts = fc.array(fc.nat(19), { minLength: 20, maxLength: 20 });
    const holds = (text: number[]) => {
      expectDecisions(graph, text, text.toReversed(), 1 - 1e-12);
    };
    fc.assert(fc.property(texts, holds), RUNS);
  });
});

/** What came behind the latest earlier copy of each token; 0 where there is none. */
function followers(text: readonly number[]): number[] {
  return text.map((token, i) => {
    const copy = text.slice(0, i).lastIndexOf(token);
    return copy < 0 ? 0 : text[copy + 1]!;
  });
}

describe('induction', () => {
  it.each([
    ['abcdef', 24],
    ['abcdefghijklmnopq', 24],
    ['ab', 5],
  ])('over %s says what followed, in texts of %i', (letters, length) => {
    const graph = induction(letters, length);
    const size = { minLength: length - 1, maxLength: length - 1 };
    const texts = fc.array(fc.integer({ min: 1, max: letters.length }), size);
    const holds = (text: number[]) => {
      expectDecisions(graph, [0, ...text], followers([0, ...text]), 1 - 1e-12);
    };
    fc.assert(fc.property(texts, holds), RUNS);
  });

  it('needs BOS: without it, a letter that is new has nowhere to look', () => {
    const rows = logitsOf(induction('abc', 4), [1, 2, 3, 1]);
    expect(decide(rows[2]!).choice).not.toBe(0);
  });
});

/** 1 for balanced, 0 for not; 0 opens and 1 closes. */
function isBalanced(text: readonly number[]): number {
  let depth = 0;
  for (const bracket of text) {
    depth += bracket === 0 ? 1 : -1;
    if (depth < 0) return 0;
  }
  return depth === 0 ? 1 : 0;
}

describe('brackets', () => {
  const lengths = Array.from({ length: 12 }, (_, i) => i + 1);

  it.each(lengths)('are judged rightly by the transformer: all texts of %i', (length) => {
    const graph = brackets(length);
    // Balanced wins by ½ − 0, unbalanced by 1 − ½ or more; softmax rounds means of float64.
    for (const text of allStrings(2, length)) {
      expectDecisions(graph, text, [isBalanced(text)], 0.5 - 1e-9);
    }
  });

  it.each(lengths)('are judged rightly by one number: all texts of %i', (length) => {
    const graph = bracketsRnn(length);
    // All numbers are halves and quarters: nothing is rounded.
    for (const text of allStrings(2, length)) {
      expectDecisions(graph, text, [isBalanced(text)], 0.25);
    }
  });

  it('keep one number only', () => {
    const shapes = bracketsRnn().weights.map(({ name, shape }) => [name, shape.join('×')]);
    expect(Object.fromEntries(shapes)).toMatchObject({ one: '1×1', start: '1×1' });
  });
});

describe('adder', () => {
  /** Each digit is checked behind the right ones before it: so the whole sum is written rightly. */
  const expectSum = (graph: Graph, a: number, b: number, digits: number): void => {
    const sum = Array.from(reversed(a + b, digits + 1), Number);
    // y is at most 0.1 below its digit: parabolas are apart by 0.9² − 0.1² = 0.8.
    expectDecisions(graph, adderTokens(a, b, digits), sum, 0.8 - 1e-6);
  };

  it('writes tokens as people do, the lowest digit first', () => {
    const text = adderTokens(47, 85, 2).map((token) => ADDER_TOKENS[token]);
    expect(text.join('')).toBe('74+58=23');
  });

  it('has 1 layer with 2 heads and 2 ReLUs', () => {
    const { nodes, types } = adder();
    const attention = nodes.filter(({ op }) => op === 'attention');
    expect(attention.map(({ attributes }) => attributes.heads)).toEqual([2]);
    const relus = nodes.filter(({ op }) => op === 'relu').map(({ name }) => types.get(name)!.shape);
    expect(relus).toEqual([[11, 2]]);
  });

  it('adds all pairs of numbers of 1 and 2 digits', () => {
    for (const digits of [1, 2]) {
      const graph = adder(digits);
      for (let a = 0; a < 10 ** digits; a++) {
        for (let b = 0; b < 10 ** digits; b++) expectSum(graph, a, b, digits);
      }
    }
  });

  it.each([3, 9])('adds numbers of %i digits', (digits) => {
    const graph = adder(digits);
    const number = fc.integer({ min: 0, max: 10 ** digits - 1 });
    const carries = fc.tuple(number, fc.integer({ min: 0, max: 9 }));
    fc.assert(
      fc.property(number, number, (a, b) => {
        expectSum(graph, a, b, digits);
      }),
      RUNS,
    );
    // Sums near 99…9, in which a carry runs through all digits or stops just before.
    fc.assert(
      fc.property(carries, ([a, slip]) => {
        expectSum(graph, a, Math.max(0, 10 ** digits - 1 - a - slip), digits);
        if (a >= slip) expectSum(graph, a, 10 ** digits - 1 - a + slip, digits);
      }),
      RUNS,
    );
  });
});

describe('files of models built by hand', () => {
  it('are what `npm run graphs` writes', () => {
    expect(handmadeFiles().size).toBe(HANDMADE.length);
    for (const [name, text] of handmadeFiles()) {
      expect(readFileSync(`${GRAPHS}handmade/${name}`, 'utf8')).toBe(text);
    }
  });

  it('hold the same weights under the same names', () => {
    for (const build of HANDMADE) {
      const built = build();
      const read = graphOf(`handmade/${built.name}.json`);
      expect(read.nodes).toEqual(built.nodes);
      expect(read.weights.map((weight) => ({ ...weight, read: weight.read() }))).toEqual(
        built.weights.map((weight) => ({ ...weight, read: weight.read() })),
      );
    }
  });
});

describe('directions', () => {
  it('that are not there are refused', () => {
    const b = new GraphBuilder('wrong');
    expect(() => matrix(b, 'm', ['a'], ['b'], [['a', 'c', 1]])).toThrow(/m has no direction c/);
    expect(() => vector(b, 'v', ['a'], { b: 1 })).toThrow(/v has no direction b/);
  });
});
