/** An estimate as data, under the schema `lasm-estimate/1`; docs/estimate.md describes it. */
import type { PassEstimate } from './estimate.ts';
import { boundOf, readingOf } from './reading.ts';
import type { EstimateTitle } from './text.ts';

export function estimateJson(
  passes: readonly PassEstimate[],
  { summary, machine, weights }: EstimateTitle,
): object {
  return {
    schema: 'lasm-estimate/1',
    model: summary,
    machine: { name: machine.name, title: machine.title },
    weights,
    passes: passes.map((pass) => ({
      ...pass,
      bound: boundOf(pass),
      reading: readingOf(pass, machine, weights),
    })),
  };
}
