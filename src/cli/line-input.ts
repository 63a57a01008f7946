/** Lines from standard input, read one at a time while a command runs. */
import { readSync } from 'node:fs';
import { isatty } from 'node:tty';

export interface LineInput {
  /** Whether a person types. */
  readonly isInteractive: boolean;
  /** The next line, without its line feed; undefined at the end. */
  readonly readLine: () => string | undefined;
}

const STDIN = 0;
const CHUNK_BYTES = 4096;
const RETRY_MS = 10;

/** Standard input; waits until there is a line. */
export function standardInput(): LineInput {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder();
  let text = '';
  let hasEnded = false;
  const readLine = () => {
    while (!hasEnded && !text.includes('\n')) {
      const count = readChunk(chunk);
      hasEnded = count === 0;
      text += decoder.decode(chunk.subarray(0, count), { stream: !hasEnded });
    }
    if (text === '') return undefined;
    const at = text.indexOf('\n');
    const line = at < 0 ? text : text.slice(0, at);
    text = at < 0 ? '' : text.slice(at + 1);
    return line;
  };
  return { isInteractive: isatty(STDIN), readLine };
}

/** How many bytes came; 0 at the end. */
function readChunk(chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(STDIN, chunk);
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      // Whoever started us does not wait for input; we do.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}
