/** A large product against native code: a C program where there is a compiler, onnxruntime-node where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packFactor } from '../../src/tensor/packed.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import { makeTile } from '../../src/tensor/tile.ts';
import { CLOCK } from './clock.ts';
import { productModel } from './onnx.ts';
import type { Size } from './products.ts';
import type { Note, Row } from './rows.ts';
import { rateOf } from './rows.ts';
import { random, requireSame } from './tiles.ts';

const SIZE: Size = [128, 768, 3072];
const SOURCE = 'test/bench/native/matmul.c';
const COMPILERS = ['cc', 'gcc', 'clang'];
/** The second set is for processors without AVX2. */
const FLAGS = ['-O3', '-ffp-contract=off', '-Wno-psabi'];
const FLAG_SETS = [['-mavx2', ...FLAGS], FLAGS];
/** Native is about twice as fast, for its vectors are twice as long. */
const LIMIT = 0.2;
const REPEATS = 3;

/** The folder in which onnxruntime-node was installed, when it is not found from here. */
const RUNTIME_FOLDER = 'LASM_ONNXRUNTIME';

/** Compiles the C program into a folder; undefined without a compiler. */
function compile(folder: string): string | undefined {
  const program = join(folder, 'matmul');
  for (const flags of FLAG_SETS) {
    for (const compiler of COMPILERS) {
      const { status } = spawnSync(compiler, [...flags, '-o', program, SOURCE], {
        stdio: 'ignore',
      });
      if (status === 0) return program;
    }
  }
  return undefined;
}

function product() {
  const [m, k, n] = SIZE;
  const [a, b, out] = [random(m, k, 1), random(k, n, 2), makeTile(m, n)];
  const { multiply } = packFactor(b);
  const mine = () => {
    multiply(out, a);
  };
  mine();
  return { a, b, out, mine, name: `MATMUL ${SIZE.join('×')}`, figure: rateOf(2 * m * k * n, 'flop') }; // prettier-ignore
}

/** Rows, or notes on what is missing. */
export function* nativeRows(): Generator<Row | Note> {
  const folder = mkdtempSync(join(tmpdir(), 'lasm-bench-'));
  try {
    yield nativeRow(folder) ?? 'native C: no compiler found';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The C program reads its factors from a file, and says how long a product took; its bits are compared. */
function nativeRow(folder: string): Row | undefined {
  const program = compile(folder);
  if (program === undefined) return undefined;
  const { a, b, out, mine, name, figure } = product();
  const [input, output] = [join(folder, 'input'), join(folder, 'output')];
  writeFileSync(input, Buffer.concat([a.data, b.data].map((data) => Buffer.from(data.buffer))));
  const run = (): number => {
    const sizes = [...SIZE, REPEATS].map(String);
    return Number(execFileSync(program, [input, output, ...sizes], { encoding: 'utf8' }));
  };
  run();
  const result: Tile = { ...out, data: new Float32Array(readFileSync(output).buffer) };
  requireSame(out, result);
  return {
    name,
    mine,
    figure,
    limit: LIMIT,
    other: { name: 'native C', side: { nanoseconds: run } },
  };
}

/** The part of onnxruntime-node that is used here. */
interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: object): Promise<Session>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
}

interface Session {
  run(feeds: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** Undefined where it is not installed. */
function findRuntime(): Runtime | undefined {
  const folders = [process.env[RUNTIME_FOLDER], process.cwd()].filter((path) => path !== undefined);
  for (const folder of folders) {
    try {
      return createRequire(join(folder, 'package.json'))('onnxruntime-node') as Runtime;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** One thread, as here. */
export async function* runtimeRows(): AsyncGenerator<Row | Note> {
  yield await runtimeRow();
}

async function runtimeRow(): Promise<Row | Note> {
  const runtime = findRuntime();
  if (!runtime) return 'onnxruntime-node: not installed';
  const [m, k] = SIZE;
  const { a, b, mine, name, figure } = product();
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = await runtime.InferenceSession.create(productModel(m, b), options);
  const feeds = { a: new runtime.Tensor('float32', a.data, [m, k]) };
  const nanoseconds = async (): Promise<number> => {
    const times: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const start = CLOCK.nanoseconds();
      await session.run(feeds);
      times.push(CLOCK.nanoseconds() - start);
    }
    return Math.min(...times);
  };
  await nanoseconds();
  return { name, mine, figure, other: { name: 'onnxruntime-node', side: { nanoseconds } } };
}
