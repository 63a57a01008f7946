/** Reads config.json: each key checked, a missing one given the default of its class in transformers. */
import { FileError } from '../tensor-file.ts';
import type { JsonObject } from './folder.ts';
import { isObject } from './folder.ts';

/** Sizes above this are no model's. */
const MAX_INTEGER = 2 ** 31 - 1;

/** A size that was read, for messages that must say where a shape comes from. */
export interface ReadSize {
  readonly key: string;
  readonly value: number;
}

/** The object in a JSON file, by typed keys; null counts as missing, as None does in Python. */
export class Config {
  /** Every integer that was read, in order. */
  readonly sizes: ReadSize[] = [];
  private readonly path: string;
  private readonly values: JsonObject;

  constructor(path: string, values: JsonObject) {
    this.path = path;
    this.values = values;
  }

  has(key: string): boolean {
    return (this.values[key] ?? undefined) !== undefined;
  }

  /** Whether the key is there with the value null. */
  isNull(key: string): boolean {
    return this.values[key] === null;
  }

  /** An integer of at least 1, or `least`. */
  integer(key: string, byDefault: number, least = 1): number {
    const value = this.optionalInteger(key, least) ?? byDefault;
    this.sizes.push({ key, value });
    return value;
  }

  optionalInteger(key: string, least = 1): number | undefined {
    return this.read(key, `an integer from ${least}`, (value): value is number =>
      isIntegerFrom(value, least),
    );
  }

  /** A finite number of at least 0. */
  number(key: string, byDefault: number): number {
    return this.optionalNumber(key) ?? byDefault;
  }

  optionalNumber(key: string): number | undefined {
    return this.read(key, 'a number from 0', (value): value is number => isAmount(value));
  }

  flag(key: string, byDefault: boolean): boolean {
    const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
    return this.read(key, 'true or false', isFlag) ?? byDefault;
  }

  text(key: string, byDefault: string): string {
    return this.optionalText(key) ?? byDefault;
  }

  optionalText(key: string): string | undefined {
    const isText = (value: unknown): value is string => typeof value === 'string';
    return this.read(key, 'a text', isText);
  }

  texts(key: string): readonly string[] {
    const isTexts = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.read(key, 'a list of texts', isTexts) ?? [];
  }

  /** One integer or a list of them, as a list. */
  integers(key: string): readonly number[] | undefined {
    const isIntegers = (value: unknown): value is number | number[] =>
      [value].flat().every((item) => isIntegerFrom(item, 0));
    const value = this.read(key, 'an integer or a list of them', isIntegers);
    return value === undefined ? undefined : [value].flat();
  }

  /** The object below a key; its errors name both. */
  object(key: string): Config | undefined {
    const value = this.read(key, 'an object', isObject);
    return value === undefined ? undefined : new Config(`${this.path}: ${key}`, value);
  }

  /** The number of keys in the object below a key. */
  countOf(key: string): number | undefined {
    const value = this.read(key, 'an object', isObject);
    return value === undefined ? undefined : Object.keys(value).length;
  }

  /** Throws FileError 'unsupported' when one of these flags is true: it would change the model. */
  refuseFlags(...keys: readonly string[]): void {
    for (const key of keys) {
      if (this.flag(key, false)) this.unsupported(key, 'it must be false');
    }
  }

  /** Throws FileError 'unsupported' about the value of a key. */
  unsupported(key: string, hint: string): never {
    const message = `${this.path}: ${key} ${this.show(key)} is not supported`;
    throw new FileError('unsupported', message, hint);
  }

  /** Throws FileError 'malformed' about the value of a key. */
  malformed(key: string, hint: string): never {
    throw new FileError('malformed', `${this.path}: ${key} is ${this.show(key)}`, hint);
  }

  private read<T>(key: string, kind: string, fits: (value: unknown) => value is T): T | undefined {
    const value = Object.hasOwn(this.values, key) ? (this.values[key] ?? undefined) : undefined;
    if (value === undefined || fits(value)) return value;
    return this.malformed(key, `it must be ${kind}`);
  }

  private show(key: string): string {
    const text = JSON.stringify(this.values[key]) ?? 'missing';
    return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
  }
}

const isIntegerFrom = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_INTEGER;

const isAmount = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;

/** a / b, which must be an integer: heads into widths. Throws FileError that names both keys. */
export function dividedBy(a: ReadSize, b: ReadSize): number {
  const quotient = a.value / b.value;
  if (Number.isInteger(quotient)) return quotient;
  const message = `config.json: ${a.key} ${a.value} is no multiple of ${b.key} ${b.value}`;
  throw new FileError('malformed', message);
}
