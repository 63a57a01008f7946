/** What `lasm verify` says, as text. */
import { COUNTS } from '../model/graph.ts';
import type { ModelSource } from '../inference/source.ts';
import type { MachinePass } from '../inference/verify-passes.ts';
import { show, showWeightDifference } from '../inference/verify-weights.ts';
import type { TensorDifference, Verified } from '../inference/verify-result.ts';
import { grouped } from '../reports/format.ts';

export interface VerifiedTextOptions {
  readonly tolerance: number;
  /** The file that was checked in place of what the compiler makes. */
  readonly program: string | undefined;
}

/** The verdict first; then what differs, how much, where and why. */
export function verifiedText(
  { summary }: ModelSource,
  { passes, tensors, values, worst, difference, weights, trap }: Verified,
  { tolerance, program }: VerifiedTextOptions,
): string {
  const of = program === undefined ? '' : `\nprogram: ${program}`;
  const compared = `${count(tensors, 'tensor')} in ${count(passes, 'pass', 'passes')}, ${grouped(values)} values`; // prettier-ignore
  const agreed =
    worst.tensor === ''
      ? `tolerance ${tolerance}`
      : `largest difference ${worst.relative.toExponential(1)} of the largest magnitude, in \`${worst.tensor}\` (tolerance ${tolerance})`; // prettier-ignore
  const listed = weights
    .filter(({ weight }) => difference?.cause.includes(`\`${weight}\``) !== true)
    .map((one) => showWeightDifference(one));
  const verdict = trap
    ? `TRAP in line ${trap.span.line}: ${trap.message}`
    : difference
      ? differenceText(difference)
      : weights.length > 0
        ? 'DIFFERS: the tensors agree, but not all weights are those of the model'
        : 'agrees';
  return [
    `${summary}${of}`,
    verdict,
    ...(listed.length > 0 ? [listed.join('\n')] : []),
    `compared: ${compared}; ${agreed}`,
  ].join('\n');
}

const count = (n: number, one: string, many = `${one}s`) => `${grouped(n)} ${n === 1 ? one : many}`;

function differenceText(difference: TensorDifference): string {
  const { tensor, op, part, pass, shape, beyond, largest, place, found, wanted, cause } =
    difference;
  const size = shape.reduce((n, dim) => n * dim, 1);
  const where = part === '' ? '' : ` in ${part}`;
  const much = Number.isFinite(largest) ? `, ${show(largest)} of the largest magnitude` : '';
  return [
    `DIFFERS: \`${tensor}\` (${op}${where}, ${shape.join('×') || 'one number'})${passText(pass)}`,
    `  ${grouped(beyond)} of ${grouped(size)} values, most at [${place.join(', ')}]: ${show(found)} on the machine, ${show(wanted)} in the reference${much}`, // prettier-ignore
    `  likely cause: ${cause}`,
  ].join('\n');
}

/** `, in the pass decode with rows 1, position 5`. */
function passText({ routine, counts }: MachinePass): string {
  if (routine === 'main') return '';
  const shown = COUNTS.filter((name) => name !== 'context' && counts[name] > 0);
  return `, in ${routine} with ${shown.map((name) => `${name} ${counts[name as 'rows']}`).join(', ')}`;
}
