/** Sensitivity: what the run would take if one thing of the machine were better. */
import type { LaneUnit, Machine, MatrixUnit } from '../machine/machine.ts';
import { findPreset } from '../machine/presets.ts';
import { validateMachine } from '../machine/read.ts';
import type { Change } from './measure.ts';

/** One row of the table; the first is the machine as it is. */
export interface SensitivityRow {
  readonly change: string;
  readonly cycles: number;
  /** cycles − those of the machine as it is: below 0 is faster. */
  readonly difference: number;
}

export interface Variant extends Change {
  /** `half the DRAM latency`. */
  readonly change: string;
}

/** As many stations and entries as a machine file can have. */
const LARGEST_WINDOW = 4096;
const CACHE_FACTOR = 4;

/** Each gives the changed machine, or nothing where the change does not apply. */
const CHANGES: Readonly<Record<string, (machine: Machine) => Machine | undefined>> = {
  'half the DRAM latency': halveLatency,
  'double the bandwidth': doubleBandwidth,
  'one more mxu': (machine) => addUnit(machine, 'mxu', machine.mxu),
  'one more vec': (machine) => addUnit(machine, 'vec', machine.vec),
  forwarding: forward,
  'an overlapped pipeline': overlap,
  'renamed registers': rename,
  'an unlimited window': widenWindow,
  'a data cache': addCache,
  'a data cache 4 times as large': enlargeCache,
};

/** The changes that apply to a machine, each alone; machines that could not exist are left out. */
export function variantsOf(machine: Machine): Variant[] {
  const variants = Object.entries(CHANGES).flatMap(([change, apply]): Variant[] => {
    const changed = apply(machine);
    return changed && validateMachine(changed).machine ? [{ change, machine: changed }] : [];
  });
  const lifted: Change['lifted'] = (cause) => cause === 'control';
  return [...variants, { change: 'perfect branch prediction', machine, lifted }];
}

function halveLatency(machine: Machine): Machine | undefined {
  const { latencyCycles } = machine.memory;
  if (latencyCycles < 2) return undefined;
  const memory = { ...machine.memory, latencyCycles: Math.floor(latencyCycles / 2) };
  return { ...machine, memory };
}

/** A burst takes a cycle at least (UA-40), so a bus that wide carries bursts of twice the size. */
function doubleBandwidth(machine: Machine): Machine {
  const { bytesPerCycle, burstBytes } = machine.memory;
  const longer = burstBytes <= bytesPerCycle ? { burstBytes: burstBytes * 2 } : {};
  return { ...machine, memory: { ...machine.memory, ...longer, bytesPerCycle: bytesPerCycle * 2 } };
}

/** On a blocking machine EX holds one instruction, however many units there are (UA-20). */
function addUnit(machine: Machine, unit: 'mxu' | 'vec', now: MatrixUnit | LaneUnit) {
  if (machine.pipeline.execution === 'blocking') return undefined;
  return { ...machine, [unit]: { ...now, count: now.count + 1 } };
}

/** A scoreboard reads operands from registers only (UA-51). */
function forward(machine: Machine): Machine | undefined {
  const { forwarding, execution } = machine.pipeline;
  if (forwarding || execution === 'scoreboard') return undefined;
  return { ...machine, pipeline: { ...machine.pipeline, forwarding: true } };
}

function overlap(machine: Machine): Machine | undefined {
  if (machine.pipeline.execution !== 'blocking') return undefined;
  return { ...machine, pipeline: { ...machine.pipeline, execution: 'overlapped' } };
}

/** The narrow renaming pipeline, with what this machine has of units, memory and prediction. */
function rename(machine: Machine): Machine | undefined {
  const { execution, branch, branchTableEntries, microOperations } = machine.pipeline;
  if (execution === 'tomasulo') return undefined;
  const { pipeline } = findPreset('tomasulo1')!;
  return {
    ...machine,
    pipeline: { ...pipeline, branch, branchTableEntries, microOperations },
  };
}

function widenWindow(machine: Machine): Machine | undefined {
  if (machine.pipeline.execution !== 'tomasulo') return undefined;
  const window = { stations: LARGEST_WINDOW, reorderBufferEntries: LARGEST_WINDOW };
  return { ...machine, pipeline: { ...machine.pipeline, ...window } };
}

function addCache(machine: Machine): Machine | undefined {
  return machine.cache ? undefined : { ...machine, cache: findPreset('cached')!.cache };
}

function enlargeCache(machine: Machine): Machine | undefined {
  const { cache } = machine;
  return (
    (cache && { ...machine, cache: { ...cache, sizeBytes: cache.sizeBytes * CACHE_FACTOR } }) ??
    undefined
  );
}
