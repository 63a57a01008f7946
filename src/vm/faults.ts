/** The faults that the machine itself finds, each with its hint. */
import { MEMORY_BASE } from '../program/program.ts';
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

/** A jump to where no instruction is, of a program with so many. */
export function jumpOutOfCode(target: number, size: number): Fault {
  const message = `jump to ${target}, but the code has addresses 0 to ${size - 1}`;
  const hint = 'JR needs an address that JAL has put into a register';
  return new Fault('jump-out-of-code', message, hint);
}

/** More executed instructions than the limit. */
export function instructionLimit(limit: number): Fault {
  const hint = 'does a loop never end? Raise the limit with --max-instructions';
  return new Fault('instruction-limit', `more than ${limit} instructions`, hint);
}

/** Throws when an access does not lie where elements of so many bytes lie. */
export function requireAligned(address: number, strideBytes: number, elementBytes: number): void {
  if (address % elementBytes === 0 && strideBytes % elementBytes === 0) return;
  const what = address % elementBytes !== 0 ? `address ${address}` : `stride ${strideBytes}`;
  throw new Fault(
    'address-misaligned',
    `${what} is not a multiple of ${elementBytes}`,
    `offsets and strides are in bytes; multiply element numbers by ${elementBytes}`,
  );
}

/** Throws when the bytes from `low` up to, not including, `high` are not all in the memory that ends at `end`. */
export function requireInside(low: number, high: number, end: number): void {
  if (low >= MEMORY_BASE && high <= end) return;
  throw new Fault(
    'address-out-of-range',
    `bytes ${low} to ${high - 1} are outside memory (${MEMORY_BASE} to ${end - 1})`,
    'check the offset, the number of rows and the stride',
  );
}

const INT32_LOW = -(2 ** 31);
const INT32_HIGH = 2 ** 31 - 1;

/** Throws when a number is beyond the integers that memory keeps. */
export function requireInt32(value: number): void {
  if (value >= INT32_LOW && value <= INT32_HIGH) return;
  const hint = `an int32 holds ${INT32_LOW} to ${INT32_HIGH}`;
  throw new Fault('integer-overflow', `${value} does not fit an int32`, hint);
}
