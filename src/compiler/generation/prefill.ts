/** From the prompt to the first logits: for models with a decoder only, and for those with an encoder. */
import { bge } from '../../../isa/instructions/bge.ts';
import { blt } from '../../../isa/instructions/blt.ts';
import { ecallPrompt } from '../../../isa/instructions/ecall-prompt.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { imin } from '../../../isa/instructions/imin.ts';
import { imul } from '../../../isa/instructions/imul.ts';
import { istore } from '../../../isa/instructions/istore.ts';
import { isub } from '../../../isa/instructions/isub.ts';
import { jal } from '../../../isa/instructions/jal.ts';
import { li } from '../../../isa/instructions/li.ts';
import { line } from '../emit/kernel.ts';
import { COUNT_REGISTERS, LINK } from '../registers.ts';
import type { GenerationOptions } from './options.ts';

/** How many tokens may still be written. */
export const LEFT = 'r24';

const register = (count: keyof typeof COUNT_REGISTERS) => `r${COUNT_REGISTERS[count].register}`;
export const ROWS = register('rows');
export const POSITION = register('position');
export const CONTEXT = register('context');
const SOURCE = register('source');

/** Its register is free again when the prompt has been read. */
const PROMPT = 'r23';

/** Where control goes when there is nothing to write any more. */
export const STOP = 'stop';

/** From the room in the context, LEFT: no more than is wanted. */
const limitLines = (room: readonly string[]): readonly string[] => [
  ...room,
  line(imin, [LEFT, LEFT, 'MAX_NEW_TOKENS']),
  line(blt, [LEFT, 1, STOP], 'no room, or none wanted'),
];

/** Without an encoder: the prompt goes to the decoder, in blocks of at most `rowLimit` tokens. */
export function decoderPrefill({ model, rowLimit }: GenerationOptions): readonly string[] {
  return [
    '.part "generation/prompt"',
    '; how long is the prompt?',
    line(li, [PROMPT, 0]),
    'count_prompt:',
    line(ecallPrompt, ['r1', PROMPT], '-1 behind the last token'),
    line(blt, ['r1', 0, 'counted_prompt']),
    line(iadd, [PROMPT, PROMPT, 1]),
    line(jal, ['r0', 'count_prompt']),
    'counted_prompt:',
    line(blt, [PROMPT, 1, STOP], 'nothing to begin with'),
    ...limitLines([
      line(li, [LEFT, model.context], 'prompt and text together'),
      line(isub, [LEFT, LEFT, PROMPT]),
    ]),
    line(li, [POSITION, 0]),
    '',
    `; the prompt, ${rowLimit} tokens at a time`,
    '.part "generation/prefill"',
    'prefill:',
    line(isub, [ROWS, PROMPT, POSITION]),
    line(imin, [ROWS, ROWS, rowLimit]),
    line(iadd, [CONTEXT, POSITION, ROWS]),
    line(li, ['r1', 0]),
    'copy_prompt:',
    line(iadd, ['r2', POSITION, 'r1']),
    line(ecallPrompt, ['r3', 'r2']),
    line(imul, ['r2', 'r1', 4]),
    line(istore, ['[decode_tokens + r2]', 'r3']),
    line(iadd, ['r1', 'r1', 1]),
    line(blt, ['r1', ROWS, 'copy_prompt']),
    line(jal, [LINK, 'decode']),
    line(li, [POSITION, CONTEXT]),
    line(blt, [POSITION, PROMPT, 'prefill']),
  ];
}

/** With an encoder: the prompt goes there at once, and the decoder begins with a token of its own. */
export function encoderPrefill(
  { model }: GenerationOptions,
  sourceLimit: number,
): readonly string[] {
  return [
    '.part "generation/prompt"',
    '; the prompt is what the encoder reads',
    line(li, [SOURCE, 0]),
    'read_prompt:',
    line(ecallPrompt, ['r1', SOURCE], '-1 behind the last token'),
    line(blt, ['r1', 0, 'have_prompt']),
    line(bge, [SOURCE, sourceLimit, STOP], 'more than it can read'),
    line(imul, ['r2', SOURCE, 4]),
    line(istore, ['[encode_tokens + r2]', 'r1']),
    line(iadd, [SOURCE, SOURCE, 1]),
    line(jal, ['r0', 'read_prompt']),
    'have_prompt:',
    line(blt, [SOURCE, 1, STOP], 'nothing to begin with'),
    ...limitLines([line(li, [LEFT, model.context - 1], 'the first position is taken')]),
    '',
    '; the whole prompt, then the token that the decoder begins with',
    '.part "generation/prefill"',
    'prefill:',
    line(jal, [LINK, 'encode']),
    line(li, ['r1', model.decoderStart!]),
    line(istore, ['[decode_tokens]', 'r1']),
    line(li, [ROWS, 1]),
    line(li, [POSITION, 0]),
    line(li, [CONTEXT, 1]),
    line(jal, [LINK, 'decode']),
  ];
}
