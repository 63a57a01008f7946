/** The services behind ECALL, for one run. */
import type { HostPort } from '../../isa/instruction.ts';
import { uniform01 } from '../tensor/random.ts';
import { Fault } from './trap.ts';

export interface HostOptions {
  /** Tokens that ECALL.PROMPT reads. */
  readonly promptTokens?: readonly number[];
  /** Seed of ECALL.SAMPLE. */
  readonly seed?: number;
  /** Hears each token when ECALL.EMIT has run, long before the run is over. */
  readonly onToken?: (token: number) => void;
}

/** Emitted tokens are kept, so their number is bounded. */
const MAX_TOKENS = 1_000_000;

/** The services of a run; what it emits goes behind `emitted`. */
export function makeHost(
  { promptTokens = [], seed = 0, onToken }: HostOptions,
  emitted: number[],
): HostPort {
  return {
    emitToken: (token) => {
      if (emitted.length >= MAX_TOKENS) throw tokenLimit();
      emitted.push(token);
      onToken?.(token);
    },
    promptToken: (index) => promptTokens[index] ?? -1,
    random: (draw) => uniform01(seed, draw),
  };
}

function tokenLimit(): Fault {
  return new Fault('token-limit', `more than ${MAX_TOKENS} tokens`, 'does a loop never end?');
}
