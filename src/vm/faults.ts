/** The faults that the machine itself finds, each with its hint. */
import type { Shape } from '../tensor/tile.ts';
import { showShape } from '../tensor/tile.ts';
import { Fault } from './trap.ts';

/** Throws when a result is larger than a tile of the program, `edge` × `edge`. */
export function requireCapacity(shape: Shape, edge: number): void {
  if (shape.rows <= edge && shape.cols <= edge) return;
  const message = `the result is ${showShape(shape)}, but a tile holds at most ${edge}×${edge}`;
  throw new Fault('tile-overflow', message, 'work in blocks, or raise .tile');
}

/** A register that is read before anything was put into it. */
export function unwritten(name: string): Fault {
  const hint = `write ${name} first`;
  return new Fault('unwritten-register', `${name} is read but was never written`, hint);
}

/** A scalar result that float64 does not hold exactly. */
export function scalarOverflow(value: number): Fault {
  const hint = 'scalar registers hold integers below 2^53 in magnitude, where each is exact';
  return new Fault('integer-overflow', `the result ${value} is not exact`, hint);
}

/** A program without a HALT at its end. */
export function pastTheEnd(): Fault {
  return new Fault('jump-out-of-code', 'control ran past the last instruction', 'end with HALT');
}

/** More executed instructions than the limit. */
export function instructionLimit(limit: number): Fault {
  const hint = 'does a loop never end? Raise the limit with --max-instructions';
  return new Fault('instruction-limit', `more than ${limit} instructions`, hint);
}
