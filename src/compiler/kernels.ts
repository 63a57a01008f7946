/** The kernels of a module, in the order of its sections. */
import type { Kernel, TileValue } from './kernel/kernel.ts';

/** Kernels, and what comes to them, in the order of the module's sections. */
export interface KernelRoutine<T> {
  readonly name: string;
  readonly sections: readonly KernelSection<T>[];
}

export interface KernelSection<T> {
  readonly name: string;
  /** How often it is repeated; see Section. */
  readonly count: number;
  readonly kernels: readonly T[];
}

/** A kernel and the register of each of its tiles. */
export interface AllocatedKernel {
  readonly kernel: Kernel;
  readonly registers: ReadonlyMap<TileValue, number>;
}
