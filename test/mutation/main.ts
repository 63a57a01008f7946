/** `npm run mutate -- [--rule UA-24 …] [--jobs J]`: do the timing checks notice when a rule is broken? */
import { rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serialize } from 'node:v8';
import { OUT_DIR, bundle, runTrial } from './bundle.ts';
import { makeCorpus } from './corpus.ts';
import type { Mutation } from './mutation.ts';
import type { Tried } from './report.ts';
import { killRate, refutedOf, reportOf } from './report.ts';
import { MUTATIONS } from './table/index.ts';
import type { Verdict } from './verdict.ts';
import { isKilled } from './verdict.ts';

const { values } = parseArgs({
  options: {
    rule: { type: 'string', multiple: true, default: [] },
    jobs: { type: 'string', default: '2' },
  },
});
const SIZE = { programs: 20, pairs: 800, tilePrograms: 2000, accessPrograms: 400 };
const CORPUS = `${OUT_DIR}/corpus.bin`;
/** What the checks have to notice. */
const LEAST_KILL_RATE = 0.95;

/** The engine as it is must pass; what it passed. */
async function tryOriginal(): Promise<Verdict> {
  const outcome = await runTrial(await bundle(undefined, 'original'), CORPUS);
  if (typeof outcome !== 'string' && !isKilled(outcome)) return outcome;
  console.error(`the engine without a mutation does not pass: ${JSON.stringify(outcome)}`);
  process.exit(1);
}

async function tryOut(mutation: Mutation, number: number): Promise<Tried> {
  const path = await bundle(mutation, `mutant-${number}`);
  const outcome = await runTrial(path, CORPUS);
  rmSync(path);
  console.error(`${isKilled(outcome) ? 'killed' : 'SURVIVES'}: ${mutation.rule} ${mutation.name}`);
  return { mutation, outcome };
}

/** Several at a time; the outcomes in the order of the table. */
async function tryAll(mutations: readonly Mutation[], jobs: number): Promise<Tried[]> {
  const tried = new Array<Tried>(mutations.length);
  let next = 0;
  const work = async () => {
    while (next < mutations.length) {
      const number = next++;
      tried[number] = await tryOut(mutations[number]!, number);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return tried;
}

const { rule, jobs } = values;
const chosen = MUTATIONS.filter((mutation) => rule.length === 0 || rule.includes(mutation.rule));
if (chosen.length === 0 || !/^[1-9]\d*$/.test(jobs)) {
  console.error('--rule must be one of the table, as in UA-24; --jobs a whole number from 1 on');
  process.exit(2);
}
mkdirSync(OUT_DIR, { recursive: true });
// Each by itself: most mutants are killed by one of the first, and read no further.
writeFileSync(CORPUS, serialize(makeCorpus(SIZE).map((trial) => serialize(trial))));
const { tests, trials } = await tryOriginal();
console.log(`${chosen.length} mutants; ${tests} tests by hand; ${trials} runs to compare\n`);
const tried = await tryAll(chosen, Number(jobs));
rmSync(OUT_DIR, { recursive: true });
console.log(reportOf(tried).join('\n'));
process.exit(killRate(tried) < LEAST_KILL_RATE || refutedOf(tried).length > 0 ? 1 : 0);
