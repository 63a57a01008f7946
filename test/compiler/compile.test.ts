/** The laws of the compiler on random layered models: levels change nothing but time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PASSES } from '../../src/compiler/options.ts';
import type { Settings } from '../support/compile-graph.ts';
import {
  compileGraph,
  distance,
  evaluate,
  printPasses,
  runGraph,
} from '../support/compile-graph.ts';
import { graphOf, inputsOf, recipes } from '../support/random-graph.ts';

const RUNS = { numRuns: 100, seed: 20260918 } as const;

/** Each run of the first law compiles, assembles and executes a model six times. */
const FEW_RUNS = { ...RUNS, numRuns: 40 } as const;

/**
 * Weights are at most 1/inner, so no product grows, and an eps of 0.1 bounds what a norm magnifies
 * to 1/√0.1 ≈ 3.2. A sum of up to 60 terms is off by γ₆₀ ≈ 4·10⁻⁶ of what is summed at worst, and by a
 * tenth of that as a rule; a dozen blocks of these stay below this. A wrong tile, weight or layer is off
 * by 10⁻² and more.
 */
const TOLERANCE = 1e-5;

describe('a compiled model', () => {
  it('has the same bits at every level, apart, and with few registers', () => {
    fc.assert(
      fc.property(recipes, fc.integer({ min: 4, max: 12 }), (recipe, registers) => {
        const [graph, inputs] = [graphOf(recipe), inputsOf(recipe)];
        const { tile } = recipe;
        const run = (settings: Settings) => runGraph(graph, inputs, { tile, ...settings });
        const first = run({ level: 0 });
        const y = first.outputs.get('y')!;
        expect(distance(y, evaluate(graph, inputs).get('y')!)).toBeLessThan(TOLERANCE);
        const others: readonly Settings[] = [
          { level: 1 },
          { level: 2 },
          { level: 2, apart: true },
          { level: 1, registers },
          { level: 2, registers },
        ];
        for (const settings of others) expect(run(settings).bits).toEqual(first.bits);
      }),
      FEW_RUNS,
    );
  });

  it('has a text that does not grow with the number of layers', () => {
    fc.assert(
      fc.property(recipes, fc.constantFrom(0, 1, 2), (recipe, level) => {
        // A layer that begins and ends with the same instruction on whole rows cannot be a loop.
        const blocks = [...recipe.blocks, 'feedForward'] as const;
        const linesOf = (layers: number) => {
          const { text } = compileGraph(graphOf({ ...recipe, blocks, layers }), {
            level,
            tile: recipe.tile,
          });
          return text.split('\n').length;
        };
        expect(linesOf(7)).toBe(linesOf(2));
      }),
      RUNS,
    );
  });

  it('is the same text again, pass by pass, and every pass has something to print', () => {
    fc.assert(
      fc.property(recipes, fc.constantFrom(0, 1, 2), (recipe, level) => {
        const settings = { level, tile: recipe.tile, prune: 0.3, quantize: 'int8' } as const;
        const prints = printPasses(graphOf(recipe), settings);
        expect([...prints.keys()].toSorted()).toEqual([...PASSES].toSorted());
        for (const [name, text] of prints) expect(text.trim(), name).not.toBe('');
        expect(printPasses(graphOf(recipe), settings)).toEqual(prints);
      }),
      RUNS,
    );
  });
});
