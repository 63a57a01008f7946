/** Random layered models: a stack of equal layers with weights of their own, between two ends. */
import fc from 'fast-check';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import type { Attributes, Graph } from '../../src/model/graph.ts';
import { uniform01 } from '../../src/tensor/random.ts';
import type { Inputs } from './compile-graph.ts';

/** What a layer may do with its rows × width; each adds to the stream, or replaces it. */
const BLOCKS = ['feedForward', 'attention', 'norm', 'pointwise', 'reshape', 'softmax'] as const;
type Block = (typeof BLOCKS)[number];

/** All that a random model is made of. Choices that differ from block to block come from the seed. */
export interface Recipe {
  readonly seed: number;
  readonly tile: number;
  readonly rows: number;
  readonly heads: number;
  readonly keyHeads: number;
  /** Of one head; even, for rotary positions. */
  readonly headWidth: number;
  readonly hidden: number;
  readonly layers: number;
  readonly blocks: readonly Block[];
  /** Weights that all layers have in common. */
  readonly shared: boolean;
}

/** Sizes that divide nothing, and tiles of 4 so that small models have many. */
export const recipes: fc.Arbitrary<Recipe> = fc
  .record({
    seed: fc.nat(1_000_000),
    tile: fc.constantFrom(4, 4, 16),
    rows: fc.integer({ min: 1, max: 13 }),
    group: fc.integer({ min: 1, max: 3 }),
    keyHeads: fc.integer({ min: 1, max: 2 }),
    half: fc.integer({ min: 1, max: 4 }),
    hidden: fc.integer({ min: 1, max: 25 }),
    layers: fc.integer({ min: 1, max: 4 }),
    blocks: fc.array(fc.constantFrom(...BLOCKS), { minLength: 1, maxLength: 3 }),
    shared: fc.boolean(),
  })
  .map(({ group, half, ...rest }) => ({
    ...rest,
    heads: group * rest.keyHeads,
    headWidth: 2 * half,
  }));

/** The model of a recipe: input `x`, output `y`. */
export function graphOf(recipe: Recipe): Graph {
  return new ModelWriter(recipe).write();
}

/** Inputs between −1 and 1. */
export function inputsOf({ seed, ...recipe }: Recipe): Inputs {
  const width = recipe.heads * recipe.headWidth;
  return new Map([['x', values(seed + 1, recipe.rows * width, 1)]]);
}

/** Evenly between −magnitude and magnitude, as float32. */
export function values(seed: number, count: number, magnitude: number): readonly number[] {
  return Array.from({ length: count }, (_, i) =>
    Math.fround((2 * uniform01(seed, i) - 1) * magnitude),
  );
}

class ModelWriter {
  private readonly graph = new GraphBuilder('random');
  private readonly recipe: Recipe;
  private readonly width: number;
  private layer = 0;
  private block = 0;
  private count = 0;

  constructor(recipe: Recipe) {
    this.recipe = recipe;
    this.width = recipe.heads * recipe.headWidth;
  }

  write(): Graph {
    const { rows, layers, blocks } = this.recipe;
    const { graph, width } = this;
    const x = graph.input('x', 'f32', [rows, width]);
    const embedding = graph.constant(
      'embedding',
      'f32',
      [width, width],
      this.weights(width, width, 7),
    );
    let stream = graph.add('linear', [x, embedding], {}, { name: 'embed', part: 'embed' });
    for (this.layer = 0; this.layer < layers; this.layer++) {
      for (const [i, block] of blocks.entries()) {
        this.block = i;
        this.count = 0;
        stream = this[block](stream);
      }
    }
    return graph.finish([graph.add('tanh', [stream], {}, { name: 'y', part: 'end' })]);
  }

  /** One bit of choice, the same in every layer. */
  private choose(about: number): boolean {
    return uniform01(this.recipe.seed, 100 + 10 * this.block + about) < 0.5;
  }

