/** A batch of pairs for the fuzzer: compared, and the first disagreement made small. */
import fc from 'fast-check';
import { compareEngines } from '../support/compare-engines.ts';
import type { EnginePair } from '../support/engine-pair.ts';
import { enginePair } from '../support/engine-pair.ts';

export interface BatchResult {
  readonly pairs: number;
  readonly instructions: number;
  /** The smallest pair found on which the engines disagree, and where. */
  readonly disagreement: string | undefined;
}

/** Compares the pairs that a seed stands for. */
export function compareBatch(seed: number, numRuns: number): BatchResult {
  let pairs = 0;
  let instructions = 0;
  const property = fc.property(enginePair, ({ program, machine, limits }) => {
    const comparison = compareEngines(program.program, machine, limits);
    pairs++;
    instructions += comparison.instructions;
    return comparison.divergence === undefined;
  });
  const { counterexample } = fc.check(property, { seed, numRuns });
  const disagreement = counterexample ? describe(counterexample[0], seed) : undefined;
  return { pairs, instructions, disagreement };
}

function describe({ program, machine, limits }: EnginePair, seed: number): string {
  const { divergence } = compareEngines(program.program, machine, limits);
  return [
    program.text,
    JSON.stringify(machine),
    `limits: ${JSON.stringify(limits)}; seed ${seed}`,
    divergence,
  ].join('\n');
}
