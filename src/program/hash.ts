/** The identity of programs and texts: short names that change when, and only when, results may. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Instruction } from '../../isa/instruction.ts';
import type { Operand, OperandSpec } from '../../isa/operand.ts';
import { writeInstruction } from './binary-code.ts';
import { ByteWriter, bytesOfArray } from './byte-writer.ts';
import type { ElementFormat, StoredArray } from '../tensor/formats.ts';
import { FORMATS } from '../tensor/formats.ts';
import { DATA_TYPES } from './binary-format.ts';
import type { DataSymbol, Program } from './program.ts';

/** 64 bits: enough to tell apart all programs that anyone will compare. */
const HASH_BYTES = 8;
const CHUNK_ELEMENTS = 1 << 16;
const FLOAT32_INFINITY = 0x7f800000;
const FLOAT32_NAN = 0x7fc00000;
const WITHOUT_SIGN = 0x7fffffff;

/**
 * The first 16 hexadecimal digits of the SHA-256 of what decides values and time: the tile, the
 * code, and where symbols lie and what they start with. Names, comments and places do not count.
 */
export function programHash(program: Pick<Program, 'tile' | 'code' | 'symbols'>): string {
  const digest = sha256.create();
  const writer = new ByteWriter();
  writer.count(program.tile);
  writer.count(program.code.length);
  for (const instruction of program.code) writeInstruction(writer, canonical(instruction));
  writer.count(program.symbols.length);
  for (const symbol of program.symbols) writePlace(writer, symbol);
  digest.update(writer.bytes());
  for (const { data, dtype } of program.symbols) {
    if (data) updateWithData(digest, data, dtype);
  }
  return bytesToHex(digest.digest().subarray(0, HASH_BYTES));
}

/** The first 16 hexadecimal digits of the SHA-256 of a text in UTF-8. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)).subarray(0, HASH_BYTES));
}

/** The first 16 hexadecimal digits of the SHA-256 of the elements of some arrays, one behind the other. */
export function hashValues(arrays: Iterable<Float32Array | Int32Array>): string {
  const digest = sha256.create();
  for (const data of arrays) {
    updateWithData(digest, data, data instanceof Float32Array ? 'f32' : 'i32');
  }
  return bytesToHex(digest.digest().subarray(0, HASH_BYTES));
}

/** The same instruction with each operand in the one form that stands for all equal ones. */
function canonical(instruction: Instruction): Instruction {
  const specs = instruction.definition.operands;
  const operands = instruction.operands.map((operand, i) => canonicalOperand(specs[i], operand));
  return { ...instruction, operands };
}

/** Numbers are float32 wherever they are used; r0 in an address is no register; integers have no −0. */
function canonicalOperand(spec: OperandSpec, operand: Operand): Operand {
  if (operand.kind === 'constant') {
    const value = spec.kind === 'number' ? Math.fround(operand.value) : operand.value + 0;
    return { kind: 'constant', value };
  }
  if (operand.kind === 'address' && operand.base === 0) {
    return { ...operand, base: operand.index, index: 0 };
  }
  return operand;
}

function writePlace(writer: ByteWriter, symbol: DataSymbol): void {
  writer.count(symbol.address);
  writer.byte(DATA_TYPES.indexOf(symbol.dtype));
  writer.count(symbol.shape.length);
  for (const dimension of symbol.shape) writer.count(dimension);
  writer.byte(symbol.data === undefined ? 0 : 1);
}

/** All NaNs count as one, because text has only one. */
function updateWithData(
  digest: ReturnType<typeof sha256.create>,
  data: StoredArray,
  format: ElementFormat,
): void {
  for (let start = 0; start < data.length; start += CHUNK_ELEMENTS) {
    const chunk = data.slice(start, start + CHUNK_ELEMENTS);
    if (chunk instanceof Float32Array) unifyNaNs(new Int32Array(chunk.buffer));
    if (chunk instanceof Uint16Array) unifyShortNaNs(chunk, format);
    digest.update(bytesOfArray(chunk));
  }
}

function unifyNaNs(bits: Int32Array): void {
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i] & WITHOUT_SIGN) > FLOAT32_INFINITY) bits[i] = FLOAT32_NAN;
  }
}

function unifyShortNaNs(data: Uint16Array, format: ElementFormat): void {
  const { decode, unwritten } = FORMATS[format];
  for (let i = 0; i < data.length; i++) if (Number.isNaN(decode(data[i]))) data[i] = unwritten;
}