  private add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const part = `layer ${this.layer}/${this.block}`;
    const name = `${part}/${op} ${this.count++}`;
    return this.graph.add(op, inputs, attributes, { name, part });
  }

  /** Small enough that a product is no larger than its operand. */
  private weights(inner: number, out: number, about: number): readonly number[] {
    const seed = this.recipe.seed + 1000 * (this.layer + 1) + 100 * this.block + about;
    return values(seed, inner * out, 1 / inner);
  }

  private weight(word: string, shape: readonly number[], inner: number): string {
    const isShared = this.recipe.shared && word === 'gain';
    const owner = isShared ? 'all' : `layers.${this.layer}`;
    const name = `${owner}.${this.block}.${word}${this.count}`;
    if (this.graph.has(name)) return name;
    const data = this.weights(inner, shape.reduce((n, dim) => n * dim, 1) / inner, this.count);
    return this.graph.constant(name, 'f32', shape, data);
  }

  private linear(x: string, inner: number, out: number, about: number): string {
    const transposed = this.choose(about);
    const w = this.weight('w', transposed ? [out, inner] : [inner, out], inner);
    const bias = this.choose(about + 1) ? [this.weight('b', [out], 1)] : [];
    return this.add('linear', [x, w, ...bias], { transposed });
  }

  private norm(x: string): string {
    const gain = this.weight('gain', [this.width], 1);
    // A large eps keeps rows that are almost constant from being blown up, and rounding with them.
    if (this.choose(0)) return this.add('rms_norm', [x, gain], { eps: 0.1 });
    const bias = this.choose(1) ? [this.weight('bias', [this.width], 1)] : [];
    return this.add('layer_norm', [x, gain, ...bias], { eps: 0.1 });
  }

  private feedForward(x: string): string {
    const { hidden } = this.recipe;
    const up = this.linear(this.choose(4) ? this.norm(x) : x, this.width, hidden, 0);
    const active = this.add(this.choose(2) ? 'gelu' : 'relu', [up]);
    return this.add('add', [x, this.linear(active, hidden, this.width, 1)]);
  }

  private attention(x: string): string {
    const { heads, keyHeads, headWidth } = this.recipe;
    const keys = keyHeads * headWidth;
    const from = this.choose(6) ? this.norm(x) : x;
    let q = this.linear(from, this.width, this.width, 0);
    let k = this.linear(from, this.width, keys, 1);
    const v = this.linear(from, this.width, keys, 2);
    if (this.choose(4)) [q, k] = [this.turn(q, heads), this.turn(k, keyHeads)];
    const attributes = { heads, kv_heads: keyHeads, scale: 0.5, causal: this.choose(5) };
    const mixed = this.add('attention', [q, k, v], attributes);
    return this.add('add', [this.linear(mixed, this.width, this.width, 3), x]);
  }

  /** The tables need not be of an angle: turning is linear in them. */
  private turn(x: string, heads: number): string {
    const { rows, headWidth, seed } = this.recipe;
    const shape = [rows, headWidth / 2];
    const table = (name: string, about: number) =>
      this.graph.has(name)
        ? name
        : this.graph.constant(name, 'f32', shape, values(seed + about, (rows * headWidth) / 2, 1));
    return this.add('rope', [x, table('cos', 1), table('sin', 2)], { heads });
  }

  private pointwise(x: string): string {
    const scaled = this.add('mul', [x, this.weight('gain', [this.width], 1)]);
    const other = this.choose(0) ? this.weight('shift', [this.width], 1) : x;
    const sum = this.add(this.choose(1) ? 'add' : 'sub', [other, scaled]);
    return this.choose(2) ? this.add('tanh', [sum]) : sum;
  }

  /** There and back: through one long row, or through the transpose. */
  private reshape(x: string): string {
    const { rows } = this.recipe;
    if (this.choose(0)) {
      const row = this.add('reshape', [x], { shape: [1, rows * this.width] });
      const active = this.add('silu', [row]);
      return this.add('reshape', [active], { shape: [rows, this.width] });
    }
    const turned = this.add('transpose', [x], { perm: [1, 0] });
    return this.add('transpose', [this.add('tanh', [turned])], { perm: [1, 0] });
  }

  private softmax(x: string): string {
    const shares = this.add('softmax', [x]);
    return this.choose(0) ? this.add('add', [x, shares]) : shares;
  }
}
