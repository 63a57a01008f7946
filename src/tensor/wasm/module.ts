/** The module of all fast kernels: emitted and compiled once, at the first use. */

import { copyRowsFunction } from './copy.ts';
import { ELEMENTWISE_FUNCTIONS } from './elementwise.ts';
import type { BinaryName, Repeated } from './elementwise.ts';
import { MEMORY_IMPORT, encodeModule } from './encoder.ts';
import type { WasmMemory, WasmModule } from './host.ts';
import { MAX_PAGES, PAGE_BYTES, WASM } from './host.ts';
import { matmulFunction } from './matmul.ts';
import { normLayerFunction, normRmsFunction } from './norm.ts';
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
  ...ROW_FUNCTIONS,
  ...ELEMENTWISE_FUNCTIONS,
];

type Numeric = (...parameters: readonly number[]) => void;

/** The exported functions; each says its parameters where it is defined. */
export type WasmKernels = Readonly<
  Record<
    | 'matmul'
    | 'transpose'
    | 'copyRows'
    | 'softmax'
    | 'normLayer'
    | 'normRms'
    | 'rowSum'
    | 'rowMax'
    | 'exp'
    | 'relu'
    | 'sqrt'
    | `${BinaryName}${Repeated}`,
    Numeric
  >
>;

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
