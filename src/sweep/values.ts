/** Lists of values as people write them: `1,2,4`, `1..8`, `0..100+25`, `16..256*2`. */
import { didYouMean } from '../diagnostics/suggest.ts';
import { describeParameter, fits } from '../machine/read.ts';
import type { Key, Value } from './keys.ts';
import { wrong } from './problem.ts';

/** A list that is longer is a slip of the pen. */
const MOST_VALUES = 1000;

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})(?:([+*])(${NUMBER}))?$`);

/** The values in a list for a key, in the order given; throws a SweepError for those it cannot have. */
export function parseValues(key: Key, list: string): Value[] {
  const items = list.split(',').map((item) => item.trim());
  if (items.includes('')) throw wrong(`--vary ${key.name}=${list}: a value is missing`);
  const values = items.flatMap((item) => valuesOf(key, item));
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw wrong(`--vary ${key.name}: ${String(twice)} stands there twice`);
  if (values.length > MOST_VALUES) throw tooMany(key);
  return values;
}

function noRange({ name }: Key, text: string) {
  return wrong(`--vary ${name}: ${text} is no range`, 'ranges go up: 1..8, 0..100+25, 16..256*2');
}

function tooMany({ name }: Key) {
  return wrong(`--vary ${name}: more than ${MOST_VALUES} values`, 'take larger steps');
}

function valuesOf(key: Key, item: string): Value[] {
  if (key.kind === 'machine') return [item];
  const range = RANGE.exec(item);
  if (!range && item.includes('..')) throw noRange(key, item);
  const values = range ? rangeOf(key, range) : [valueOf(item)];
  for (const value of values) check(key, value);
  return values;
}

function valueOf(item: string): Value {
  if (item === 'true' || item === 'false') return item === 'true';
  return new RegExp(`^${NUMBER}$`).test(item) ? Number(item) : item;
}

/** `low..high`, by steps of 1, of `+step`, or `*factor`; never above `high`. */
function rangeOf(key: Key, [text, from, to, sign, by]: RegExpExecArray): number[] {
  const [low, high, step] = [Number(from), Number(to), by === undefined ? 1 : Number(by)];
  const grows = sign === '*' ? step > 1 && low > 0 : step > 0;
  if (!grows || low > high) throw noRange(key, text);
  const values: number[] = [];
  for (let value = low; value <= high; value = sign === '*' ? value * step : value + step) {
    if (values.push(value) > MOST_VALUES) throw tooMany(key);
  }
  return values;
}

function check(key: Key, value: Value): void {
  const must = requirement(key, value);
  if (must === undefined) return;
  const choices = key.kind === 'parameter' && key.parameter.kind === 'choice' ? key.parameter.choices : []; // prettier-ignore
  const hint = didYouMean(String(value), choices);
  throw wrong(`--vary ${key.name}: ${String(value)} is not possible; it must be ${must}`, hint);
}

/** What a value must be and is not. */
function requirement(key: Key, value: Value): string | undefined {
  switch (key.kind) {
    case 'machine':
      return undefined;
    case 'parameter':
      return fits(key.parameter, value) ? undefined : describeParameter(key.parameter);
    case 'param':
      return typeof value === 'number' ? undefined : 'a number';
    case 'level':
      return value === 0 || value === 1 || value === 2 ? undefined : '0, 1 or 2';
  }
  return key satisfies never;
}
