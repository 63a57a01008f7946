/** Verification finds what is wrong, names the first tensor that shows it, and says why. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geluErf } from '../../isa/instructions/gelu-erf.ts';
import { silu } from '../../isa/instructions/silu.ts';
import { buildGraph, buildLanguageModel } from '../../src/inference/build.ts';
import { completeInputs } from '../../src/inference/inputs.ts';
import { DEFAULT_TOLERANCE, compareValues, placeOf } from '../../src/inference/verify-compare.ts';
import { defaultPrompt, verificationSteps } from '../../src/inference/verify-prompt.ts';
import { strangeness } from '../../src/inference/verify-weights.ts';
import { verifyGraph, verifyLanguage } from '../../src/inference/verify.ts';
import type { Program } from '../../src/program/program.ts';
import { GRAPHS, LEVELS, MODELS, TILE, graphSource, languageSource } from './support.ts';

const OPTIONS = { tolerance: DEFAULT_TOLERANCE };

const source = graphSource(`${GRAPHS}mlp.json`);
const mlp = buildGraph(source.graph, { level: 1, tile: TILE, apart: true });
const graphs = new Map([['main', source.graph]]);

function verifyMlp(program: Program) {
  return verifyGraph({ program, graphs, places: mlp.places }, completeInputs(source), OPTIONS);
}

/** The program with another value in one place of a weight. */
function withValue(program: Program, symbol: string, index: number, value: number): Program {
  const symbols = program.symbols.map((one) => {
    if (one.name !== symbol) return one;
    const data = one.data!.slice();
    data[index] = value;
    return { ...one, data };
  });
  return { ...program, symbols };
}

describe('verifyGraph', () => {
  it('agrees with itself, tensor by tensor', () => {
    const verified = verifyMlp(mlp.program);
    expect(verified).toMatchObject({ passes: 1, tensors: 3, values: 500, weights: [] });
    expect(verified.difference).toBeUndefined();
    expect(verified.worst.relative).toBeGreaterThan(0);
  });

  it('names the weight that is another, and the first tensor that shows it', () => {
    const was = mlp.program.symbols.find(({ name }) => name === 'w2')!.data![3 * 20 + 7]!;
    const { difference, weights } = verifyMlp(withValue(mlp.program, 'w2', 3 * 20 + 7, 5.25));
    expect(difference).toMatchObject({ tensor: 'y', op: 'linear', beyond: 5 });
    expect(difference!.place[1]).toBe(7);
    expect(difference!.cause).toBe(
      `weight \`w2\` differs from the model in 1 of 800 values, at [3, 7]: 5.25 instead of ${Number(was.toPrecision(7))}`,
    );
    expect(weights).toMatchObject([{ weight: 'w2', place: [3, 7], found: 5.25, wanted: was }]);
  });

  it('finds any weight that was changed, even by one bit', () => {
    const names = ['w1', 'b1', 'w2', 'b2'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), (name, n) => {
        const { data } = mlp.program.symbols.find((symbol) => symbol.name === name)!;
        const index = n % data!.length;
        const bits = new Int32Array(Float32Array.of(data![index]!).buffer);
        bits[0]! ^= 1;
        const [value] = new Float32Array(bits.buffer);
        const { weights } = verifyMlp(withValue(mlp.program, name, index, value!));
        expect(weights).toMatchObject([{ weight: name, differing: 1, found: value }]);
      }),
      { seed: 5, numRuns: 30 },
    );
  });

  it('sees code that computes something else', () => {
    const swapped = mlp.program.code.map((instruction) =>
      instruction.definition === geluErf ? { ...instruction, definition: silu } : instruction,
    );
    expect(swapped).not.toEqual(mlp.program.code);
    const { difference } = verifyMlp({ ...mlp.program, code: swapped });
    expect(difference).toMatchObject({ tensor: 'a', op: 'gelu' });
    expect(difference!.cause).toMatch(/^its inputs agree \(`h`, to within \S+\), so the code/);
  });
});

