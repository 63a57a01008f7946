/** Elementwise ONNX operators against their formulas. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erf } from '../../../src/reference/activation.ts';
import type { TypeName } from '../../../src/model/onnx/data-types.ts';
import type { AttributeSource, TensorSource } from '../../support/onnx-writer.ts';
import { at, indices, runNode, tensor } from '../../support/onnx-run.ts';

const RUNS = { seed: 20260101, numRuns: 100 };

/** Both sides are float64 on values that are float32: what differs is the order of a few roundings. */
const CLOSE = 12;

const float = (min = -4, max = 4) => fc.float({ min, max, noNaN: true, noDefaultInfinity: true });
const same = (found: ArrayLike<number>, wanted: readonly number[]) => {
  expect(found.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    if (Number.isFinite(value)) expect(found[i]).toBeCloseTo(value, CLOSE);
    else expect(found[i]).toBe(value);
  });
};

interface Formula {
  readonly of: (x: number) => number;
  readonly attributes?: Readonly<Record<string, AttributeSource>>;
  readonly least?: number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log(1 + Math.exp(x));

/** Attributes are powers of two, so that float32 keeps them exactly. */
const FORMULAS: Readonly<Record<string, Formula>> = {
  Abs: { of: Math.abs },
  Ceil: { of: Math.ceil },
  Celu: {
    of: (x) => Math.max(x, 0) + Math.min(0, 2 * (Math.exp(x / 2) - 1)),
    attributes: { alpha: { float: 2 } },
  },
  Elu: { of: (x) => (x < 0 ? 0.5 * (Math.exp(x) - 1) : x), attributes: { alpha: { float: 0.5 } } },
  Erf: { of: erf },
  Exp: { of: Math.exp },
  Floor: { of: Math.floor },
  Gelu: { of: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)) },
  HardSigmoid: {
    of: (x) => Math.min(1, Math.max(0, 0.25 * x + 0.5)),
    attributes: { alpha: { float: 0.25 }, beta: { float: 0.5 } },
  },
  LeakyRelu: { of: (x) => (x < 0 ? x / 4 : x), attributes: { alpha: { float: 0.25 } } },
  Log: { of: Math.log, least: 0.125 },
  Mish: { of: (x) => x * Math.tanh(softplus(x)) },
  Neg: { of: (x) => -x },
  Relu: { of: (x) => Math.max(x, 0) },
  Selu: {
    of: (x) => 2 * (x < 0 ? 0.5 * (Math.exp(x) - 1) : x),
    attributes: { alpha: { float: 0.5 }, gamma: { float: 2 } },
  },
  Sigmoid: { of: sigmoid },
  Softplus: { of: softplus },
  Softsign: { of: (x) => x / (1 + Math.abs(x)) },
  Sqrt: { of: Math.sqrt, least: 0 },
  Swish: { of: (x) => x * sigmoid(2 * x), attributes: { alpha: { float: 2 } } },
  Tanh: { of: Math.tanh },
  ThresholdedRelu: { of: (x) => (x > 0.5 ? x : 0), attributes: { alpha: { float: 0.5 } } },
};

describe('functions of one operand', () => {
  it.each(Object.entries(FORMULAS))('%s', (op, { of, attributes = {}, least = -4 }) => {
    const values = fc.array(float(least), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, (xs) => {
        const [y] = runNode(op, [tensor([xs.length], xs)], attributes);
        same(y.data, xs.map(of));
      }),
      RUNS,
    );
  });

  it('keep the fraction off numbers that no integer holds', () => {
    const huge = Math.fround(1e30);
    same(runNode('Floor', [tensor([3], [huge, -huge, -0.5])])[0].data, [huge, -huge, -1]);
  });
});

/** Shapes that broadcast, and how the result looks. */
const PAIRS: readonly (readonly [number[], number[], number[]])[] = [
  [[3], [3], [3]],
  [[2, 3], [3], [2, 3]],
  [
    [2, 1],
    [1, 3],
    [2, 3],
  ],
  [[], [2, 2], [2, 2]],
];

