/** Why an instruction does not go on in a cycle. */
import type { RegisterNumber } from '../../isa/registers.ts';
import type { Cause } from './causes.ts';
import { CAUSE_BIT } from './causes.ts';
import type { InstructionId } from './events.ts';

/** Collects hazards in the order of priority: the first one is charged, all are remembered. */
export class Wait {
  cause: Cause = 'issue';
  producer: InstructionId = -1;
  register: RegisterNumber = -1;
  /** Every cause that holds; 0 when nothing does. */
  causes = 0;

  clear(): void {
    this.causes = 0;
  }

  /** Notes that `cause` holds, because of `producer` and `register` where these apply. */
  add(cause: Cause, producer: InstructionId, register: RegisterNumber = -1): void {
    if (this.causes === 0) {
      this.cause = cause;
      this.producer = producer;
      this.register = register;
    }
    this.causes |= CAUSE_BIT[cause];
  }
}

/** An instruction that waits, and what for. */
export interface Waiting {
  readonly id: InstructionId;
  readonly cause: Cause;
  readonly producer: InstructionId;
}

/** What a Wait says of an instruction, to be kept. */
export function waitingOf(id: InstructionId, { cause, producer }: Wait): Waiting {
  return { id, cause, producer };
}
