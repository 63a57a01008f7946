/** The generation loop of a language model: prompt in, token by token out, without help from the host. */
import { beq } from '../../../isa/instructions/beq.ts';
import { blt } from '../../../isa/instructions/blt.ts';
import { ecallEmit } from '../../../isa/instructions/ecall-emit.ts';
import { halt } from '../../../isa/instructions/halt.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { istore } from '../../../isa/instructions/istore.ts';
import { isub } from '../../../isa/instructions/isub.ts';
import { jal } from '../../../isa/instructions/jal.ts';
import { li } from '../../../isa/instructions/li.ts';
import { line } from '../emit/kernel.ts';
import { LINK } from '../registers.ts';
import { DRAWS, choiceLines } from './choice.ts';
import type { GenerationOptions } from './options.ts';
import { isGreedy, requireOptions } from './options.ts';
import { CONTEXT, LEFT, POSITION, ROWS, STOP, decoderPrefill, encoderPrefill } from './prefill.ts';
import { CHOSEN } from './pyramid.ts';

/** Lines of assembly for the sections of a program. */
export interface GenerationProgram {
  /** `.param MAX_NEW_TOKENS`; belongs to the top of the program, where readers look for it. */
  readonly head: readonly string[];
  readonly data: readonly string[];
  readonly bss: readonly string[];
  /** Where the program begins; ends with HALT, so that subroutines may follow. */
  readonly text: readonly string[];
}

/**
 * The loop around `decode`, which computes `logits` [1, vocabulary] behind `decode_tokens`, and
 * `encode`, which reads `encode_tokens`. Both are subroutines that return through r31 and are told the
 * counts of a pass in COUNT_REGISTERS; they leave these and r23 to r25 alone.
 *
 * It emits the tokens of the text: not those of the prompt, and not the one that ends it. It stops at
 * an end token, after MAX_NEW_TOKENS, or when prompt and text (of an encoder-decoder model:
 * decoderStart and text) fill the context. An empty prompt, and one that is too long, give no text.
 *
 * Greedy: the first of the best tokens; NaN counts as best, as in ARGMAX. Sampled: every token weighs
 * e^((logit − highest) ÷ temperature), in float32 steps; `topK` and then `topP` make some weights 0; one
 * token is drawn in proportion, along a pyramid of sums with one draw for each level, numbered from 0
 * through the run. The probability of a token is thus a product of conditional ones, each exact for
 * the rounded sums. NaN or +∞ among the logits is a trap of ECALL.SAMPLE.
 *
 * Labels: `prefill` and `step` before the work of each phase; `count_prompt`, `counted_prompt`,
 * `copy_prompt`, `read_prompt`, `have_prompt`, `choose`, `stop`. Everything else is named `choice_…`.
 * Throws RangeError for options that cannot be.
 */
export function generationProgram(options: GenerationOptions): GenerationProgram {
  requireOptions(options);
  const { sourceLimit, maxNewTokens, sampling } = options;
  const choice = choiceLines(options);
  const isDrawing = !isGreedy(sampling);
  return {
    head: [';; The most tokens that are written.', `.param MAX_NEW_TOKENS = ${maxNewTokens}`],
    data: choice.data,
    bss: choice.bss,
    text: [
      ...(sourceLimit === undefined
        ? decoderPrefill(options)
        : encoderPrefill(options, sourceLimit)),
      ...(isDrawing ? [line(li, [DRAWS, 0], 'draws so far')] : []),
      '',
      '; which token comes next?',
      '.part "generation/choice"',
      'choose:',
      ...choice.text,
      ...options.model.end.map((token) => line(beq, [CHOSEN, token, STOP], 'end of the text')),
      line(ecallEmit, [CHOSEN]),
      line(isub, [LEFT, LEFT, 1]),
      line(blt, [LEFT, 1, STOP]),
      '',
      ...stepLines(),
      `${STOP}:`,
      line(halt, []),
      '.part ""',
    ],
  };
}

/** One token more: it is the only row of this pass. */
function stepLines(): readonly string[] {
  return [
    '; it joins the tokens so far',
    '.part "generation/step"',
    'step:',
    line(istore, ['[decode_tokens]', CHOSEN]),
    line(li, [ROWS, 1]),
    line(li, [POSITION, CONTEXT]),
    line(iadd, [CONTEXT, CONTEXT, 1]),
    line(jal, [LINK, 'decode']),
    line(jal, ['r0', 'choose']),
  ];
}
