/** Traps: the program's fault at run time. */
import type { Program } from '../program/program.ts';

export type TrapCode =
  | 'unwritten-register'
  | 'shape-mismatch'
  | 'bad-operand'
  | 'tile-overflow'
  | 'address-out-of-range'
  | 'address-misaligned'
  | 'integer-overflow'
  | 'jump-out-of-code'
  | 'instruction-limit'
  | 'token-limit'
  | 'cycle-limit';

/** A fault inside an instruction, before anyone knows which one it was. */
export class Fault extends Error {
  readonly code: TrapCode;
  readonly hint: string;
  constructor(code: TrapCode, message: string, hint: string) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.hint = hint;
  }
}

/** A fault with the instruction and the source line it happened in. */
export interface Trap {
  readonly code: TrapCode;
  readonly message: string;
  readonly hint: string;
  /** Code address. */
  readonly pc: number;
  /** Number of the dynamic instruction, from 0. */
  readonly index: number;
  readonly span: Program['spans'][number];
}
