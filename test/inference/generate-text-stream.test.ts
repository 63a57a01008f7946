/** Text while it is being made: pieces that sum to the whole, and no half characters. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextStream } from '../../src/inference/text-stream.ts';

/** As byte-level tokenizers do: each token is a byte. */
const fromBytes = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens));

function streamed(bytes: Iterable<number>): string[] {
  const stream = new TextStream(fromBytes);
  const pieces = Array.from(bytes, (byte) => stream.push(byte));
  return [...pieces, stream.end()];
}

describe('a stream of text', () => {
  it('waits for all bytes of a character', () => {
    expect(streamed(new TextEncoder().encode('aé€'))).toEqual(['a', '', 'é', '', '', '€', '']);
    expect(streamed(new TextEncoder().encode('😀!'))).toEqual(['', '', '', '😀', '!', '']);
  });

  it('says at the end what was never completed', () => {
    expect(streamed([0x61, 0xe2, 0x82])).toEqual(['a', '', '', '\uFFFD']);
  });

  it('makes up what the decoder says of all tokens', () => {
    const text = fc.string({ unit: 'binary' });
    const bytes = fc.uint8Array({ maxLength: 40 });
    const tokens = fc.oneof(
      bytes,
      text.map((one) => new TextEncoder().encode(one)),
    );
    fc.assert(
      fc.property(tokens, (list) => {
        expect(streamed(list).join('')).toBe(fromBytes([...list]));
      }),
      { numRuns: 1000, seed: 20250702 },
    );
  });

  it('does not repeat itself when the decoder closes a gap', () => {
    const stream = new TextStream((tokens) => tokens.map((t) => ['so', ' ', ','][t]).join('').replace(' ,', ',')); // prettier-ignore
    expect([0, 1, 2, 0].map((token) => stream.push(token))).toEqual(['so', ' ', '', 'so']);
  });
});
