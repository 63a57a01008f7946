/** The fast kernels against the plain loops, on a row, on the usual tile and on the largest. */
import type { ElementFormat } from '../../src/tensor/formats.ts';
import type { Kernels } from '../../src/tensor/kernels/kernels.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import type { Row } from './rows.ts';
import { duration } from './rows.ts';
import { placed, random, requireSame } from './tiles.ts';

type Shape = readonly [rows: number, cols: number];
const SHAPES: readonly Shape[] = [
  [1, 16],
  [16, 16],
  [256, 256],
];
const MEASURED_SHORT = SHAPES[1];

interface Kernel {
  readonly run: (kernels: Kernels, out: Tile, operands: readonly Tile[]) => unknown;
  /** Operands beside the first, which has the shape of the result. */
  readonly others?: (rows: number, cols: number) => readonly Tile[];
  readonly first?: (rows: number, cols: number) => Tile;
  /** A third of what is typical of 16×16. */
  readonly limit: number;
}

type Unary = 'relu' | 'sqrt' | 'trunc' | 'exp' | 'sigmoid' | 'tanh' | 'rsqrt' | 'log' | 'erf' | 'silu' | 'geluErf' | 'geluTanh' | 'transpose' | 'rowSum' | 'rowMax'; // prettier-ignore

const unary = (name: Unary, limit: number): Kernel => ({
  run: (kernels, out, [s]) => {
    kernels[name](out, s!);
  },
  limit,
});

const binary = (name: 'add' | 'less' | 'pow', limit: number): Kernel => ({
  run: (kernels, out, [a, b]) => {
    kernels[name](out, a!, b!);
  },
  others: (rows, cols) => [random(rows, cols, 2)],
  limit,
});

const rope = (isPair: boolean, limit: number): Kernel => ({
  run: (kernels, out, [s, cos, sin]) => {
    kernels.rope(out, s!, cos!, sin!, isPair);
  },
  others: (rows, cols) => [random(rows, cols / 2, 2), random(rows, cols / 2, 3)],
  limit,
});

/** Integers from −127 to 127. */
function int8(rows: number, cols: number): Tile {
  const tile = random(rows, cols, 4);
  for (let i = 0; i < tile.data.length; i++) tile.data[i] = ((i * 37) % 255) - 127;
  return tile;
}

const KERNELS: Readonly<Record<string, Kernel>> = {
  ADD: binary('add', 5),
  LESS: binary('less', 5),
  POW: binary('pow', 2),
  RELU: unary('relu', 2),
  SQRT: unary('sqrt', 2),
  TRUNC: unary('trunc', 2),
  EXP: unary('exp', 8),
  SIGMOID: unary('sigmoid', 2),
  TANH: unary('tanh', 2),
  RSQRT: unary('rsqrt', 2),
  LOG: unary('log', 2),
  ERF: unary('erf', 2),
  SILU: unary('silu', 2),
  'GELU.ERF': unary('geluErf', 2),
  'GELU.TANH': unary('geluTanh', 2),
  TRANSPOSE: unary('transpose', 2),
  ROWSUM: unary('rowSum', 4),
  ROWMAX: unary('rowMax', 1.2),
  SOFTMAX: {
    run: (kernels, out, [s]) => {
      kernels.softmax(out, s!, 0.25, 0);
    },
    limit: 3,
  },
  ROPE: rope(false, 4),
  'ROPE.PAIR': rope(true, 4),
  SELECT: {
    run: (kernels, out, [c, a, b]) => {
      kernels.select(out, c!, a!, b!);
    },
    others: (rows, cols) => [random(rows, cols, 2), random(rows, cols, 3)],
    limit: 4,
  },
  'MATMUL.I8': {
    run: (kernels, out, [a, b]) => kernels.matmulInt8(out, a!, b!, false, undefined),
    first: int8,
    others: (_, cols) => [int8(cols, cols)],
    limit: 10,
  },
  QUANT: {
    run: (kernels, out, [s, scale]) => {
      kernels.quant(out, s!, scale!);
    },
    others: (rows) => [random(rows, 1, 2)],
    limit: 2,
  },
  DEQUANT: {
    run: (kernels, out, [s, rowScale, colScale]) => {
      kernels.dequant(out, s!, rowScale!, colScale!);
    },
    others: (rows, cols) => [random(rows, 1, 2), random(1, cols, 3)],
    limit: 3,
  },
};

function rowOf(
  name: string,
  shape: Shape,
  { run, first = randomFirst, others, limit }: Kernel,
): Row {
  const contents = [first(...shape), ...(others?.(...shape) ?? [])];
  const [mine, plain] = [false, true].map((isPlain) => placed(shape[1], contents, isPlain)) as [Placed, Placed]; // prettier-ignore
  const call =
    ({ kernels, out, operands }: Placed) =>
    () =>
      void run(kernels, out, operands);
  for (const side of [mine, plain]) call(side)();
  requireSame(mine.out, plain.out);
  return {
    name: `${name} ${shape.join('×')}`,
    mine: call(mine),
    other: { name: 'the plain loop', side: call(plain) },
    figure: duration,
    ...(shape === MEASURED_SHORT ? { limit } : {}),
  };
}

type Placed = ReturnType<typeof placed>;

const randomFirst = (rows: number, cols: number): Tile => random(rows, cols, 1);

/** Every fast kernel on every shape, with the plain loop. */
export function* kernelRows(): Generator<Row> {
  for (const [name, kernel] of Object.entries(KERNELS)) {
    for (const shape of SHAPES) yield rowOf(name, shape, kernel);
  }
}

/** Formats, with a third of what is typical of LOAD and of STORE. */
const FORMATS: Readonly<Record<ElementFormat, readonly [load: number, store: number]>> = {
  f32: [3, 3],
  i32: [5, 5],
  f16: [4, 3],
  bf16: [5, 5],
  i8: [5, 4],
};

/** LOAD and STORE in every format. */
export function* transferRows(): Generator<Row> {
  for (const [name, limits] of Object.entries(FORMATS)) {
    const format = name as ElementFormat;
    for (const [direction, limit] of [
      ['LOAD', limits[0]],
      ['STORE', limits[1]],
    ] as const) {
      // prettier-ignore
      for (const shape of SHAPES) {
        const [mine, plain] = [false, true].map((isPlain) => mover(format, direction, shape, isPlain)) as [() => void, () => void]; // prettier-ignore
        yield {
          name: `${direction} ${format} ${shape.join('×')}`,
          mine,
          other: { name: 'the plain loop', side: plain },
          figure: duration,
          ...(shape === MEASURED_SHORT ? { limit } : {}),
        };
      }
    }
  }
}

/** Moves rows of a tile to or from memory, where the numbers of the tile were stored first. */
function mover(
  format: ElementFormat,
  direction: 'LOAD' | 'STORE',
  [rows, cols]: Shape,
  isPlain: boolean,
): () => void {
  // prettier-ignore
  const MEMORY_AT = 64;
  const { transfers, out, operands } = placed(cols, [random(rows, cols, 1)], isPlain);
  const { load, store } = transfers[format];
  const step = cols * 4;
  store(MEMORY_AT, step, operands[0]!.address, rows, cols);
  return direction === 'LOAD'
    ? () => {
        load(out.address, MEMORY_AT, step, rows, cols);
      }
    : () => {
        store(MEMORY_AT, step, operands[0]!.address, rows, cols);
      };
}
