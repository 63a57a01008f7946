/** Beam search: several texts at once, of which the most probable per token are kept. */

/** The log-probabilities of all tokens behind a sequence: natural logarithms, −∞ for what cannot be. */
export type Score = (tokens: readonly number[]) => ArrayLike<number>;

export interface BeamOptions {
  /** Tokens that `score` is given before those that are searched for. */
  readonly prompt: readonly number[];
  /** Texts that are followed at a time, and results wanted. */
  readonly beams: number;
  /** The most tokens that a text may have, an end token included. */
  readonly maxNewTokens: number;
  /** Tokens that end a text. */
  readonly end: readonly number[];
}

export interface Candidate {
  /** Without the prompt and without the end token. */
  readonly tokens: readonly number[];
  /** Whether an end token followed; otherwise there was no room for more. */
  readonly ended: boolean;
  /** Σ of the log-probabilities of its tokens, the end token included. */
  readonly logProbability: number;
  /** logProbability ÷ number of tokens, the end token included. */
  readonly score: number;
}

/** A text that may go on. */
interface Beam {
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** A beam and one token more. */
interface Step {
  readonly beam: Beam;
  readonly token: number;
  readonly logProbability: number;
}

/**
 * Up to `beams` candidates, best score first.
 *
 * As Hugging Face's `generate` with `num_beams`, `length_penalty=1` and `early_stopping=False`: from all
 * beams, the best (1 + end tokens, at least 2) · beams steps are looked at. An end token among the best
 * `beams` of them ends a candidate; the best `beams` others go on. The search is over when there are as many
 * candidates as beams and the best beam, at the length it has, scores no better than the worst of them; or
 * at `maxNewTokens`, where the beams themselves become candidates. Steps of −∞ are not taken, so there may be
 * fewer candidates than beams.
 *
 * Sums are float64, in order. Of equal steps the one of the better beam comes first, then that with the smaller
 * token; of equal candidates the one that ended first. Throws RangeError for a log-probability that is
 * NaN or +∞, and for `beams` below 1.
 */
export function beamSearch(score: Score, options: BeamOptions): Candidate[] {
  const { prompt, end, maxNewTokens } = options;
  const width = options.beams;
  if (!(Number.isSafeInteger(width) && width >= 1)) {
    throw new RangeError(`beams is an integer from 1; got ${width}`);
  }
  const looked = Math.max(2, 1 + end.length) * width;
  let beams: readonly Beam[] = [{ tokens: [], logProbability: 0 }];
  let found: readonly Candidate[] = [];
  for (let length = 1; length <= maxNewTokens; length++) {
    const steps: Step[] = [];
    for (const beam of beams) {
      const next = score([...prompt, ...beam.tokens]);
      for (let token = 0; token < next.length; token++) insert(steps, looked, beam, token, next);
    }
    const isEnd = ({ token }: Step) => end.includes(token);
    const ended = steps.slice(0, width).filter(isEnd);
    found = best(
      [...found, ...ended.map((step) => candidateOf(step.beam.tokens, step, true))],
      width,
    );
    const goingOn = steps.filter((step) => !isEnd(step)).slice(0, width);
    beams = goingOn.map(({ beam, token, logProbability }) => ({
      tokens: [...beam.tokens, token],
      logProbability,
    }));
    if (beams.length === 0 || cannotImprove(found, beams[0]!, length, width)) return [...found];
  }
  if (maxNewTokens < 1) return [];
  const cut = beams.map((beam) => candidateOf(beam.tokens, beam, false));
  return [...best([...found, ...cut], width)];
}

/** Puts a step among the best ones, of which there are at most `limit`, behind those as good as it. */
function insert(
  steps: Step[],
  limit: number,
  beam: Beam,
  token: number,
  next: ArrayLike<number>,
): void {
  const logProbability = beam.logProbability + next[token]!;
  if (!(logProbability < Infinity)) {
    throw new RangeError(`the log-probability of token ${token} is ${next[token]}`);
  }
  if (logProbability === -Infinity) return;
  let at = steps.length;
  while (at > 0 && steps[at - 1]!.logProbability < logProbability) at--;
  if (at === limit) return;
  steps.splice(at, 0, { beam, token, logProbability });
  if (steps.length > limit) steps.pop();
}

/** An end token counts as one of the tokens that the score is spread over. */
function candidateOf(
  tokens: readonly number[],
  { logProbability }: { readonly logProbability: number },
  ended: boolean,
): Candidate {
  const length = tokens.length + (ended ? 1 : 0);
  return { tokens, ended, logProbability, score: logProbability / length };
}

/** The first `width` by score; sorting is stable. */
function best(candidates: readonly Candidate[], width: number): readonly Candidate[] {
  return candidates.toSorted((a, b) => b.score - a.score).slice(0, width);
}

function cannotImprove(
  found: readonly Candidate[],
  beam: Beam,
  length: number,
  width: number,
): boolean {
  return found.length === width && found.at(-1)!.score >= beam.logProbability / length;
}
