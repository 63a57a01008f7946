/** The weights of a model of which there is only a config.json: names and shapes, no numbers. */
import { elementCount } from '../../tensor/host-tensor.ts';
import type { Weights } from './checkpoint.ts';
import type { Config } from './config.ts';

/** Bytes of a number, as config.json says that the weights are kept. */
const BYTES: Readonly<Record<string, number>> = { float16: 2, bfloat16: 2, float64: 8 };

/** Has whatever the model asks for. */
export class NoCheckpoint implements Weights {
  private readonly config: Config;
  private readonly shapes = new Map<string, readonly number[]>();

  constructor(config: Config) {
    this.config = config;
  }

  /** What a model may leave out it leaves out; an output map of its own it has unless they are tied. */
  has(key: string): boolean {
    return key === 'lm_head.weight' && !this.config.flag('tie_word_embeddings', true);
  }

  take(key: string, shape: readonly number[]): () => never {
    this.shapes.set(key, shape);
    return () => {
      throw new Error(`invariant: ${key} has no values`);
    };
  }

  checkAllTaken(): void {
    // There is nothing that could be left over.
  }

  get parameters(): number {
    return [...this.shapes.values()].reduce((sum, shape) => sum + elementCount(shape), 0);
  }

  get bytes(): number {
    const key = this.config.has('dtype') ? 'dtype' : 'torch_dtype';
    const dtype = this.config.text(key, 'float32').replace(/^torch\./, '');
    return this.parameters * (BYTES[dtype] ?? 4);
  }
}
