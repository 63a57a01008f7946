/** `npm run coverage:timing`: which waits the random programs provoke, and which rules tests quote. */
import { makeCorpus } from '../mutation/corpus.ts';
import { sourceOf } from '../mutation/mutation.ts';
import type { Cell } from './cells.ts';
import { CELLS, DISTANCES, WAITS, keyOf, reasonAgainst } from './cells.ts';
import type { Hits } from './measure.ts';
import { hitsOf } from './measure.ts';
import { quotes, rulesOf } from './rules.ts';

const SIZE = { programs: 60, pairs: 6000, tilePrograms: 3000, accessPrograms: 1000 };

const isHit = (hits: Hits, cell: Cell) => hits.has(keyOf(cell));
const isPossible = (cell: Cell) => reasonAgainst(cell) === undefined;

/** A line for each cause: how many of its cells can occur, and how many do. */
function summary(hits: Hits): string[] {
  const row = (name: string, cells: readonly Cell[]) => {
    const possible = cells.filter(isPossible);
    const hit = possible.filter((cell) => isHit(hits, cell)).length;
    const impossible = cells.length - possible.length;
    return `| ${[name, cells.length, impossible, possible.length, hit, possible.length - hit].join(' | ')} |`;
  };
  return [
    '| cause | cells | cannot occur | can occur | hit | not hit |',
    '| ----- | ----: | -----------: | --------: | --: | ------: |',
    ...WAITS.map((cause) =>
      row(
        cause,
        CELLS.filter((cell) => cell.cause === cause),
      ),
    ),
    row('all', CELLS),
  ];
}

/** Cycles charged to each cell of the rows that can occur; — cannot occur, 0 was not hit. */
function details(hits: Hits): string[] {
  const lines = [
    `| cause | waits for | waits | ${DISTANCES.join(' | ')} |`,
    `| ----- | --------- | ----- |${' ---: |'.repeat(DISTANCES.length)}`,
  ];
  const width = DISTANCES.length;
  for (let i = 0; i < CELLS.length; i += width) {
    const cells = CELLS.slice(i, i + width);
    if (!cells.some(isPossible)) continue;
    const [{ cause, producer, consumer }] = cells as [Cell];
    const counts = cells.map((cell) => (isPossible(cell) ? (hits.get(keyOf(cell)) ?? 0) : '—'));
    lines.push(`| ${[cause, producer, consumer, ...counts].join(' | ')} |`);
  }
  return lines;
}

/** Cause and reason → how many of its cells cannot occur for this reason. */
function reasons(): string[] {
  const counts = new Map<string, number>();
  for (const cell of CELLS) {
    const reason = reasonAgainst(cell);
    if (reason === undefined) continue;
    const text = `${cell.cause}: ${reason}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => `- ${text} (${count} cells)`);
}

function ruleTable(): string[] {
  const quoted = quotes();
  const rows = rulesOf(sourceOf('docs/microarchitecture.md')).map((rule) => {
    const files = quoted.get(rule) ?? [];
    return `| ${rule} | ${files.length} | ${files[0] ?? 'none'} |`;
  });
  return ['| rule | test files | the first |', '| ---- | ---------: | --------- |', ...rows];
}

const trials = makeCorpus(SIZE);
const hits = hitsOf(trials);
const wrong = CELLS.filter((cell) => !isPossible(cell) && isHit(hits, cell));
console.log(`${trials.length} runs\n`);
for (const lines of [summary(hits), details(hits), reasons(), ruleTable()]) {
  console.log(`${lines.join('\n')}\n`);
}
for (const cell of wrong) console.error(`cannot occur, but does: ${keyOf(cell)}`);
process.exit(wrong.length > 0 ? 1 : 0);
