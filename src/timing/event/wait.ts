/** Why an instruction waits in a cycle, and until when nothing about that changes. */
import { CAUSES } from '../causes.ts';
import { NONE } from './numbers.ts';

/** Collects the hazards that hold in one cycle; the first in the order of UA-30 is charged. */
export class Wait {
  /** The set of causes: bit i is CAUSES[i]. */
  causes = 0;
  /** Number of the charged cause, the instruction and the register that it names. */
  cause: number = CAUSES.length;
  producer = NONE;
  register = NONE;
  /** The first later cycle in which anything of this may be different. */
  until = Infinity;

  clear(): void {
    this.causes = 0;
    this.cause = CAUSES.length;
    this.producer = NONE;
    this.register = NONE;
    this.until = Infinity;
  }

  /** Notes a hazard; of two with the same cause the first one is named. */
  add(cause: number, producer: number, register: number): void {
    this.causes |= 1 << cause;
    if (cause >= this.cause) return;
    this.cause = cause;
    this.producer = producer;
    this.register = register;
  }

  /** Notes that something may change in a cycle, if that is yet to come in `cycle`. */
  mayChange(at: number, cycle: number): void {
    if (at > cycle && at < this.until) this.until = at;
  }

  copy(other: Wait): void {
    this.causes = other.causes;
    this.cause = other.cause;
    this.producer = other.producer;
    this.register = other.register;
    this.until = other.until;
  }
}

/** By the rules every wait ends; one that does not is a mistake in this engine. */
export function requireEnd(wait: Wait, cycle: number, id: number): void {
  if (wait.until > cycle && wait.until < Infinity) return;
  const what: string = wait.causes === 0 ? 'nothing' : CAUSES[wait.cause];
  throw new Error(
    `invariant: instruction ${id} waits for ${what} of ${wait.producer} from cycle ${cycle} without end`,
  );
}
