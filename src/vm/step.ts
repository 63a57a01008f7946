/** What the machine says of each executed instruction; all that the timing model ever learns. */
import type { Work } from '../../isa/work.ts';

export interface Step {
  /** Code address of the instruction. */
  readonly pc: number;
  /** Code address of the next one, or HALTED. */
  readonly nextPc: number;
  readonly work: Work;
}
