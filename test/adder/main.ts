/**
 * `npm run check:adder`: every sum of two numbers below 100, by the adder model on the machine. With
 * `-- --quantize int8` or `-- --prune 0.1` it counts what the model still knows with lighter weights.
 */
import { parseArgs } from 'node:util';
import { SUMMANDS, answer, openAdder } from './sums.ts';

const { values: flags } = parseArgs({
  options: { quantize: { type: 'string' }, prune: { type: 'string' } },
});
if (flags.quantize !== undefined && flags.quantize !== 'int8') {
  throw new RangeError(`--quantize ${flags.quantize}: there is int8`);
}

const LISTED = 10;
const total = SUMMANDS * SUMMANDS;
const isLighter = flags.quantize !== undefined || flags.prune !== undefined;
const adder = openAdder({
  ...(flags.quantize && { quantize: flags.quantize }),
  ...(flags.prune && { prune: Number(flags.prune) }),
});
const wrong: string[] = [];
const start = performance.now();

for (let a = 0; a < SUMMANDS; a++) {
  for (let b = 0; b < SUMMANDS; b++) {
    const text = answer(adder, a, b);
    if (text !== String(a + b)) wrong.push(`${a}+${b}=${text}`);
  }
  const done = (a + 1) * SUMMANDS;
  if (done % (10 * SUMMANDS) !== 0) continue;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${done} of ${total} sums, ${done - wrong.length} right, ${seconds} s`);
}

console.log(`adder-gpt2: ${total - wrong.length} of ${total} sums are right`);
if (wrong.length > 0) {
  console.log(`wrong: ${wrong.slice(0, LISTED).join(', ')}${wrong.length > LISTED ? ', …' : ''}`);
  // The published weights are right on all of them; lighter ones need not be.
  if (!isLighter) process.exitCode = 1;
}
