/** The binary form of a program: `decodeProgram(encodeProgram(p))` is `p`. */
export { encodeProgram } from './binary-writer.ts';
export { decodeProgram } from './binary-reader.ts';
export { BinaryError } from './byte-reader.ts';
