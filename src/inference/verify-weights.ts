/** Compares the weights in a program with those of its model, and looks for what cannot be right in them. */
import type { Weight } from '../model/graph.ts';
import { placeOf } from './verify-compare.ts';

/** A weight of a program that is not that of the model. */
export interface WeightDifference {
  readonly weight: string;
  readonly size: number;
  /** Elements that differ. */
  readonly differing: number;
  /** Where the difference is largest, and what stands there. */
  readonly place: readonly number[];
  readonly found: number;
  readonly wanted: number;
}

/** Bit by bit, but for the sign of zero and the kinds of NaN. */
export function compareWeight(
  weight: Weight,
  found: ArrayLike<number>,
): WeightDifference | undefined {
  const wanted = weight.read().data;
  let [differing, largest, index] = [0, -1, 0];
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [found[i]!, wanted[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const distance = Math.abs(a - b);
    const size = Number.isNaN(distance) ? Infinity : distance;
    differing++;
    if (size > largest) [largest, index] = [size, i];
  }
  if (differing === 0) return undefined;
  return {
    weight: weight.name,
    size: wanted.length,
    differing,
    place: placeOf(index, weight.shape),
    found: found[index]!,
    wanted: wanted[index]!,
  };
}

/** ``weight `w` differs from the model in 1 of 4096 values, most at [3, 7]: 5.2 instead of 0.02``. */
export function showWeightDifference(difference: WeightDifference): string {
  const { weight, differing, size, place, found, wanted } = difference;
  const values = `${show(found)} instead of ${show(wanted)}`;
  const most = differing === 1 ? 'at' : 'most at';
  return `weight \`${weight}\` differs from the model in ${differing} of ${size} values, ${most} [${place.join(', ')}]: ${values}`; // prettier-ignore
}

/** Trained weights are near 1; from here on float32 has few digits left for what is added to them. */
const HUGE = 1e6;

/** What is strange in the weight itself, in words; undefined when nothing is. */
export function strangeness({ name, shape, read }: Weight): string | undefined {
  const { data } = read();
  const bad = data.findIndex((value) => !Number.isFinite(value));
  const at = bad >= 0 ? bad : data.findIndex((value) => Math.abs(value) >= HUGE);
  if (at < 0) return undefined;
  const kind = bad >= 0 ? 'a number that is none' : 'a huge number';
  return `weight \`${name}\` of the model has ${kind} at [${placeOf(at, shape).join(', ')}]: ${show(data[at]!)}`; // prettier-ignore
}

/** Enough digits to tell float32 numbers apart in most cases, and no more. */
export function show(value: number): string {
  return String(Number(value.toPrecision(7)));
}
