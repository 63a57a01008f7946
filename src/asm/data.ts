/** Initialisers: the values that a data line or an expectation writes behind its `=`. */
import type { ElementFormat, StoredArray } from '../tensor/formats.ts';
import { FORMATS, isIntegerFormat } from '../tensor/formats.ts';
import { elementCount } from '../tensor/host-tensor.ts';
import { fillNormal, fillUniform } from '../tensor/random.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { CallNode, Expression, ListNode } from './ast.ts';
import { rangeOf } from './ast.ts';
import type { Evaluator } from './expressions.ts';
import { plainArguments } from './arguments.ts';
import type { Target, TensorReader, Values } from './files.ts';
import type { InitFunction } from './functions.ts';
import { INIT_FUNCTIONS } from './functions.ts';
import { countOf, fail } from './mistakes.ts';
import type { SourceText } from './source.ts';

type Maker = (node: CallNode, target: Target, source: SourceText) => Values;

/** Numbers for the target, which are stored in its own type at the end. */
function allocate({ dtype, shape }: Target): Values {
  const count = elementCount(shape);
  return isIntegerFormat(dtype) ? new Int32Array(count) : new Float32Array(count);
}

/** Whether a format has room for a number, if it is a float format after rounding. */
function isInRange(value: number, format: ElementFormat): boolean {
  const { decode, encode } = FORMATS[format];
  if (!Number.isFinite(value)) return true;
  const stored = encode(value);
  return isIntegerFormat(format) ? stored === value : Number.isFinite(decode(stored));
}

/** Computes initial values. Every method throws Mistake. */
export class InitReader {
  private readonly evaluator: Evaluator;
  private readonly files: TensorReader;

  constructor(evaluator: Evaluator, files: TensorReader) {
    this.evaluator = evaluator;
    this.files = files;
  }

  private readonly makers: Readonly<Record<InitFunction, Maker>> = {
    zeros: (node, target, source) => this.constant(node, target, source, 0),
    ones: (node, target, source) => this.constant(node, target, source, 1),
    full: (node, target, source) => this.full(node, target, source),
    identity: (node, target, source) => this.identity(node, target, source),
    range: (node, target, source) => this.range(node, target, source),
    normal: (node, target, source) => this.random(node, target, source, fillNormal),
    uniform: (node, target, source) => this.random(node, target, source, fillUniform),
    file: (node, target, source) => this.files.read(node, target, source),
    transpose: (node, target, source) => this.transpose(node, target, source),
  };

  /** As many values as the target's shape has elements, row-major, rounded to its type as STORE does. */
  read(node: Expression, target: Target, source: SourceText): StoredArray {
    const { dtype } = target;
    const values = this.numbers(node, target, source);
    if (dtype === 'f32' || dtype === 'i32') return values;
    const wrong = values.findIndex((value: number) => !isInRange(value, dtype));
    if (wrong >= 0) this.outOfRange(values[wrong]!, dtype, node, source);
    const stored = FORMATS[dtype].allocate(values.length);
    for (let i = 0; i < stored.length; i++) stored[i] = FORMATS[dtype].encode(values[i]!);
    return stored;
  }

  private outOfRange(value: number, dtype: string, node: Expression, source: SourceText): never {
    return fail('overflow', source, node, `${value} does not fit an ${dtype}`);
  }

  private numbers(node: Expression, target: Target, source: SourceText): Values {
    if (node.kind === 'list') return this.literal(node, target, source);
    if (node.kind !== 'call') {
      const hint = 'write [1, 2, 3] or full(1)';
      return fail('wrong-operand-kind', source, node, 'values are a list or a function', hint);
    }
    if (!Object.hasOwn(this.makers, node.name)) {
      const hint = didYouMean(node.name, INIT_FUNCTIONS);
      fail('unknown-function', source, node, `there is no function ${node.name} of values`, hint);
    }
    return this.makers[node.name as InitFunction](node, target, source);
  }

  /** A number of the target's type. */
  private element(node: Expression, { dtype }: Target, source: SourceText): number {
    const { evaluator } = this;
    const isInteger = isIntegerFormat(dtype);
    const value = isInteger ? evaluator.integer(node, source) : evaluator.float(node, source);
    return isInRange(value, dtype) ? value : this.outOfRange(value, dtype, node, source);
  }

