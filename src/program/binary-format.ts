/**
 * The binary form of a program, `.lasmb`: everything of it, in few bytes.
 *
 * ```
 * "LASM"  version  texts  head  sources  symbols  code  labels  params  expectations  shows  checksum
 * ```
 *
 * Each section is its length in bytes and then its content; a list is its length and then its items.
 * Counts are LEB128, numbers float64, values 32 bits, all little-endian; a text is its number in the
 * `texts` section, which holds each text once, in UTF-8. A choice is its number in one of the lists
 * below. The checksum is the first eight bytes of the SHA-256 of all before it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { ELEMENT_FORMATS } from '../tensor/formats.ts';
import type { Comparison, DataType, Expectation, Section } from './program.ts';

export const MAGIC = 'LASM';
export const VERSION = 1;
export const CHECKSUM_BYTES = 8;

export const SECTIONS: readonly Section[] = ['data', 'bss', 'arena'];
export const DATA_TYPES: readonly DataType[] = ELEMENT_FORMATS;
/** What expected values are given in. */
export const NUMBER_TYPES = ['f32', 'i32'] as const satisfies DataType[];
export const COMPARISONS: readonly Comparison[] = ['==', '<=', '>=', '<', '>'];
export const QUANTITIES = ['cycles', 'instructions'] as const;
export const EXPECTATION_KINDS: readonly Expectation['kind'][] = ['values', 'count', 'tokens'];

/** The checksum of the bytes before it. */
export function checksumOf(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, CHECKSUM_BYTES);
}
