/** How far a sweep is: one line of a terminal, rewritten; nothing elsewhere. */
import type { Terminal } from './output.ts';

const MS = 1000;

export interface SweepProgress {
  /** One more point is finished. */
  readonly count: () => void;
  /** Wipes the line. */
  readonly done: () => void;
}

/** Tells of `total` points, and how long the rest will take at the pace so far. */
export function sweepProgress(terminal: Terminal, total: number): SweepProgress {
  if (!terminal.isTTY) return { count: () => undefined, done: () => undefined };
  const begun = Date.now();
  let finished = 0;
  terminal.write(`\r0 of ${total} points …`);
  return {
    count: () => {
      finished++;
      const left = ((Date.now() - begun) / finished) * (total - finished);
      const rest = `about ${Math.ceil(left / MS)} s left`;
      terminal.write(`\r\x1b[K${finished} of ${total} points, ${rest} …`);
    },
    done: () => void terminal.write('\r\x1b[K'),
  };
}
