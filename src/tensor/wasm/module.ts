/** The module of all fast kernels: emitted and compiled once, at the first use. */

import type { ActivationName } from './activations.ts';
import { ACTIVATION_FUNCTIONS } from './activations.ts';
import type { ConversionName } from './convert.ts';
import { CONVERSION_FUNCTIONS } from './convert.ts';
import { copyRowsFunction } from './copy.ts';
import type { RowwiseName, UnaryName } from './elementwise.ts';
import { ELEMENTWISE_FUNCTIONS } from './elementwise.ts';
import { MEMORY_IMPORT, encodeModule } from './encoder.ts';
import type { WasmMemory, WasmModule } from './host.ts';
import { MAX_PAGES, PAGE_BYTES, WASM } from './host.ts';
import { addInt32Function, hasNotInt8Function, toInt32Function } from './int8.ts';
import { matmulFunction } from './matmul.ts';
import { normLayerFunction, normRmsFunction } from './norm.ts';
import { ropeFunction, ropePairsFunction } from './rope.ts';
import { ROW_FUNCTIONS } from './rows.ts';
import { softmaxFunction } from './softmax.ts';
import { transposeFunction } from './transpose.ts';

const FUNCTIONS = [
  matmulFunction,
  transposeFunction,
  copyRowsFunction,
  softmaxFunction,
  normLayerFunction,
  normRmsFunction,
  ropeFunction,
  ropePairsFunction,
  toInt32Function,
  hasNotInt8Function,
  addInt32Function,
  ...ROW_FUNCTIONS,
  ...ELEMENTWISE_FUNCTIONS,
  ...ACTIVATION_FUNCTIONS,
  ...CONVERSION_FUNCTIONS,
];

type Numeric = (...parameters: readonly number[]) => void;

type Asking = (...parameters: readonly number[]) => number;

/** The exported functions; each says its parameters where it is defined. */
export type WasmKernels = Readonly<
  Record<
    | 'matmul'
    | 'transpose'
    | 'copyRows'
    | 'softmax'
    | 'normLayer'
    | 'normRms'
    | 'rope'
    | 'ropePairs'
    | 'toInt32'
    | 'rowSum'
    | 'rowMax'
    | UnaryName
    | ActivationName
    | RowwiseName
    | ConversionName,
    Numeric
  >
> &
  Readonly<Record<'hasNotInt8' | 'addInt32', Asking>>;

/** A memory of its own, and the kernels that work in it. */
export interface WasmSpace {
  readonly buffer: ArrayBuffer;
  readonly kernels: WasmKernels;
}

/** Undefined until the first use, null where the host does not want it. */
let compiled: WasmModule | null | undefined;

/**
 * A zeroed memory of at least `bytes` bytes and the kernels over it; undefined when the host has no SIMD, forbids
 * code made at run time, or has no room. The memory never grows, so views of it stay valid.
 */
export function createSpace(bytes: number): WasmSpace | undefined {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (!WASM || pages > MAX_PAGES) return undefined;
  compiled ??= attempt(() => new WASM!.Module(encodeModule(FUNCTIONS)));
  if (!compiled) return undefined;
  const memory = attempt(() => new WASM!.Memory({ initial: pages, maximum: pages }));
  return memory ? { buffer: memory.buffer, kernels: instantiate(compiled, memory) } : undefined;
}

function instantiate(module: WasmModule, memory: WasmMemory): WasmKernels {
  const imports = { [MEMORY_IMPORT.module]: { [MEMORY_IMPORT.name]: memory } };
  return new WASM!.Instance(module, imports).exports as WasmKernels;
}

/** Null when the host refuses. */
function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
