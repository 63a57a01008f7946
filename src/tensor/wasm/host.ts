/** The part of WebAssembly's JavaScript interface that is used here; a host may lack it. */

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WasmInstance {
  readonly exports: unknown;
}

/** A compiled module; it means nothing but to `Instance`. */
export interface WasmModule {
  readonly compiled?: never;
}

interface WasmHost {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule;
  readonly Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: unknown) => WasmInstance;
}

/** Undefined where the host has no WebAssembly. */
export const WASM = (globalThis as { WebAssembly?: WasmHost }).WebAssembly;

/** The unit in which memories are measured. */
export const PAGE_BYTES = 65536;
export const MAX_PAGES = 65536;
