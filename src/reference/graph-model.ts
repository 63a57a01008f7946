/** Runs models that generate, pass after pass, with the caches that outlive each pass. */
import type { LanguageModel } from '../model/graph.ts';
import type { RefTensor, Visit } from './graph.ts';
import { evaluateGraph } from './graph.ts';
import { tensor } from './graph/tensor.ts';

/** A model with one text in its caches. */
export class ReferenceModel {
  private readonly model: LanguageModel;
  private readonly states = new Map<string, RefTensor>();
  private position = 0;
  private source = 0;

  constructor(model: LanguageModel) {
    this.model = model;
  }

  /**
   * Reads the encoder's text; the decoder begins anew behind it.
   * @throws RangeError when the model has no encoder.
   */
  encode(tokens: readonly number[], visit?: Visit): void {
    const { encode, name } = this.model;
    if (!encode) throw new RangeError(`${name} has no encoder`);
    this.states.clear();
    this.position = 0;
    this.source = tokens.length;
    const counts = { source: this.source };
    evaluateGraph(encode, tokensOf(tokens), { counts, states: this.states, visit });
  }

  /**
   * The logits behind these tokens, which follow those of earlier calls: [1 × vocabulary], or
   * [tokens × vocabulary] when the graph was made to give all.
   */
  decode(tokens: readonly number[], visit?: Visit): RefTensor {
    const { decode } = this.model;
    const counts = { rows: tokens.length, position: this.position, source: this.source };
    const { states } = this;
    const outputs = evaluateGraph(decode, tokensOf(tokens), { counts, states, visit });
    this.position += tokens.length;
    return outputs.get(decode.outputs[0])!;
  }
}

function tokensOf(tokens: readonly number[]): ReadonlyMap<string, RefTensor> {
  return new Map([['tokens', tensor([tokens.length], Float64Array.from(tokens))]]);
}

/**
 * The tokens that greedy decoding appends: the likeliest each time (the first of equal ones), up to
 * and including a token that ends the text, `maxNewTokens` of them at most, and no more than the
 * model has positions for. The prompt is without the tokens that the model puts around prompts.
 */
export function greedy(
  model: LanguageModel,
  promptTokens: readonly number[],
  maxNewTokens: number,
): number[] {
  const { before, after, end, context, decoderStart } = model.generation;
  const run = new ReferenceModel(model);
  let next = [...before, ...promptTokens, ...after];
  if (model.encode) {
    run.encode(next);
    next = decoderStart === undefined ? [] : [decoderStart];
  }
  const limit = Math.min(maxNewTokens, context - next.length);
  const found: number[] = [];
  while (found.length < limit) {
    next = [likeliest(run.decode(next))];
    found.push(next[0]);
    if (end.includes(next[0])) break;
  }
  return found;
}

/** The column of the largest logit in the last row. */
function likeliest({ shape, data }: RefTensor): number {
  const last = data.subarray(-shape[1]);
  return last.indexOf(last.reduce((a, b) => Math.max(a, b)));
}
