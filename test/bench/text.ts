/** The assembler beside what any reader of the same text has to do: look at it, and find its words. */
import type { AssemblerHost } from '../../src/asm/assemble.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { scan } from '../../src/asm/scan.ts';
import { theLexer } from '../../src/asm/tokens.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { NO_FILES } from '../support/run.ts';
import { builtModel } from './models.ts';
import { generatedSource } from './programs.ts';
import type { Row } from './rows.ts';
import { rateOf } from './rows.ts';

const LINES = 5000;

/** Three times what is typical of the text of a compiler. */
const LIMIT_OF_SCAN = 60;

interface Source {
  readonly text: string;
  readonly host: AssemblerHost;
}

/** A compiled model with its code again and again, each time with labels of its own, until it is long enough. */
function compiledSource(lines: number): Source {
  const { text, weights } = builtModel();
  const codeStart = text.indexOf('.text\n');
  const code = text.slice(codeStart);
  const labels = new Set([...code.matchAll(/^(\w+):/gm)].map(([, label]) => label!));
  const copies = Math.ceil(lines / code.split('\n').length);
  const parts = Array.from({ length: copies }, (_, copy) =>
    code.replace(/\w+/g, (word) => (labels.has(word) ? `${word}_${copy}` : word)),
  );
  const tensors = new Map(Array.from(weights, ([name, weight]) => [name, weight.read()]));
  const host = { ...NO_FILES, readTensor: (_: string, name = '') => tensors.get(name)! };
  return { text: text.slice(0, codeStart) + parts.join(''), host };
}

/** Every character looked at once, and the line breaks counted: no reader can do less. */
function countLines(text: string): number {
  let lines = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === 10) lines++;
  return lines;
}

/** A text of typical instructions, and one that the compiler wrote, which alone has limits. */
export function* textRows(isShort: boolean): Generator<Row> {
  if (!isShort)
    yield* rowsOf('generated text', { text: generatedSource(LINES), host: NO_FILES }, false);
  yield* rowsOf('compiled model', compiledSource(LINES), true);
}

function* rowsOf(title: string, { text, host }: Source, hasLimits: boolean): Generator<Row> {
  const assembled = () => assemble('bench.lasm', text, host).program;
  const program = assembled();
  if (!program) throw new Error(`invariant: ${title} does not assemble`);
  const figure = rateOf(countLines(text), 'lines');
  const mine = { name: `assembler, ${title}`, mine: () => void assembled(), figure };
  const words = () => void scan(text, 0, text.length);
  const lexer = () => void theLexer().tokenize(text);
  yield { ...mine, other: { name: 'the Chevrotain lexer alone', side: lexer, isPart: true } };
  yield {
    ...mine,
    other: { name: 'a scan for its words', side: words, isPart: true },
    ...(hasLimits ? { limit: LIMIT_OF_SCAN } : {}),
  };
  const look = () => void countLines(text);
  yield { ...mine, other: { name: 'a look at each character', side: look, isPart: true } };
  const checks = () => void verifyProgram(program);
  yield { ...mine, other: { name: 'its checks before the run', side: checks, isPart: true } };
}
