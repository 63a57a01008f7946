/** The algebra in which ONNX operators are written: our operators, folded where their operands are constant. */
import type { Attributes, Dim, ElementType, TensorType } from '../graph.ts';
import type { GraphBuilder } from '../graph-builder.ts';
import { findOperator } from '../operators/index.ts';
import { elementCount } from '../../tensor/host-tensor.ts';
import type { DataType, Values } from './data-types.ts';
import { dataType } from './data-types.ts';
import { canFold, fold, isCheap } from './fold.ts';
import { hostTensor, once } from './tensor-proto.ts';
import type { Constant, Value } from './value.ts';
import { constant, isConstant, need, SMALL, sizeOf, typeLike } from './value.ts';

/** Constants folded from constants so often are computed by the machine instead. */
const MAX_DEPTH = 64;

/** NumPy's limit. */
const MAX_RANK = 64;

export class Tensors {
  private readonly builder: GraphBuilder;
  private readonly reserved: ReadonlySet<string>;
  private readonly weights = new Map<Constant, string>();
  private readonly scalars = new Map<string, Value>();
  private readonly named = new Map<string, number>();
  private owner = '';
  private part = '';

  /** `reserved` are the names of the model's own tensors, which no other tensor may take. */
  constructor(builder: GraphBuilder, reserved: ReadonlySet<string>) {
    this.builder = builder;
    this.reserved = reserved;
  }

  /** From now on nodes are named after this one and belong to this part of the model. */
  within(owner: string, part: string): void {
    this.owner = owner;
    this.part = part;
  }

  /** Declares an input of the graph under a reserved name. */
  input(tensor: string, type: DataType, shape: readonly number[]): Value {
    this.builder.input(tensor, type.dtype, shape);
    return { type, shape, source: { kind: 'computed', tensor } };
  }

  /** One number, of the type that `like` has. */
  scalar(value: number, like: DataType = dataType('float32')): Value {
    const key = `${like.name} ${Object.is(value, -0) ? '-0' : value}`;
    const known = this.scalars.get(key);
    if (known) return known;
    const made = constant(`value_${value}`, like, [], () => Float64Array.of(value));
    this.scalars.set(key, made);
    return made;
  }

  /** Numbers that are known while converting. */
  list(
    values: readonly number[],
    type: DataType,
    shape: readonly number[] = [values.length],
  ): Value {
    const data = Float64Array.from(values);
    return constant(`${this.owner}/constant`, type, shape, () => data);
  }

  /** A tensor of one value, written once and broadcast. */
  full(shape: readonly number[], value: number, like: DataType): Value {
    return this.expand(this.scalar(value, like), shape);
  }

  /** The operator on these operands; attributes must be complete. */
  op(
    op: string,
    operands: readonly (Value | undefined)[],
    attributes: Attributes = {},
    type?: DataType,
  ): Value {
    return this.ops(op, operands, attributes, type)[0];
  }

  /** All outputs of the operator. */
  ops(
    op: string,
    operands: readonly (Value | undefined)[],
    attributes: Attributes = {},
    type?: DataType,
  ): readonly Value[] {
    const present = operands.filter((value) => value !== undefined);
    const folded = this.folded(op, present, attributes, type);
    if (folded) return [folded];
    const inputs = operands.map((value) => (value ? this.tensorOf(value) : ''));
    const options = { name: this.unique(`${this.owner}/${op}`), part: this.part };
    const outputs = this.builder.addAll(op, inputs, attributes, options);
    return outputs.map((tensor) => this.result(tensor, present, type));
  }

  /** The name that a value has in the graph; declares a constant when it is first needed. */
  tensorOf({ type, shape, source }: Value): string {
    if (source.kind === 'computed') return source.tensor;
    const known = this.weights.get(source);
    if (known !== undefined) return known;
    const name = this.unique(source.name);
    const read = once(() => hostTensor(type, shape, source.read(), source.name));
    // Integers must fit 32 bits: found out now, not in the middle of a run.
    if (type.dtype === 'i32') read();
    this.builder.weight({ name, dtype: type.dtype, shape, read });
    this.weights.set(source, name);
    return name;
  }

  /** The name that a value has in the graph already, if it has one. */
  declared({ source }: Value): string | undefined {
    return source.kind === 'computed' ? source.tensor : this.weights.get(source);
  }

