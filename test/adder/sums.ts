/** The adder model on the machine, values only: one program, run once for each sum. */
import type { BuildOptions } from '../../src/inference/build.ts';
import { buildLanguageModel } from '../../src/inference/build.ts';
import { readPrompt } from '../../src/inference/prompt.ts';
import type { LanguageSource } from '../../src/inference/source.ts';
import { openSource } from '../../src/inference/source.ts';
import type { Program } from '../../src/program/program.ts';
import { Vm } from '../../src/vm/vm.ts';

const MODEL = new URL('../../programs/models/adder-gpt2', import.meta.url).pathname;

/** Both summands go from 0 up to, and without, this one. */
export const SUMMANDS = 100;

/** Edge of a tile: that of most machines. */
const TILE = 16;

/** A sum has at most three digits; the fourth token ends the text. */
const NEW_TOKENS = 4;

export interface Adder {
  readonly source: LanguageSource;
  readonly program: Program;
}

/** The adder with the weights as they are published, or lighter ones. */
export function openAdder(lighter: Pick<BuildOptions, 'quantize' | 'prune'> = {}): Adder {
  const source = openSource(MODEL);
  if (source.kind !== 'language') throw new Error('the adder is a language model');
  const { program } = buildLanguageModel(source.model, {
    level: 2,
    tile: TILE,
    sampling: { temperature: 0 },
    maxNewTokens: NEW_TOKENS,
    ...lighter,
  });
  return { source, program };
}

/** What the model writes behind `a+b=`. */
export function answer({ source, program }: Adder, a: number, b: number): string {
  const { tokens } = readPrompt(source, { kind: 'text', text: `${a}+${b}=` });
  const vm = new Vm(program, { promptTokens: tokens });
  while (vm.next());
  if (vm.trap) throw new Error(`${a}+${b}: ${vm.trap.message}`);
  return source.tokenizer.decode(vm.emittedTokens);
}
