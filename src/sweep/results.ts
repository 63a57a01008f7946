/** The results of a sweep put side by side: speed-ups, the Pareto front, and what was learnt. */
import type { Cost } from './cost.ts';
import type { PointResult, SweepJson } from './folder.ts';
import type { Resource } from './front.ts';
import { paretoFront } from './front.ts';
import { lesson } from './lesson.ts';
import type { Plan, Point } from './plan.ts';
import { referenceOf } from './plan.ts';

/** A point with its result and its place among the others. */
export interface Row {
  readonly point: Point;
  readonly result: PointResult;
  /** Absent where the program has none on this machine. */
  readonly cost: Cost | undefined;
  /** Cycles of the reference ÷ its own; undefined where one of them has none. */
  readonly speedUp: number | undefined;
  readonly isOnFront: boolean;
  /** Of each resource, as shown. */
  readonly amounts: readonly number[];
}

export interface Results {
  readonly plan: Plan;
  readonly resources: readonly Resource[];
  /** In the order of the plan; those that are there. */
  readonly rows: readonly Row[];
  /** What speed-ups are relative to; undefined where it has no cycles. */
  readonly reference: Row | undefined;
  readonly isBase: boolean;
  /** What was learnt, in one sentence. */
  readonly lesson: string;
}

/** Puts what there is side by side. */
export function resultsOf(
  plan: Plan,
  found: readonly (readonly [Point, PointResult])[],
  resources: readonly Resource[],
): Results {
  const { point: first, isBase } = referenceOf(plan);
  const costs = found.map(([, { outcome }]) => (outcome.status === 'done' ? outcome.cost : undefined)); // prettier-ignore
  const at = found.findIndex(([point]) => point.index === first.index);
  const referenceCycles = costs[at]?.cycles;
  const amounts = found.map(([{ machine }]) => resources.map(({ amountOf }) => amountOf(machine)));
  const isOnFront = frontOf(plan, found, costs, amounts, resources);
  const rows = found.map(([point, result], i): Row => {
    const cost = costs[i];
    const speedUp = cost && referenceCycles && referenceCycles / cost.cycles;
    return { point, result, cost, speedUp, isOnFront: isOnFront[i]!, amounts: amounts[i]! };
  });
  const reference = referenceCycles === undefined ? undefined : rows[at];
  return { plan, resources, rows, reference, isBase, lesson: lesson(plan.axes, rows) };
}

function frontOf(
  { axes }: Plan,
  found: readonly (readonly [Point, PointResult])[],
  costs: readonly (Cost | undefined)[],
  amounts: readonly (readonly number[])[],
  resources: readonly Resource[],
): boolean[] {
  // Another .param may well be another amount of work.
  const groupOf = ({ values }: Point) =>
    JSON.stringify(values.filter((_, i) => axes[i]!.key.kind === 'param'));
  const priced = found.flatMap(([point], i) => {
    const cost = costs[i];
    if (!cost) return [];
    const signed = amounts[i]!.map((amount, k) => amount * resources[k]!.sign);
    return [{ i, cycles: cost.cycles, amounts: signed, group: groupOf(point) }];
  });
  const front = new Set(paretoFront(priced).flatMap((isOn, k) => (isOn ? [priced[k]!.i] : [])));
  return found.map((_, i) => front.has(i));
}

/** `results.json`: the plan's id, every point in order, and what follows from them. */
export function resultsJson(json: SweepJson, results: Results) {
  const { rows, resources, reference, isBase } = results;
  return {
    schema: 'lasm-sweep-results/1',
    sweep: json.id,
    lasm: json.lasm,
    subject: json.subject,
    keys: json.keys,
    points: rows.map(({ point, result, speedUp, isOnFront, amounts }) => ({
      point: point.index,
      values: result.values,
      resources: Object.fromEntries(resources.map(({ name }, i) => [name, amounts[i]])),
      speedUp: speedUp ?? null,
      isOnFront,
      outcome: result.outcome,
    })),
    reference: reference && { point: reference.point.index, isBase },
    costs: resources.map(({ name }) => name),
    lesson: results.lesson,
  };
}
