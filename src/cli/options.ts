/** Options that several commands share, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';

/** `--root DIR`. */
export function rootOption(): Option {
  return new Option(
    '--root <dir>',
    'folder that included and data files must be in (default: the folder of the program)',
  );
}

/** `NAME=VALUE` into its halves; without `=` the value is undefined. */
export function splitPair(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

/** Collects `--param K=V`, each value a number. */
export function collectParams(
  text: string,
  before: Readonly<Record<string, number>> | undefined,
): Record<string, number> {
  const [name, value] = splitPair(text);
  if (!name || !value?.trim() || Number.isNaN(Number(value))) {
    throw new InvalidArgumentError('write NAME=NUMBER, such as SEQ=8');
  }
  return { ...before, [name]: Number(value) };
}

/** Collects `NAME=PATH`, or `NAME` alone. */
export function collectPairs(
  text: string,
  before: readonly (readonly [string, string | undefined])[] | undefined,
): [string, string | undefined][] {
  const pair = splitPair(text);
  if (!pair[0]) throw new InvalidArgumentError('write SYMBOL or SYMBOL=PATH.npy');
  return [...((before as [string, string | undefined][] | undefined) ?? []), pair];
}

/** A whole number from 1 up. */
export function parseCount(text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('must be a whole number, at least 1');
}

/** A whole number from 0 up. */
export function parseSeed(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('must be a whole number, at least 0');
}

/** `1,2,3`. */
export function parseTokens(text: string): number[] {
  const tokens = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (tokens.every((token) => Number.isSafeInteger(token) && token >= 0)) return tokens;
  throw new InvalidArgumentError('must be whole numbers with commas between, such as 3,7,10');
}

/** `FROM:TO` in cycles, either of which may be absent. */
export function parseCycles(text: string): { from: number; to: number } {
  const match = /^(\d*):(\d*)$/.exec(text);
  const [from, to] = [Number(match?.[1] || 0), match?.[2] ? Number(match[2]) : Infinity];
  if (!match || from > to) {
    throw new InvalidArgumentError('write FROM:TO, two cycles such as 100:180');
  }
  return { from, to };
}
