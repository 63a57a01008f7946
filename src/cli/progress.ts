/** Says how far a long run is, on a terminal only. */
import type { Listener } from '../timing/events.ts';
import type { Terminal } from './output.ts';

const EVENTS_BETWEEN_LOOKS = 1 << 16;
const FIRST_AFTER_MS = 1000;
const EVERY_MS = 250;

/** Listens to a run and rewrites one line of the terminal; `done` wipes it. */
export function progressListener(terminal: Terminal): { listen: Listener; done: () => void } {
  if (!terminal.isTTY) return { listen: () => undefined, done: () => undefined };
  let events = 0;
  let nextAt = Date.now() + FIRST_AFTER_MS;
  let shown = false;
  return {
    listen: ({ cycle }) => {
      if (++events % EVENTS_BETWEEN_LOOKS !== 0 || Date.now() < nextAt) return;
      nextAt = Date.now() + EVERY_MS;
      shown = true;
      terminal.write(`\rcycle ${cycle.toLocaleString('en-US')} …`);
    },
    done: () => {
      if (shown) terminal.write('\r\x1b[K');
    },
  };
}