  /** The same value as a tensor of its own, which no other value shares. */
  copy(value: Value): Value {
    if (isConstant(value)) return { ...value, source: { ...value.source } };
    const options = { name: this.unique(`${this.owner}/copy`), part: this.part };
    const tensor = this.builder.add(
      'reshape',
      [value.source.tensor],
      { shape: value.shape },
      options,
    );
    return { ...value, source: { kind: 'computed', tensor } };
  }

  reshape(x: Value, shape: readonly number[]): Value {
    need(shape.length <= MAX_RANK, `a tensor of ${shape.length} dimensions`, `at most ${MAX_RANK}`);
    return sameShape(x.shape, shape) ? x : this.op('reshape', [x], { shape });
  }

  transpose(x: Value, perm: readonly number[]): Value {
    const same = perm.length === x.shape.length && perm.every((axis, i) => axis === i);
    return same ? x : this.op('transpose', [x], { perm });
  }

  expand(x: Value, shape: readonly number[]): Value {
    need(shape.length <= MAX_RANK, `a tensor of ${shape.length} dimensions`, `at most ${MAX_RANK}`);
    return sameShape(x.shape, shape) ? x : this.op('expand', [x], { shape });
  }

  /** `count` elements of one axis from `start`, `step` apart. */
  slice(x: Value, axis: number, start: number, count: number, step = 1): Value {
    if (start === 0 && step === 1 && count === x.shape[axis]) return x;
    return this.op('slice', [x], {
      starts: x.shape.map((_, i) => (i === axis ? start : 0)),
      counts: x.shape.map((size, i) => (i === axis ? count : size)),
      steps: x.shape.map((_, i) => (i === axis ? step : 1)),
    });
  }

  /** Tensors without elements are left out. */
  concat(parts: readonly Value[], axis: number): Value {
    const filled = parts.filter((part) => sizeOf(part) > 0);
    if (filled.length > 1) return this.op('concat', filled, { axis });
    const length = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
    return filled[0] ?? this.list([], parts[0].type, parts[0].shape.with(axis, length));
  }

  cast(x: Value, type: DataType): Value {
    if (x.type.dtype === type.dtype) return { ...x, type };
    return this.op('cast', [x], { to: type.dtype }, type);
  }

  private folded(
    op: string,
    operands: readonly Value[],
    attributes: Attributes,
    type?: DataType,
  ): Value | undefined {
    if (!operands.every(isConstant) || !canFold(op, operands.length)) return undefined;
    const [found] = findOperator(op)!.infer(
      operands.map(typeOf),
      attributes,
    ) as readonly StaticType[];
    const size = elementCount(found.shape);
    const total = operands.reduce((sum, each) => sum + sizeOf(each), 0);
    const depth = 1 + operands.reduce((most, { source }) => Math.max(most, source.depth), 0);
    const small = size <= SMALL && total <= SMALL;
    if (!small && !(isCheap(op) && size <= Math.max(total, SMALL) && depth <= MAX_DEPTH)) {
      return undefined;
    }
    const read = once((): Values => {
      const known = operands.map(({ shape, source }) => ({ shape, values: source.read() }));
      return fold(op, known, attributes, found)!;
    });
    if (small) read();
    const name = `${this.owner}/${op}`;
    return constant(
      name,
      type ?? typeLike(found.dtype, operands),
      found.shape,
      read,
      small ? 0 : depth,
    );
  }

  /** What a node gives; nothing is as good as known, and is. */
  private result(tensor: string, operands: readonly Value[], type?: DataType): Value {
    const { dtype, shape } = this.builder.typeOf(tensor) as StaticType;
    const found = type ?? typeLike(dtype, operands);
    if (shape.includes(0)) return constant(tensor, found, shape, () => new Float64Array(0));
    return { type: found, shape, source: { kind: 'computed', tensor } };
  }

  /** A name that no tensor has yet, made from one that may be taken. */
  private unique(wanted: string): string {
    const count = this.named.get(wanted) ?? 0;
    this.named.set(wanted, count + 1);
    const free = count === 0 && !this.reserved.has(wanted);
    return free ? wanted : this.unique(`${wanted}_${count + 1}`);
  }
}

interface StaticType {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

const typeOf = ({ type, shape }: Value): TensorType => ({ dtype: type.dtype, shape });

function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}
