/** Rounds that are repeated and not walked leave the same books as timing each of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WalkSegments } from '../../src/walk/walker.ts';
import type { LoopProgram } from '../support/loop-program.ts';
import { SEGMENT_REGISTER, loopProgram } from '../support/loop-program.ts';
import { periodicMachine, walkBooks } from './support.ts';

const seed = 20261122;
const MOST_INSTRUCTIONS = 40_000;
/** More than the counter of segments ever reaches. */
const SEGMENTS = 1000;

/** Some addresses count for a segment of their own, others add what the register holds. */
function segmentsOf({ program }: LoopProgram, bits: readonly boolean[]): WalkSegments {
  const size = program.code.length;
  const isStart = (pc: number) => pc < 20;
  return {
    count: SEGMENTS + 3,
    first: Int32Array.from({ length: size }, (_, pc) => pc % 3),
    isCounted: Uint8Array.from({ length: size }, (_, pc) =>
      !isStart(pc) && bits[pc % bits.length] ? 1 : 0,
    ),
    register: SEGMENT_REGISTER,
  };
}

const segmentBits = fc.oneof(
  { weight: 3, arbitrary: fc.constant([true]) },
  { weight: 2, arbitrary: fc.constant([false]) },
  { weight: 1, arbitrary: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }) },
);

const limits = fc.oneof(
  { weight: 6, arbitrary: fc.constant(MOST_INSTRUCTIONS) },
  { weight: 1, arbitrary: fc.integer({ min: 20, max: 2000 }) },
);

test('repeated rounds are counted as if they were timed', { timeout: 600_000 }, () => {
  const seen = { runs: 0, skipping: 0, skipped: 0, instructions: 0 };
  const property = fc.property(
    loopProgram(),
    periodicMachine,
    segmentBits,
    limits,
    (drawn, machine, bits, maxInstructions) => {
      const options = { segments: segmentsOf(drawn, bits), maxInstructions };
      const every = walkBooks(drawn.program, machine, { ...options, everyRound: true });
      const { result, skipped } = walkBooks(drawn.program, machine, options);
      expect(result).toEqual(every.result);
      expect(every.skipped).toBe(0);
      seen.runs++;
      if (skipped > 0) seen.skipping++;
      seen.skipped += skipped;
      seen.instructions += result.instructions;
    },
  );
  fc.assert(property, { seed, numRuns: 2000 });
  expect(seen.skipping).toBeGreaterThan(seen.runs / 4);
  expect(seen.skipped).toBeGreaterThan(seen.instructions / 5);
});
