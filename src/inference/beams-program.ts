/** A program that only computes logits: behind a prompt and tokens that somebody else has chosen. */
import { blt } from '../../isa/instructions/blt.ts';
import { ecallPrompt } from '../../isa/instructions/ecall-prompt.ts';
import { halt } from '../../isa/instructions/halt.ts';
import { iadd } from '../../isa/instructions/iadd.ts';
import { iload } from '../../isa/instructions/iload.ts';
import { imin } from '../../isa/instructions/imin.ts';
import { imul } from '../../isa/instructions/imul.ts';
import { istore } from '../../isa/instructions/istore.ts';
import { isub } from '../../isa/instructions/isub.ts';
import { jal } from '../../isa/instructions/jal.ts';
import { li } from '../../isa/instructions/li.ts';
import { line } from '../compiler/emit/kernel.ts';
import type { GenerationProgram } from '../compiler/generation/program.ts';
import { COUNT_REGISTERS, LINK } from '../compiler/registers.ts';

/** The symbol that says how many of the prompt's tokens are the encoder's, and the decoder's. */
export const SCORE_COUNTS = 'score_counts';

const register = (count: keyof typeof COUNT_REGISTERS) => `r${COUNT_REGISTERS[count].register}`;
const ROWS = register('rows');
const POSITION = register('position');
const CONTEXT = register('context');
const SOURCE = register('source');

/** The tokens for the decoder; subroutines leave this register alone. */
const TOTAL = 'r24';

export interface ScoringOptions {
  /** Whether there is an encoder, which takes its tokens first. */
  readonly hasEncoder: boolean;
  /** Tokens that one pass of the decoder takes at most. */
  readonly rowLimit: number;
}

/**
 * The code around `decode` (and `encode`): it reads the encoder's tokens and then the decoder's from
 * the prompt, as many as SCORE_COUNTS says, and halts with `logits` behind the last of them.
 */
export function scoringProgram(options: ScoringOptions): GenerationProgram {
  return {
    head: [],
    data: [],
    bss: [';; Tokens for the encoder, and for the decoder.', `${SCORE_COUNTS}: .i32 2`],
    text: [
      '.part "generation/prompt"',
      line(iload, [SOURCE, `[${SCORE_COUNTS}]`]),
      line(iload, [TOTAL, `[${SCORE_COUNTS} + 4]`]),
      ...(options.hasEncoder ? encodeLines() : []),
      ...decodeLines(options),
      line(halt, []),
      '.part ""',
    ],
  };
}

function encodeLines(): readonly string[] {
  return [
    line(li, ['r1', 0]),
    'read_source:',
    line(ecallPrompt, ['r3', 'r1']),
    line(imul, ['r2', 'r1', 4]),
    line(istore, ['[encode_tokens + r2]', 'r3']),
    line(iadd, ['r1', 'r1', 1]),
    line(blt, ['r1', SOURCE, 'read_source']),
    line(jal, [LINK, 'encode']),
  ];
}

/** Tokens go to the decoder in blocks, as a prompt does. */
function decodeLines({ rowLimit }: ScoringOptions): readonly string[] {
  return [
    '.part "generation/prefill"',
    line(li, [POSITION, 0]),
    'prefill:',
    line(isub, [ROWS, TOTAL, POSITION]),
    line(imin, [ROWS, ROWS, rowLimit]),
    line(iadd, [CONTEXT, POSITION, ROWS]),
    line(li, ['r1', 0]),
    'read_token:',
    line(iadd, ['r2', POSITION, 'r1']),
    line(iadd, ['r2', 'r2', SOURCE], 'behind those of the encoder'),
    line(ecallPrompt, ['r3', 'r2']),
    line(imul, ['r2', 'r1', 4]),
    line(istore, ['[decode_tokens + r2]', 'r3']),
    line(iadd, ['r1', 'r1', 1]),
    line(blt, ['r1', ROWS, 'read_token']),
    line(jal, [LINK, 'decode']),
    line(li, [POSITION, CONTEXT]),
    line(blt, [POSITION, TOTAL, 'prefill']),
  ];
}
