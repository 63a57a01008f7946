/** Recurrent layers against the float64 evaluator, with every attribute they have. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerRecurrent } from '../../../src/compiler/lower/recurrent.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Attributes, Graph } from '../../../src/model/graph.ts';
import { expected, runKernel, runLevels } from '../../support/kernel-run.ts';
import { edge, valuesOf } from '../../support/random-tensors.ts';

const GATES = { rnn: 1, gru: 3, lstm: 4 } as const;
const ACTIVATIONS = { rnn: 1, gru: 2, lstm: 3 } as const;
type Op = keyof typeof GATES;

interface Case {
  readonly op: Op;
  readonly steps: number;
  readonly batch: number;
  readonly inner: number;
  readonly hidden: number;
  /** Which of bias, h0, c0 and peephole are there. */
  readonly given: readonly boolean[];
  /** Which of y, h and c are wanted; one of them always is. */
  readonly wanted: readonly boolean[];
  readonly attributes: Attributes;
  readonly seed: number;
}

function graphOf({ op, steps, batch, inner, hidden, given, wanted, attributes }: Case): Graph {
  const builder = new GraphBuilder('recurrent');
  const wide = GATES[op] * hidden;
  const [bias, h0, c0, peephole] = given;
  const optional = (is: boolean | undefined, name: string, shape: readonly number[]) =>
    is ? builder.input(name, 'f32', shape) : '';
  const operands = [
    builder.input('x', 'f32', [steps, batch, inner]),
    builder.input('w', 'f32', [wide, inner]),
    builder.input('r', 'f32', [wide, hidden]),
    optional(bias, 'bias', [2 * wide]),
    optional(h0, 'h0', [batch, hidden]),
  ];
  if (op === 'lstm') {
    operands.push(
      optional(c0, 'c0', [batch, hidden]),
      optional(peephole, 'peephole', [3 * hidden]),
    );
  }
  const names = ['y', 'h', 'c'].slice(0, op === 'lstm' ? 3 : 2);
  const outputs = names.map((name, i) => (wanted[i] || wanted.every((is) => !is) ? name : ''));
  const found = outputs.some((name) => name !== '') ? outputs : names;
  builder.addAll(op, operands, attributes, { name: 'cell', outputs: found });
  return builder.finish(found.filter((name) => name !== ''));
}

/** Weights of an ordinary size for their number, so that no state grows from step to step. */
function inputsOf(graph: Graph, { inner, hidden, seed }: Case) {
  const factor = Math.fround(0.5 / (inner + hidden));
  return new Map(
    graph.inputs.map(({ name, dtype, shape }, i) => {
      const values = valuesOf({ dtype, shape }, seed + i);
      const isWeight = name === 'w' || name === 'r';
      return [name, values.map((value) => Math.fround(value * (isWeight ? factor : 0.25)))];
    }),
  );
}

/**
 * One step: a gate adds up to at most 4 in magnitude, so its error is at most 4 γₙ with n = inner +
 * hidden + 8 roundings, and four gates with slopes of at most 1 make 16 γₙ of it. Carried through
 * further steps by worst cases this would grow five times a step and hide mistakes; with gates
 * between 0 and 1 and weights as small as these, errors are carried over without growing, so steps add up.
 */
function toleranceOf({ inner, hidden, steps }: Case): number {
  const n = inner + hidden + 8;
  const gamma = (n * 2 ** -24) / (1 - n * 2 ** -24);
  return steps * 16 * gamma;
}

function expectClose(given: Case, tile: number): void {
  const graph = graphOf(given);
  const inputs = inputsOf(graph, given);
  const found = runLevels(graph, lowerRecurrent, inputs, { tile });
  const tolerance = toleranceOf(given);
  for (const [name, wanted] of expected(graph, inputs)) {
    const isWithin = (value: number, i: number) => Math.abs(value - wanted[i]!) <= tolerance;
    expect(found.get(name)!.findIndex((value, i) => !isWithin(value, i))).toBe(-1);
  }
}

const flags = (count: number) => fc.array(fc.boolean(), { minLength: count, maxLength: count });

const cases: fc.Arbitrary<Case> = fc
  .record({
    op: fc.constantFrom<Op>('rnn', 'gru', 'lstm'),
    steps: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 6 }),
    inner: fc.integer({ min: 1, max: 20 }),
    hidden: fc.integer({ min: 1, max: 20 }),
    given: flags(4),
    wanted: flags(3),
    seed: fc.nat(1_000_000),
  })
  .chain((sizes) => {
    const { op, steps, batch } = sizes;
    const length = fc.integer({ min: 0, max: steps });
    const lengths = fc.array(length, { minLength: batch, maxLength: batch });
    const gate = fc.constantFrom('sigmoid', 'hard_sigmoid');
    const other = fc.constantFrom('tanh', 'sigmoid', 'hard_sigmoid', 'softsign');
    const names = fc.tuple(gate, other, other).map((all) => all.slice(0, ACTIVATIONS[op]));
    const own = {
      rnn: {},
      gru: { linear_before_reset: fc.boolean() },
      lstm: { input_forget: fc.boolean() },
    }[op];
    const attributes = fc.record({
      reverse: fc.boolean(),
      clip: fc.constantFrom(0, 0, 0.125),
      lengths: fc.oneof(fc.constant([]), lengths),
      ...own,
      activations: names,
    });
    return attributes.map((some) => ({ ...sizes, attributes: some as Attributes }));
  });

const LSTM: Case = {
  op: 'lstm',
  steps: 6,
  batch: 3,
  inner: 20,
  hidden: 18,
  given: [true, true, true, true],
  wanted: [true, true, true],
  attributes: {},
  seed: 5,
};

describe('a recurrent layer', () => {
  it('is right with any attributes, operands and outputs', () => {
    fc.assert(fc.property(cases, edge, expectClose), { numRuns: 300, seed: 20260917 });
  });

  // Of these some have no bound, which only the plainest cell can bear.
  it.each(['relu', 'elu', 'leaky_relu', 'thresholded_relu', 'softplus', 'affine', 'scaled_tanh'])(
    'knows the activation %s',
    (name) => expectClose({ ...LSTM, op: 'rnn', attributes: { activations: [name] } }, 16),
  );

  it('names an activation that it does not know', () => {
    const graph = graphOf({ ...LSTM, attributes: { activations: ['sigmoid', 'sine', 'tanh'] } });
    const run = () => runKernel(graph, lowerRecurrent, new Map(), { tile: 16, level: 0 });
    expect(run).toThrow('node cell: there is no activation sine');
  });

  it('is a loop, as long for six steps as for sixty', () => {
    const linesOf = (steps: number) => {
      const graph = graphOf({ ...LSTM, steps });
      const inputs = inputsOf(graph, LSTM);
      return runKernel(graph, lowerRecurrent, inputs, { tile: 16, level: 0 }).text.split('\n')
        .length;
    };
    expect(linesOf(60)).toBe(linesOf(6));
  });
});
