/** `npm run check:adder`: every sum of two numbers below 100, by the adder model on the machine. */
import { SUMMANDS, answer, openAdder } from './sums.ts';

const LISTED = 10;
const total = SUMMANDS * SUMMANDS;
const adder = openAdder();
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
  process.exitCode = 1;
}
