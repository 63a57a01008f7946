/** The assembler beside what any reader of the same text has to do: look at it, and find its words. */
import type { AssemblerHost } from '../../src/asm/assemble.ts';
import { assemble } from '../../src/asm/assemble.ts';
import { scan } from '../../src/asm/scan.ts';
import { theLexer } from '../../src/asm/tokens.ts';
import { buildLanguageModel } from '../../src/inference/build.ts';
import { openSource } from '../../src/inference/source.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { NO_FILES } from '../support/run.ts';
import { medianOf, ratioOf, takeTurns } from './measure.ts';
import { generatedSource } from './programs.ts';

const LINES = 100_000;

/** Pieces of one timing; more would take minutes. */
const PIECES = 2;
const MODEL = 'programs/models/verse-llama';

interface Source {
  readonly text: string;
  readonly host: AssemblerHost;
}

/** A compiled model with its code again and again, each time with labels of its own, until it is long enough. */
function compiledSource(lines: number): Source {
  const source = openSource(MODEL);
  if (source.kind !== 'language') throw new Error(`${MODEL} is no language model`);
  const options = { level: 2, tile: 16, maxNewTokens: 64, sampling: { temperature: 0 } } as const;
  const { text, weights } = buildLanguageModel(source.model, options);
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

function benchText(name: string, { text, host }: Source): void {
  const { program } = assemble('bench.lasm', text, host);
  if (!program) throw new Error(`${name} does not assemble`);
  const runs = [
    () => void assemble('bench.lasm', text, host),
    () => void verifyProgram(program),
    () => void theLexer().tokenize(text),
    () => void scan(text, 0, text.length),
    () => void countLines(text),
  ];
  const [all, checks, lexer, words, walk] = takeTurns(runs, 1, PIECES) as [number[], number[], number[], number[], number[]]; // prettier-ignore
  const lines = countLines(text);
  const speeds = all.map((time) => (lines * 1e6) / time);
  const range = `${Math.min(...speeds).toFixed(0)} to ${Math.max(...speeds).toFixed(0)}`;
  console.log(`assembler, ${name}, ${lines} lines: ${medianOf(speeds).toFixed(0)} k lines/s (${range})`); // prettier-ignore
  console.log(`  ${ratioOf(all, lexer)} the lexer of the grammar alone`);
  console.log(`  ${ratioOf(all, words)} finding the words by hand`);
  console.log(`  ${ratioOf(all, walk)} looking at every character once`);
  const share = (100 * medianOf(checks)) / medianOf(all);
  console.log(`  of which checking before the run: ${share.toFixed(0)} %`);
}

/** Prints lines for each second, and how many times as long as a bare reading of the words that takes. */
export function benchAssembler(): void {
  benchText('generated', { text: generatedSource(LINES), host: NO_FILES });
  benchText('compiled model', compiledSource(LINES));
}