describe('verifyLanguage', () => {
  const { model } = languageSource(`${MODELS}adder-gpt2`, { rows: 4 });
  const endless = { ...model, generation: { ...model.generation, end: [] } };
  const subject = (level: 0 | 1 | 2) => {
    const options = { level, tile: TILE, apart: true, sampling: { temperature: 0 } };
    const { program, places } = buildLanguageModel(endless, { ...options, maxNewTokens: 6 });
    return { program, places, graphs: new Map([['decode', model.decode]]) };
  };

  it.each(LEVELS)('follows blocks of the prompt and single tokens at -O%i', (level) => {
    const passes: string[] = [];
    const verified = verifyLanguage(subject(level), [7, 9, 10, 3, 2, 11], {
      ...OPTIONS,
      onPass: ({ counts }) => passes.push(`${counts.rows} at ${counts.position}`),
    });
    expect(verified.difference).toBeUndefined();
    expect(passes).toEqual(['4 at 0', '2 at 4', '1 at 6', '1 at 7', '1 at 8', '1 at 9', '1 at 10']);
  });

  it('finds a wrong weight of a late layer', () => {
    const { program, ...rest } = subject(1);
    const wrong = withValue(program, 'layer_1_attention_q_weight', 5, NaN);
    const { difference } = verifyLanguage({ ...rest, program: wrong }, [7, 9], OPTIONS);
    expect(difference).toMatchObject({ tensor: 'layer 1/attention/q', largest: Infinity });
    expect(difference!.cause).toContain('`layer 1/attention/q weight` differs from the model in 1');
  });

  it('has a prompt of its own that takes several passes and leaves room', () => {
    expect(verificationSteps(model)).toBe(6);
    expect(defaultPrompt(model)).toHaveLength(6);
    expect(defaultPrompt(model).every((token) => token < 13)).toBe(true);
  });
});

describe('compareValues', () => {
  const against = (found: number[], wanted: number[], tolerance = 1e-4) =>
    compareValues(
      Float32Array.from(found),
      { shape: [wanted.length], data: Float64Array.from(wanted) },
      tolerance,
    );

  it('holds differences against the largest magnitude', () => {
    expect(against([1, 100.005], [1, 100])).toMatchObject({ beyond: 0, index: 1 });
    expect(against([1.02, 100], [1, 100])).toMatchObject({ beyond: 1, index: 0 });
  });

  it('does not let the numbers of a mask hide others', () => {
    expect(against([-3.4e38, 1.1], [-3.4e38, 1])).toMatchObject({ beyond: 1, index: 1 });
  });

  it('takes NaN and ∞ for equal to themselves only', () => {
    expect(against([NaN, Infinity], [NaN, Infinity]).beyond).toBe(0);
    expect(against([Infinity], [1e39]).beyond).toBe(0);
    expect(against([NaN, 1, Infinity], [1, NaN, -Infinity])).toMatchObject({ beyond: 3 });
  });

  it('wants integers to be equal', () => {
    expect(against([3, 4], [3, 5], 0)).toMatchObject({ beyond: 1, index: 1 });
    expect(against([3, 4], [3, 4], 0)).toEqual({ largest: 0, index: 0, beyond: 0 });
  });
});

describe('strangeness', () => {
  const weight = (values: number[]) => {
    const tensor = { dtype: 'f32', shape: [2, 2], data: Float32Array.from(values) } as const;
    return { name: 'w', ...tensor, rowNames: [], colNames: [], read: () => tensor };
  };

  it('names numbers that are none, and huge ones', () => {
    expect(strangeness(weight([0, 1, NaN, 1]))).toContain('at [1, 0]: NaN');
    expect(strangeness(weight([0, 1, 2, -1e9]))).toContain('a huge number at [1, 1]: -1000000000');
    expect(strangeness(weight([0, 1, 2, 3]))).toBeUndefined();
  });
});

it('places count from 0, the last axis fastest', () => {
  expect(placeOf(5, [2, 3])).toEqual([1, 2]);
  expect(placeOf(0, [])).toEqual([]);
});
