/** Late positions of a Llama with llama3 rope scaling and of a T5, against transformers. */
import { describe, expect, it } from 'vitest';
import type { Level } from '../../src/compiler/lower/context.ts';
import type { SourceOptions } from '../../src/inference/source.ts';
import { HAS_TINY, TINY, distance, generate, golden, greedyBuild, languageSource } from './support.ts'; // prettier-ignore

/** The tolerance that the values came with. */
const LOGITS = 1e-4;

type Rows = Readonly<Record<string, number[]>>;

if (!HAS_TINY) console.warn(`skipped: there is no ${TINY}`);

describe.skipIf(!HAS_TINY)('llama3rope', () => {
  const at = `${TINY}llama3rope`;

  /** Logits behind the first `count` tokens. */
  const logitsBehind = (tokens: readonly number[], level: Level, options?: SourceOptions) =>
    generate(greedyBuild(languageSource(at, options), level, 1), tokens).logits[0]!;

  it.each([0, 1, 2] as const)('has the logits of the first and the last row at -O%i', (level) => {
    const { tokens, logits_rows } = golden<{ tokens: number[]; logits_rows: Rows }>(at);
    expect(Object.keys(logits_rows)).toHaveLength(2);
    for (const [row, wanted] of Object.entries(logits_rows)) {
      const found = logitsBehind(tokens.slice(0, Number(row) + 1), level);
      expect(distance(found, wanted)).toBeLessThan(LOGITS);
    }
  });

  it('has the same bits when the prompt is read in blocks', () => {
    const { tokens, logits_rows } = golden<{ tokens: number[]; logits_rows: Rows }>(at);
    const inBlocks = logitsBehind(tokens, 1, { rows: 3 });
    expect(distance(inBlocks, logits_rows['9']!)).toBeLessThan(LOGITS);
    expect(inBlocks).toEqual(logitsBehind(tokens, 1));
  });
});

describe.skipIf(!HAS_TINY)('t5', () => {
  it.each([0, 1, 2] as const)('writes the same tokens from the same logits at -O%i', (level) => {
    const at = `${TINY}t5`;
    const { input_ids, generated, logits_rows } = golden<{
      input_ids: number[];
      generated: number[];
      logits_rows: Rows;
    }>(at);
    const build = greedyBuild(languageSource(at), level, generated.length);
    const { tokens, logits } = generate(build, input_ids);
    expect(tokens).toEqual(generated);
    expect(Object.keys(logits_rows)).toHaveLength(2);
    for (const [row, wanted] of Object.entries(logits_rows)) {
      expect(distance(logits[Number(row)]!, wanted)).toBeLessThan(LOGITS);
    }
  });
});
