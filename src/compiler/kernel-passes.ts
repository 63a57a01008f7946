/** The passes that work on kernels: tile, schedule, allocate. */
import type { CompileOptions, PassReport } from './options.ts';
import type { Kernel } from './kernel/kernel.ts';
import type { AllocatedKernel, KernelRoutine } from './kernels.ts';
import type { Module } from './module.ts';
import type { AllocationOptions } from './passes/allocate.ts';
import { allocate } from './passes/allocate.ts';
import { checkKernel } from './passes/check.ts';
import { lowerStep } from './passes/lower.ts';
import { schedule } from './passes/schedule.ts';
import { printKernels } from './print.ts';

export interface Kernels {
  readonly routines: readonly KernelRoutine<AllocatedKernel>[];
  /** Memory of single kernels: key → elements. */
  readonly scratch: ReadonlyMap<string, number>;
  /** Slots that spilled tiles take, of the kernel that has most. */
  readonly spilled: number;
}

/** The kernels of all steps, scheduled and with registers; each is checked after each pass. */
export function makeKernels(module: Module, options: CompileOptions, report: PassReport): Kernels {
  const { routines, scratch } = tile(module);
  const checked = (kernels: readonly Kernel[]) => {
    kernels.forEach(checkKernel);
    return () => printKernels(kernels);
  };
  report('tile', checked(flat(routines)));
  const settings = {
    tile: module.tile,
    rotate: module.level === 2,
    ...(options.registers !== undefined && { registers: options.registers }),
  };
  const reorder = (kernel: Kernel) => scheduleWithin(kernel, settings);
  const scheduled = module.level < 2 ? routines : mapKernels(routines, reorder);
  report('schedule', checked(flat(scheduled)));
  const allocated = mapKernels(scheduled, (kernel) => allocate(kernel, settings));
  const found = flat(allocated);
  found.forEach(({ kernel }) => checkKernel(kernel));
  report('allocate', () => {
    const registers = new Map(found.flatMap((one) => [...one.registers]));
    return printKernels(
      found.map(({ kernel }) => kernel),
      registers,
    );
  });
  const spilled = Math.max(0, ...found.map((one) => one.spilled));
  return { routines: allocated, scratch, spilled };
}

/** What hides loads must not pay for it with more of them: where tiles would spill, less is hidden. */
function scheduleWithin(kernel: Kernel, settings: AllocationOptions): Kernel {
  const spills = (one: Kernel) => allocate(one, settings).spilled;
  const all = schedule(kernel);
  if (spills(all) === 0) return all;
  const innermost = schedule(kernel, true);
  return spills(innermost) < spills(all) ? innermost : all;
}

function tile(module: Module) {
  const scratch = new Map<string, number>();
  const keep = (key: string, elements: number) => void scratch.set(key, elements);
  const routines = module.routines.map((routine): KernelRoutine<Kernel> => {
    const sections = routine.sections.map(({ name, count, steps }) => {
      const kernels = steps.map((step) => lowerStep(module, routine, step, keep));
      return { name, count, kernels };
    });
    return { name: routine.name, sections };
  });
  return { routines, scratch };
}

function flat<T>(routines: readonly KernelRoutine<T>[]): readonly T[] {
  return routines.flatMap(({ sections }) => sections.flatMap(({ kernels }) => kernels));
}

function mapKernels<T, U>(
  routines: readonly KernelRoutine<T>[],
  change: (kernel: T) => U,
): readonly KernelRoutine<U>[] {
  return routines.map(({ name, sections }) => ({
    name,
    sections: sections.map((section) => ({ ...section, kernels: section.kernels.map(change) })),
  }));
}
