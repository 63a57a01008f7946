/** What hardware costs, and which points are worth theirs: the Pareto front. */
import type { Machine } from '../machine/machine.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Parameter } from '../machine/parameters.ts';
import { peakMacs } from '../reports/units.ts';
import { PARAMETERS, parameterOf } from './keys.ts';
import type { Axis } from './plan.ts';
import { wrong } from './problem.ts';

/** Something of which a machine has more or less. */
export interface Resource {
  readonly name: string;
  readonly unit: string;
  /** The figure as it is shown. */
  readonly amountOf: (machine: Machine) => number;
  /** 1: a larger figure is more hardware; −1: a smaller one is, such as a latency. */
  readonly sign: 1 | -1;
}

/** Sums that no single parameter says. */
const SUMS: readonly Resource[] = [
  { name: 'mxu.macs', unit: 'MACs per cycle', amountOf: peakMacs, sign: 1 },
  { name: 'vec.width', unit: 'elements', amountOf: ({ vec }) => vec.count * vec.lanes, sign: 1 },
  { name: 'sfu.width', unit: 'elements', amountOf: ({ sfu }) => sfu.count * sfu.lanes, sign: 1 },
];

/** How memory is cut up, and what elements are: neither more nor less hardware. */
const SIZES_OF_PIECES: readonly string[] = [
  'memory.burstBytes',
  'memory.rowBytes',
  'cache.lineBytes',
  'mxu.weightElementBytes',
];

/** Flags whose `true` takes hardware. */
const FLAGS: readonly string[] = ['pipeline.forwarding', 'mxu.accumulatorForwarding'];

/** A parameter as a resource; undefined where more of it is not more hardware. */
export function resourceOf(name: string, parameter: Parameter): Resource | undefined {
  const isNumber = parameter.kind === 'whole' && !SIZES_OF_PIECES.includes(name);
  if (!isNumber && !FLAGS.includes(name)) return undefined;
  return {
    name,
    unit: parameter.kind === 'whole' ? parameter.unit : '',
    amountOf: (machine) => Number(parameterOf(machine, name) ?? 0),
    sign: name.endsWith('Cycles') ? -1 : 1,
  };
}

/** The resource with a name; throws a SweepError when there is none. */
export function resourceNamed(name: string): Resource {
  const parameter = PARAMETERS.get(name);
  const found = SUMS.find((sum) => sum.name === name) ?? (parameter && resourceOf(name, parameter));
  if (found) return found;
  if (parameter) throw wrong(`--cost ${name}: more of it is not more hardware`);
  const names = [...SUMS.map((sum) => sum.name), ...PARAMETERS.keys()];
  const sums = SUMS.map((sum) => sum.name).join(', ');
  const hint = didYouMean(name, names) ?? `${sums}, or a number of the machine file`;
  throw wrong(`--cost ${name}: there is no such resource`, hint);
}

/** Where whole machines vary: what they compute with, and what feeds it. */
const OF_MACHINES = ['mxu.macs', 'vec.width', 'sfu.width', 'memory.bytesPerCycle'];

/** The resources that a sweep varies. */
export function resourcesOf(axes: readonly Axis[]): Resource[] {
  const varied = axes.flatMap(({ key }): (Resource | undefined)[] => {
    if (key.kind === 'machine') return OF_MACHINES.map(resourceNamed);
    return key.kind === 'parameter' ? [resourceOf(key.name, key.parameter)] : [];
  });
  const found = varied.filter((resource) => resource !== undefined);
  return found.filter((resource, i) => found.findIndex((r) => r.name === resource.name) === i);
}

/** What a point takes: its cycles, and its amount of each resource; less of each is better. */
export interface Price {
  readonly cycles: number;
  readonly amounts: readonly number[];
  /** Only points of the same group do the same work, and are compared. */
  readonly group: string;
}

/**
 * For each price, whether it is on the front: no other of its group takes at most as many cycles and
 * at most as much of every resource, and less of one of these.
 */
export function paretoFront(prices: readonly Price[]): boolean[] {
  const order = prices.map((_, i) => i).sort((a, b) => prices[a]!.cycles - prices[b]!.cycles);
  const isOnFront = prices.map(() => false);
  // Who is beaten is also beaten by one on the front that takes no more cycles.
  const front: Price[] = [];
  for (let at = 0; at < order.length;) {
    const { cycles } = prices[order[at]!]!;
    const end = order.findIndex((i, k) => k >= at && prices[i]!.cycles > cycles);
    const alike = order.slice(at, end < 0 ? order.length : end);
    for (const i of alike) {
      const price = prices[i]!;
      const rivals = [...front, ...alike.map((k) => prices[k]!)];
      isOnFront[i] = !rivals.some((rival) => beats(rival, price));
    }
    for (const i of alike) if (isOnFront[i]) front.push(prices[i]!);
    at += alike.length;
  }
  return isOnFront;
}

/** Takes no more of anything, and less of something. */
export function beats(a: Price, b: Price): boolean {
  if (a.group !== b.group || a.cycles > b.cycles) return false;
  if (a.amounts.some((amount, i) => amount > b.amounts[i]!)) return false;
  return a.cycles < b.cycles || a.amounts.some((amount, i) => amount < b.amounts[i]!);
}
