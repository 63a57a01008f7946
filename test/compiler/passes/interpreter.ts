/** Kernels executed as they stand, in plain JavaScript: what emission and its passes are held against. */
import type { Affine, Size, Variable } from '../../../src/compiler/kernel/affine.ts';
import type {
  Item,
  Kernel,
  Operation,
  Place,
  TileValue,
} from '../../../src/compiler/kernel/kernel.ts';
import { accumulates } from '../../../src/compiler/kernel/kernel.ts';
import type { Buffers } from '../../support/random-kernel.ts';

export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
}

/**
 * Executes a kernel on these buffers, in place. With `registers`, tiles that share a register share
 * its content, so that whatever is overwritten too early shows as a wrong result.
 */
export function interpret(
  kernel: Kernel,
  buffers: Buffers,
  registers?: ReadonlyMap<TileValue, number>,
): void {
  new Interpreter(buffers, registers).run(kernel.body);
}

class Interpreter {
  private readonly buffers: Buffers;
  private readonly registers: ReadonlyMap<TileValue, number> | undefined;
  private readonly tiles = new Map<TileValue | number, Matrix>();
  private readonly integers = new Map<Variable, number>();

  constructor(buffers: Buffers, registers: ReadonlyMap<TileValue, number> | undefined) {
    this.buffers = buffers;
    this.registers = registers;
  }

  run(items: readonly Item[]): void {
    for (const item of items) {
      if (item.kind === 'operation') {
        this.execute(item);
        continue;
      }
      const { index, step, tail, body } = item;
      const extent = this.size(item.extent);
      for (let at = 0; at < extent; at += step) {
        this.integers.set(index, at);
        if (tail) this.integers.set(tail, Math.min(step, extent - at));
        this.run(body);
      }
    }
  }

  private execute(operation: Operation): void {
    const { operands, definition } = operation;
    if (definition.writesScalar) {
      const { rd } = operands;
      if (rd?.kind === 'scalar') this.integers.set(rd.variable, this.integerOf(operation));
      return;
    }
    if (!definition.writesTile) {
      this.store(operation);
      return;
    }
    const { td } = operands;
    if (td?.kind === 'tile') this.tiles.set(this.slot(td.tile), this.tileOf(operation));
  }

  private integerOf(operation: Operation): number {
    const integer = (name: string) => this.integer(operation, name);
    switch (operation.definition.mnemonic) {
      case 'LI':
        return integer('value');
      case 'ILOAD': {
        const { elements, at } = this.locate(this.place(operation));
        return elements[at]!;
      }
      case 'IADD':
        return integer('ra') + integer('b');
      case 'ISUB':
        return integer('ra') - integer('b');
      case 'IMUL':
        return integer('ra') * integer('b');
      case 'IMIN':
        return Math.min(integer('ra'), integer('b'));
      case 'IMAX':
        return Math.max(integer('ra'), integer('b'));
    }
    throw new Error(`the interpreter does not know ${operation.definition.mnemonic}`);
  }

  private tileOf(operation: Operation): Matrix {
    const tile = (name: string) => this.tile(operation, name);
    const integer = (name: string) => this.integer(operation, name);
    switch (operation.definition.mnemonic) {
      case 'LOAD': {
        const { elements, at } = this.locate(this.place(operation));
        const stride = integer('stride') / 4;
        return matrix(integer('rows'), integer('cols'), (i, j) => elements[at + i * stride + j]!);
      }
      case 'FILL': {
        const { value } = operation.operands;
        const number = value?.kind === 'number' ? value.value : NaN;
        return matrix(integer('rows'), integer('cols'), () => number);
      }
      case 'COPY':
        return tile('ts');
      case 'ADD':
        return combine(tile('ta'), tile('tb'), (a, b) => a + b);
      case 'SUB':
        return combine(tile('ta'), tile('tb'), (a, b) => a - b);
      case 'MUL':
        return combine(tile('ta'), tile('tb'), (a, b) => a * b);
      case 'MATMUL': {
        const before = accumulates(operation) ? tile('td') : undefined;
        return product(tile('ta'), tile('tb'), operation.flags.includes('T'), before);
      }
    }
    throw new Error(`the interpreter does not know ${operation.definition.mnemonic}`);
  }

  private store(operation: Operation): void {
    const { rows, cols, data } = this.tile(operation, 'ts');
    const { elements, at } = this.locate(this.place(operation));
    const stride = this.integer(operation, 'stride') / 4;
    for (let i = 0; i < rows; i++) {
      elements.set(data.subarray(i * cols, (i + 1) * cols), at + i * stride);
    }
  }

  private slot(tile: TileValue): TileValue | number {
    return this.registers ? this.registers.get(tile)! : tile;
  }

  private tile({ operands }: Operation, name: string): Matrix {
    const argument = operands[name];
    const found = argument?.kind === 'tile' && this.tiles.get(this.slot(argument.tile));
    if (found) return found;
    throw new Error(`nothing has written ${name}`);
  }

  private integer({ operands }: Operation, name: string): number {
    const argument = operands[name];
    if (argument?.kind === 'integer') return this.size(argument.value);
    if (argument?.kind === 'scalar') return this.size(argument.variable);
    throw new Error(`${name} is no integer`);
  }

  private size(size: Size): number {
    const value = typeof size === 'number' ? size : this.integers.get(size);
    if (value === undefined) throw new Error('an integer is used before it has a value');
    return value;
  }

  private place({ operands }: Operation): Place {
    const { addr } = operands;
    if (addr?.kind === 'place') return addr.place;
    throw new Error('there is no address');
  }

  private locate({ buffer, offset }: Place): {
    readonly elements: Float32Array;
    readonly at: number;
  } {
    return { elements: this.buffers.get(buffer)!, at: this.value(offset) / 4 };
  }

  private value({ constant, terms }: Affine): number {
    return terms.reduce((sum, t) => sum + t.coefficient * this.size(t.variable), constant);
  }
}

function matrix(rows: number, cols: number, at: (i: number, j: number) => number): Matrix {
  const data = Float32Array.from({ length: rows * cols }, (_, n) => at(Math.floor(n / cols), n % cols)); // prettier-ignore
  return { rows, cols, data };
}

function combine(a: Matrix, b: Matrix, f: (x: number, y: number) => number): Matrix {
  return matrix(a.rows, a.cols, (i, j) => f(a.data[i * a.cols + j]!, b.data[i * b.cols + j]!));
}

/** In ascending k, each product and each sum rounded to float32. */
function product(a: Matrix, b: Matrix, transposed: boolean, before: Matrix | undefined): Matrix {
  const cols = transposed ? b.rows : b.cols;
  return matrix(a.rows, cols, (i, j) => {
    let sum = before ? before.data[i * cols + j]! : 0;
    for (let k = 0; k < a.cols; k++) {
      const right = b.data[transposed ? j * b.cols + k : k * b.cols + j]!;
      sum = Math.fround(sum + Math.fround(a.data[i * a.cols + k]! * right));
    }
    return sum;
  });
}