function pairOf(value: fc.Arbitrary<number>, type: TypeName) {
  return fc.constantFrom(...PAIRS).chain(([a, b, shape]) => {
    const operand = (dims: number[]) => {
      const length = dims.reduce((m, n) => m * n, 1);
      return fc
        .array(value, { minLength: length, maxLength: length })
        .map((values) => tensor(dims, values, type));
    };
    return fc.tuple(operand(a), operand(b), fc.constant(shape));
  });
}

const zip = (
  a: TensorSource,
  b: TensorSource,
  shape: readonly number[],
  of: (x: number, y: number) => number,
) => [...indices(shape)].map((index) => of(at(a, index), at(b, index)));

describe('integers', () => {
  const wrap = (bits: number, signed: boolean) => (x: number) =>
    Number(signed ? BigInt.asIntN(bits, BigInt(x)) : BigInt.asUintN(bits, BigInt(x)));
  const kinds = [
    ['int8', -128, 127, wrap(8, true)],
    ['uint8', 0, 255, wrap(8, false)],
    ['int16', -32768, 32767, wrap(16, true)],
    // Products of larger ones would not fit 32 bits before they wrap.
    ['uint16', 0, 32767, wrap(16, false)],
  ] as const;
  const operations = {
    Add: (x: number, y: number) => x + y,
    Sub: (x: number, y: number) => x - y,
    Mul: (x: number, y: number) => x * y,
  };

  it.each(kinds)('%s wrap around', (type, min, max, wrapped) => {
    const choice = fc.constantFrom(...(['Add', 'Sub', 'Mul'] as const));
    fc.assert(
      fc.property(choice, pairOf(fc.integer({ min, max }), type), (op, [a, b, shape]) => {
        const wanted = zip(a, b, shape, (x, y) => wrapped(operations[op](x, y)));
        expect([...runNode(op, [a, b])[0].data]).toEqual(wanted);
        expect([...runNode(op, [a, b], {}, { constant: true })[0].data]).toEqual(wanted);
      }),
      RUNS,
    );
  });

  it('divide towards zero, and take remainders with the sign that is asked for', () => {
    const nonzero = fc.integer({ min: -9, max: 9 }).map((x) => (x === 0 ? 7 : x));
    const floored = (x: number, y: number) => x - Math.floor(x / y) * y;
    fc.assert(
      fc.property(pairOf(nonzero, 'int32'), ([a, b, shape]) => {
        // Adding 0 makes a zero without sign, as integers have it.
        const run = (op: string, attributes = {}) =>
          [...runNode(op, [a, b], attributes)[0].data].map((x) => x + 0);
        expect(run('Div')).toEqual(zip(a, b, shape, (x, y) => Math.trunc(x / y) + 0));
        expect(run('Mod')).toEqual(zip(a, b, shape, (x, y) => floored(x, y) + 0));
        expect(run('Mod', { fmod: { integer: 1 } })).toEqual(
          zip(a, b, shape, (x, y) => (x % y) + 0),
        );
      }),
      RUNS,
    );
  });

  it('beyond what a float holds are compared and chosen exactly', () => {
    const large = fc.integer({ min: 2 ** 29, max: 2 ** 29 + 3 });
    fc.assert(
      fc.property(pairOf(large, 'int32'), ([a, b, shape]) => {
        const run = (op: string) => [...runNode(op, [a, b])[0].data];
        expect(run('Less')).toEqual(zip(a, b, shape, (x, y) => Number(x < y)));
        expect(run('Equal')).toEqual(zip(a, b, shape, (x, y) => Number(x === y)));
        expect(run('GreaterOrEqual')).toEqual(zip(a, b, shape, (x, y) => Number(x >= y)));
        const condition = tensor([], [1], 'bool');
        expect([...runNode('Where', [condition, a, b])[0].data]).toEqual(
          zip(a, b, shape, (x) => x),
        );
      }),
      RUNS,
    );
  });

  it('to a power keep their type', () => {
    expect([
      ...runNode('Pow', [tensor([3], [-3, 2, 5], 'int32'), tensor([], [3], 'int32')])[0].data,
    ]).toEqual([-27, 8, 125]);
  });
});

