/** What an estimate says about model and machine: which resource bounds a pass, and what would change that. */
import type { Machine } from '../machine/machine.ts';
import { entriesByCause } from '../reports/by-cause.ts';
import { decimal, grouped, percent } from '../reports/format.ts';
import { MEANING } from '../reports/sentences.ts';
import type { Least } from './books.ts';
import type { PassEstimate } from './estimate.ts';

/** What a pass needs, each for as long as `least` says. */
export type Resource = keyof Least;

const RESOURCES = [
  'mxu',
  'memory',
  'vec',
  'sfu',
  'alu',
  'issue',
] as const satisfies readonly Resource[];

/** The resource that is needed longest, and how long; of equal ones the first. */
export function boundOf({ least }: PassEstimate): {
  readonly by: Resource;
  readonly cycles: number;
} {
  const by = RESOURCES.reduce((a, b) => (least[b] > least[a] ? b : a));
  return { by, cycles: least[by] };
}

/** One sentence for each thing worth knowing of a pass; `weights` says how they are kept: `float32`. */
export function readingOf(
  pass: PassEstimate,
  machine: Machine,
  weights: string,
): readonly string[] {
  return [
    boundSentence(pass, machine),
    lossSentence(pass, weights),
    ...batchSentences(pass, machine),
  ];
}

function boundSentence(pass: PassEstimate, { memory }: Machine): string {
  const { by, cycles } = boundOf(pass);
  const length = `${grouped(cycles)} cycles`;
  const unit = `what it computes closes the unit for ${length}`;
  const used = percent(pass.macUtilisation * 100);
  const why: Readonly<Record<Resource, string>> = {
    mxu: `products close it for ${length}, though only ${used} of the multiplications that fit into the pass are done`,
    vec: unit,
    sfu: unit,
    alu: unit,
    memory: `${grouped(bytesOf(pass))} bytes at ${grouped(memory.bytesPerCycle)} a cycle take ${length}`,
    issue: `${grouped(pass.instructions)} instructions at ${pass.issueWidth} a cycle take ${length}`,
  };
  const times = decimal(pass.cycles / cycles, 2);
  return `${pass.name} is bound by ${NAMES[by]}: ${why[by]}; the pass takes ${times} × that`;
}

const NAMES: Readonly<Record<Resource, string>> = {
  mxu: 'the matrix unit',
  vec: 'the vector unit',
  sfu: 'the special-function unit',
  alu: 'the scalar unit',
  memory: 'memory bandwidth',
  issue: 'issue',
};

function lossSentence(
  { name, slots, largestCause, cycles, issueWidth }: PassEstimate,
  weights: string,
): string {
  if (largestCause === null) return `${name} loses nothing`;
  const [, lost] = entriesByCause(slots).find(([cause]) => cause === largestCause)!;
  const share = percent((lost / (cycles * issueWidth)) * 100);
  const hint = largestCause === 'structural.bank' && weights === 'float32' ? IN_ONE_PIECE : '';
  return `${name} loses most to ${largestCause}, ${share}: ${MEANING[largestCause]}${hint}`;
}

/** Rows of a wide matrix are a multiple of all banks apart: a tile of it opens one row after another. */
const IN_ONE_PIECE =
  '; rows of a tile of weights lie far apart, often in one bank, and --dtype f16, bf16 or int8 keeps them together';

/**
 * Weights are read, and shifted into the array, once for each tile of rows, however many of its rows
 * are in use; a decode step uses one for each sequence.
 */
function batchSentences({ name, batch, context }: PassEstimate, { tile }: Machine): string[] {
  if (name !== 'decode') return [];
  const own = `each sequence still reads its own cache of ${grouped(context)} positions`;
  if (batch >= tile) {
    return [
      `tiles of rows are full: a larger batch reads the weights again for every ${tile} more; ${own}`,
    ];
  }
  const rows = `${batch} of ${tile} rows of a tile ${batch === 1 ? 'is' : 'are'} in use`;
  return [`${rows}: --batch ${tile} would read the weights once for ${tile} tokens; ${own}`];
}

const bytesOf = ({ bytesRead, bytesWritten }: PassEstimate) => bytesRead + bytesWritten;
