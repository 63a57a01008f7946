/** What programs read from outside: included texts and tensors. */
import type { DataType } from '../program/program.ts';
import { isIntegerFormat } from '../tensor/formats.ts';
import type { HostTensor, Range as Bounds } from '../tensor/host-tensor.ts';
import { elementCount, sliceTensor } from '../tensor/host-tensor.ts';
import type { Argument, CallNode, Expression, ListNode, Range } from './ast.ts';
import { expectText, plainArguments } from './arguments.ts';
import type { Evaluator } from './expressions.ts';
import { countOf, fail } from './mistakes.ts';
import type { SourceText } from './source.ts';
import { fileText, folderOf, joinPath } from './source.ts';

/** Numbers before they are stored: int32 for the integer types, float32 for all others. */
export type Values = Float32Array | Int32Array;

/** What the values are for. */
export interface Target {
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
}

/**
 * The outside world. Paths are relative to the folder of the main file. Both methods throw an Error
 * with a message, and optionally a `hint`, which become a diagnostic where the path is written.
 */
export interface AssemblerHost {
  readText(path: string): string;
  /** The whole tensor, or the part in the half-open ranges, one for each leading dimension. */
  readTensor(
    path: string,
    name: string | undefined,
    slice: readonly (readonly [number, number])[] | undefined,
  ): HostTensor;
}

/** The result of a call to the host; its error becomes a mistake. */
function ask<T>(action: () => T, source: SourceText, range: Range): T {
  try {
    return action();
  } catch (error) {
    const { message, hint } = error as { message?: unknown; hint?: unknown };
    const text = typeof message === 'string' && message !== '' ? message : String(error);
    return fail('bad-file', source, range, text, typeof hint === 'string' ? hint : undefined);
  }
}

/** Opens included files, each text once. */
export class IncludeReader {
  private readonly host: AssemblerHost;
  private readonly mainFolder: string;
  private readonly texts: Map<string, string>;

  /** `texts` gains every file that is read, by the name that is shown to people. */
  constructor(host: AssemblerHost, mainFile: string, texts: Map<string, string>) {
    this.host = host;
    this.mainFolder = folderOf(mainFile);
    this.texts = texts;
  }

  open(argument: Argument, source: SourceText): SourceText {
    const path = joinPath(source.folder, expectText(argument, source));
    const file = joinPath(this.mainFolder, path);
    const text =
      this.texts.get(file) ?? ask(() => this.host.readText(path), source, argument.value);
    this.texts.set(file, text);
    return fileText(file, folderOf(path), text);
  }
}

/** Whether two shapes are equal when dimensions of 1 are left out. */
function sameButOnes(a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [a, b].map((shape) => shape.filter((n) => n !== 1));
  return left!.length === right!.length && left!.every((n, i) => n === right![i]);
}

/** Reads `file("path", "tensor")[a:b, c:d]`. */
export class TensorReader {
  private readonly host: AssemblerHost;
  private readonly evaluator: Evaluator;

  constructor(host: AssemblerHost, evaluator: Evaluator) {
    this.host = host;
    this.evaluator = evaluator;
  }

  /** The values of a file as numbers for the target's type, exactly; throws Mistake. */
  read(node: CallNode, target: Target, source: SourceText): Values {
    const { slice } = node;
    const [pathNode, nameNode] = plainArguments({ ...node, slice: undefined }, source, 1, 2);
    const text = (value: Expression) => expectText({ value, assigned: undefined }, source);
    const path = joinPath(source.folder, text(pathNode!));
    const name = nameNode && text(nameNode);
    const known = slice && this.knownBounds(slice, source);
    const whole = ask(() => this.host.readTensor(path, name, known), source, pathNode!);
    const tensor = slice && !known ? this.cut(whole, slice, source) : whole;
    if (!sameButOnes(tensor.shape, target.shape)) {
      const shown = tensor.shape.join('×') || 'a single number';
      const message = `the file holds ${shown}, but ${target.name} is ${target.shape.join('×')}`;
      const turned = sameButOnes([...tensor.shape].reverse(), target.shape);
      fail('bad-shape', source, node, message, turned ? 'transpose(…) turns it over' : undefined);
    }
    return convert(tensor, target, node, source);
  }

  /** The ranges of a slice that says both ends of each, so that no more need be read. */
  private knownBounds(slice: ListNode, source: SourceText): Bounds[] | undefined {
    if (!slice.items.every((item) => item.kind === 'bounds' && item.from && item.to)) {
      return undefined;
    }
    const ranges = slice.items.map((item) => this.bounds(item, undefined, source));
    return ranges.some(([from]) => from < 0) ? undefined : ranges;
  }

  private cut(tensor: HostTensor, slice: ListNode, source: SourceText): HostTensor {
    const extra = slice.items[tensor.shape.length];
    if (extra) {
      const message = `the tensor has ${countOf(tensor.shape.length, 'dimension')}`;
      fail('extra-operand', source, extra, message);
    }
    const ranges = tensor.shape.map((size, axis): Bounds => {
      const item = slice.items[axis];
      return item ? this.bounds(item, size, source) : [0, size];
    });
    return sliceTensor(tensor, ranges);
  }

  /** The range of one dimension; ends below 0 count from the end, as in NumPy. */
  private bounds(item: Expression, size: number | undefined, source: SourceText): Bounds {
    const value = (node: Expression | undefined, absent: number) => {
      if (!node) return absent;
      const n = this.evaluator.integer(node, source);
      return n < 0 && size !== undefined ? n + size : n;
    };
    const single = item.kind === 'bounds' ? undefined : value(item, 0);
    const from = item.kind === 'bounds' ? value(item.from, 0) : single!;
    const to = item.kind === 'bounds' ? value(item.to, size ?? Infinity) : single! + 1;
    if (size === undefined || (from >= 0 && from < to && to <= size)) return [from, to];
    return fail('bad-shape', source, item, `${from}:${to} is not a part of a dimension of ${size}`);
  }
}

function convert(tensor: HostTensor, target: Target, node: CallNode, source: SourceText): Values {
  const { data, dtype } = tensor;
  const isInteger = isIntegerFormat(target.dtype);
  if (isInteger === (dtype === 'i32')) return data.slice();
  const convertible = isInteger ? Int32Array.from(data) : Float32Array.from(data);
  const wrong = data.findIndex((value: number, i: number) => convertible[i] !== value);
  if (wrong < 0 && convertible.length === elementCount(target.shape)) return convertible;
  const [from, to] = isInteger ? ['f32', 'an int32'] : ['i32', 'a float32'];
  const message = `the file is ${from}, and its element ${wrong}, ${data[wrong]}, is not exactly ${to}`;
  return fail('not-an-integer', source, node, message);
}
