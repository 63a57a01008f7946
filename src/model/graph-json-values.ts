/** Values that stand in graph JSON themselves: lists of numbers, and entries at named places. */
import { elementCount } from '../tensor/host-tensor.ts';
import type { Dim, ElementType } from './graph.ts';
import { listOf, numberOf, objectOf, unfit } from './graph-json-fields.ts';
import type { Json } from './graph-json-text.ts';
import { problem } from './graph-json-text.ts';
import { didYouMean } from '../diagnostics/suggest.ts';

/** Elements of a tensor that is written by its entries: they are all made, the zeros too. */
const MAX_ENTRIES = 2 ** 20;

/** A number that this element type holds. */
export function checkValue(json: Json, dtype: ElementType): number {
  return checkNumber(json, numberOf(json), dtype);
}

export function checkNumber(json: Json, value: number, dtype: ElementType): number {
  if (dtype === 'f32' && Number.isFinite(Math.fround(value))) return value;
  if (dtype === 'i32' && (value | 0) === value) return value;
  if (dtype === 'bool' && (value === 0 || value === 1)) return value;
  throw problem(json, `${value} is not an element of type ${dtype}`);
}

/** Row-major values: lists in lists as the shape says, or one flat list; one number for []. */
export function readValues(json: Json, shape: readonly number[], dtype: ElementType): number[] {
  const isFlat = Array.isArray(json.value) && listOf(json).every((item) => isNumber(item));
  const values: number[] = [];
  collect(json, isFlat ? [elementCount(shape)] : shape, dtype, values);
  return values;
}

const isNumber = ({ value }: Json): boolean => typeof value === 'number';

function collect(
  json: Json,
  [length, ...rest]: readonly number[],
  dtype: ElementType,
  into: number[],
): void {
  if (length === undefined) {
    into.push(checkValue(json, dtype));
    return;
  }
  const items = listOf(json);
  if (items.length !== length) throw unfit(json, `a list of ${length}`);
  for (const item of items) collect(item, rest, dtype, into);
}

interface Named {
  readonly dtype: ElementType;
  readonly shape: readonly Dim[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** `{row: {column: value}}`, or `{column: value}` of a vector; zero wherever nothing is said. */
export function readEntries(json: Json, { dtype, shape, rows, columns }: Named): number[] {
  const isNamed = columns.length > 0 && (shape.length === 1 || rows.length > 0);
  if (!isNamed || shape.length > 2) {
    throw problem(json, 'entries need names', 'give the names of columns, and of a matrix’s rows');
  }
  const count = elementCount(shape as readonly number[]);
  if (count > MAX_ENTRIES) throw problem(json, `${count} elements`, 'a file can hold so many');
  const values = new Array<number>(count).fill(0);
  const put = (entries: Json, first: number): void => {
    for (const [column, value] of objectOf(entries)) {
      values[first + placeOf(value, column, columns)] = checkValue(value, dtype);
    }
  };
  if (shape.length === 1) put(json, 0);
  else {
    for (const [row, entries] of objectOf(json)) {
      put(entries, placeOf(entries, row, rows) * columns.length);
    }
  }
  return values;
}

function placeOf(json: Json, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  const hint = didYouMean(name, names);
  throw problem(json, `there is no row or column ${JSON.stringify(name)}`, hint);
}