  private literal(list: ListNode, target: Target, source: SourceText): Values {
    const values = allocate(target);
    let filled = 0;
    const fill = (part: ListNode, depth: number): void => {
      const nested = part.items.some((item) => item.kind === 'list');
      const rest = target.shape.slice(depth);
      const expected = nested ? (rest[0] ?? 0) : elementCount(rest);
      if (part.items.length !== expected) {
        const found = countOf(part.items.length, 'entry', 'entries');
        const message = `${found}, but ${expected} are needed for ${rest.join('×')}`;
        fail('element-count', source, part, message);
      }
      for (const item of part.items) {
        if (!nested) values[filled++] = this.element(item, target, source);
        else if (item.kind === 'list') fill(item, depth + 1);
        else fail('bad-shape', source, item, 'rows and single values cannot be mixed');
      }
    };
    fill(list, 0);
    return values;
  }

  private constant(node: CallNode, target: Target, source: SourceText, value: number): Values {
    plainArguments(node, source, 0, 0);
    return allocate(target).fill(value);
  }

  private full(node: CallNode, target: Target, source: SourceText): Values {
    const [value] = plainArguments(node, source, 1, 1);
    return allocate(target).fill(this.element(value!, target, source));
  }

  /** Ones where row and column are equal. */
  private identity(node: CallNode, target: Target, source: SourceText): Values {
    plainArguments(node, source, 0, 0);
    const [rows, cols] = this.matrix(node, target, source);
    const values = allocate(target);
    for (let i = 0; i < Math.min(rows, cols); i++) values[i * cols + i] = 1;
    return values;
  }

  /** Element i is start + i·step, rounded once. */
  private range(node: CallNode, target: Target, source: SourceText): Values {
    const [first, second] = plainArguments(node, source, 2, 2);
    const isInteger = isIntegerFormat(target.dtype);
    const number = (n: Expression) =>
      isInteger ? this.evaluator.integer(n, source) : this.evaluator.number(n, source);
    const [start, step] = [number(first!), number(second!)];
    const values = allocate(target);
    for (let i = 0; i < values.length; i++) values[i] = start + i * step;
    const last = start + (values.length - 1) * step;
    if (isInteger && [start, last].some((value) => !isInRange(value, target.dtype))) {
      const message = `the range from ${start} to ${last} does not fit an ${target.dtype}`;
      fail('overflow', source, node, message);
    }
    return values;
  }

  private random(
    node: CallNode,
    target: Target,
    source: SourceText,
    fill: (data: Float32Array, a: number, b: number, seed: number) => void,
  ): Values {
    if (target.dtype === 'i32') {
      fail(
        'not-an-integer',
        source,
        node,
        `${node.name} gives fractions, and ${target.name} is i32`,
      );
    }
    const seedArgument = node.arguments.find(({ assigned }) => assigned);
    const key = seedArgument?.value;
    if (key && !(key.kind === 'name' && key.name === 'seed')) {
      fail('unknown-key', source, rangeOf(seedArgument), `${node.name} has one key, seed`);
    }
    const plain = { ...node, arguments: node.arguments.filter((a) => a !== seedArgument) };
    const [a, b] = plainArguments(plain, source, 2, 2);
    if (!seedArgument?.assigned) {
      const hint = 'the same seed gives the same values every time';
      return fail('missing-key', source, node, `${node.name} needs seed=`, hint);
    }
    const seed = this.evaluator.integer(seedArgument.assigned, source);
    const values = new Float32Array(elementCount(target.shape));
    fill(values, this.evaluator.number(a!, source), this.evaluator.number(b!, source), seed);
    return target.dtype === 'i8' ? Int32Array.from(values, FORMATS.i8.encode) : values;
  }

  /** `transpose(init)`: init is read as a matrix of the transposed shape. */
  private transpose(node: CallNode, target: Target, source: SourceText): Values {
    const [inner] = plainArguments(node, source, 1, 1);
    const [rows, cols] = this.matrix(node, target, source);
    const turned = this.numbers(inner!, { ...target, shape: [cols, rows] }, source);
    const values = allocate(target);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) values[i * cols + j] = turned[j * rows + i]!;
    }
    return values;
  }

  private matrix(node: CallNode, { name, shape }: Target, source: SourceText) {
    const [rows, cols] = shape;
    if (shape.length === 2) return [rows!, cols!] as const;
    const message = `${node.name} makes a matrix, and ${name} has ${countOf(shape.length, 'dimension')}`;
    return fail('bad-shape', source, node, message);
  }
}
