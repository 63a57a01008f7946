/** Suggestions: the word that was probably meant. */

/** Longer words are not compared. */
const MAX_LENGTH = 64;

/** Of this many candidates at most, the first ones. */
const MAX_CANDIDATES = 10_000;

/** How many slips a word of a given length may contain and still be recognised. */
function slipsAllowed(length: number): number {
  if (length <= 2) return 1;
  return length <= 5 ? 2 : 3;
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbours between two words, each
 * character taking part in one at most (Boytsov, "Indexing methods for approximate dictionary
 * searching", 2011, section 2.2.1: optimal string alignment), or `limit + 1` when it is larger.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replaced, above[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 1);
      }
      row.push(best);
    }
    if (Math.min(...row) > limit) return limit + 1;
    before = above;
    above = row;
  }
  return Math.min(above[b.length]!, limit + 1);
}

/**
 * The candidate nearest to `word`, letter case ignored; the first of several equally near. Undefined
 * when none is near enough for it to be a slip of the pen.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let distance = Math.min(slipsAllowed(word.length), word.length - 1) + 1;
  let tried = 0;
  for (const candidate of candidates) {
    if (++tried > MAX_CANDIDATES || distance === 0) break;
    const d = editDistance(lower, candidate.toLowerCase(), distance - 1);
    if (d < distance) [best, distance] = [candidate, d];
  }
  return best;
}

/** `did you mean X?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `did you mean ${found}?`;
}