describe('floats', () => {
  const operations: Readonly<Record<string, (x: number, y: number) => number>> = {
    Add: (x, y) => x + y,
    Div: (x, y) => x / y,
    Greater: (x, y) => Number(x > y),
    LessOrEqual: (x, y) => Number(x <= y),
    Max: Math.max,
    Min: Math.min,
    Mean: (x, y) => (x + y) / 2,
    PRelu: (x, y) => (x < 0 ? x * y : x),
  };

  it.each(Object.entries(operations))('%s', (op, of) => {
    const positive = fc.float({ min: 0.5, max: 4, noNaN: true });
    fc.assert(
      fc.property(pairOf(positive, 'float32'), ([a, b, shape]) => {
        same(runNode(op, [a, b])[0].data, zip(a, b, shape, of));
      }),
      RUNS,
    );
  });

  it('that are no numbers are neither less nor equal', () => {
    const nan = tensor([1], [NaN]);
    for (const op of ['Less', 'LessOrEqual', 'Equal', 'GreaterOrEqual']) {
      expect([...runNode(op, [nan, nan])[0].data]).toEqual([0]);
    }
  });

  it('are cut by Clip in either form, and cast as C casts', () => {
    const x = tensor([4], [-3.75, -0.5, 0.5, 3.75]);
    const bounds = { min: { float: -1 }, max: { float: 1 } };
    expect([...runNode('Clip', [x], bounds, { opset: 10 })[0].data]).toEqual([-1, -0.5, 0.5, 1]);
    expect([...runNode('Clip', [x, undefined, tensor([], [1])])[0].data]).toEqual([
      -3.75, -0.5, 0.5, 1,
    ]);
    const to = (code: number) =>
      [...runNode('Cast', [x], { to: { integer: code } })[0].data].map((v) => v + 0);
    expect(to(6)).toEqual([-3, 0, 0, 3]);
    expect(to(9)).toEqual([1, 1, 1, 1]);
    expect(to(2)).toEqual([253, 0, 0, 3]);
    const bytes = tensor([2], [200, 100], 'uint8');
    const from = (code: number) => [...runNode('Cast', [bytes], { to: { integer: code } })[0].data];
    expect([from(3), from(5), from(7)]).toEqual([
      [-56, 100],
      [200, 100],
      [200, 100],
    ]);
  });
});

describe('remainders of floats', () => {
  it('have the sign of the dividend', () => {
    const operands = [tensor([3], [-5.5, 5.5, 4]), tensor([3], [2, -2, 0.75])];
    const [y] = runNode('Mod', operands, { fmod: { integer: 1 } });
    expect([...y.data]).toEqual([-1.5, 1.5, 0.25]);
    expect(() => runNode('Mod', operands)).toThrow(/fmod/);
  });
});

describe('truth values', () => {
  const bits = [0, 0, 1, 1];
  const a = tensor([4], bits, 'bool');
  const b = tensor([4], [0, 1, 0, 1], 'bool');
  it.each([
    ['And', [0, 0, 0, 1]],
    ['Or', [0, 1, 1, 1]],
    ['Xor', [0, 1, 1, 0]],
    ['Equal', [1, 0, 0, 1]],
  ])('%s', (op, wanted) => {
    expect([...runNode(op, [a, b])[0].data]).toEqual(wanted);
  });

  it('Not', () => {
    expect([...runNode('Not', [a])[0].data]).toEqual([1, 1, 0, 0]);
  });
});
