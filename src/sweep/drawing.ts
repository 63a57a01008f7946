/** What the plot shows for so many keys: what lies across, and which points a line joins. */
import { PARAMETERS } from './keys.ts';
import type { Axis } from './plan.ts';
import type { Results, Row } from './results.ts';
import type { Tick } from './scale.ts';
import { keyScale, withRoom } from './scale.ts';

/** Pixels of the plot's corners; names of lines stand right of it. */
export const FRAME = { left: 84, right: 560, top: 28, bottom: 312 };

/** A row that has cycles. */
export type Timed = Row & { readonly cost: NonNullable<Row['cost']> };

/** Points in the plane, and the names of the lines that join them. */
export interface Drawing {
  readonly heading: string;
  readonly below: string;
  readonly ticks: readonly Tick[];
  readonly xOf: (row: Timed) => number;
  /** Rows of each line, from left to right; none joins them where there is no name. */
  readonly lines: readonly { readonly name: string; readonly rows: readonly Timed[] }[];
  readonly areJoined: boolean;
}

/** Up to two keys are drawn by their values, more by their hardware. */
export function drawingOf(results: Results, rows: readonly Timed[]): Drawing {
  const { axes } = results.plan;
  return axes.length <= 2 ? byKey(axes, rows) : byHardware(results, rows);
}

/** One key along the plot; of two the one with more values, and a line for each value of the other. */
function byKey(axes: readonly Axis[], rows: readonly Timed[]): Drawing {
  const sizes = axes.map(({ values }) => (values.every(isNumber) ? 1000 : 0) + values.length);
  const across = sizes[1] !== undefined && sizes[1] > sizes[0]! ? 1 : 0;
  const { key, values } = axes[across]!;
  const other = axes[1 - across];
  const scale = keyScale(values, { from: FRAME.left, to: FRAME.right });
  const xOf = ({ point }: Timed) => scale(point.values[across]!).at;
  const inOrder = (some: readonly Timed[]) => some.toSorted((a, b) => xOf(a) - xOf(b));
  const lines = other
    ? other.values.map((value) => ({
        name: `${shortName(other.key.name)}=${String(value)}`,
        rows: inOrder(rows.filter(({ point }) => point.values[1 - across] === value)),
      }))
    : [{ name: 'cycles', rows: inOrder(rows) }];
  return {
    heading: `Cycles by ${key.name}${other ? `, a line for each ${other.key.name}` : ''}`,
    below: withUnit(key.name),
    ticks: withRoom(values.map(scale)),
    xOf,
    lines,
    areJoined: true,
  };
}

/** The first resource of which points have different amounts along the plot. */
function byHardware({ resources }: Results, rows: readonly Timed[]): Drawing {
  const differs = (i: number) => new Set(rows.map(({ amounts }) => amounts[i])).size > 1;
  const at = Math.max(0, resources.findIndex((_, i) => differs(i))); // prettier-ignore
  const amounts = rows.map((row) => row.amounts[at] ?? 0);
  const scale = keyScale([...new Set(amounts)], { from: FRAME.left, to: FRAME.right });
  const { name, unit } = resources[at] ?? { name: 'no resource varies', unit: '' };
  return {
    heading: `Cycles against ${name}`,
    below: unit === '' ? name : `${name} (${unit})`,
    ticks: withRoom([...new Set(amounts)].map(scale)),
    xOf: (row) => scale(row.amounts[at] ?? 0).at,
    lines: [{ name: '', rows }],
    areJoined: false,
  };
}

const isNumber = (value: unknown): boolean => typeof value === 'number';
const shortName = (key: string): string => key.slice(key.lastIndexOf('.') + 1);

function withUnit(name: string): string {
  const parameter = PARAMETERS.get(name);
  return parameter?.kind === 'whole' ? `${name} (${parameter.unit})` : name;
}
