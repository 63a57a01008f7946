/**
 * The books of the blocking pipeline (UA-20, UA-22, UA-23). Each hazard is a number here: the cycle
 * it holds until. While an instruction waits nothing else happens, so hazards only end, and the
 * charges of a wait are a stair of causes.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { MemoryModel } from '../event/memory.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import { Progress } from './progress.ts';
import type { Sums } from './sums.ts';

const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE } = CAUSE_NUMBER;
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];

/**
 * Runs to the end of the stream or to the limit. One flat loop: what it knows of the two
 * instructions in EX and MEM is in local numbers, which costs half of what objects cost.
 */
export function runBlocking(
  machine: Machine,
  stream: Stream,
  sums: Sums,
  limit: number,
): TimingResult {
  const { forwarding } = machine.pipeline;
  const { sources } = stream.table;
  const memory = new MemoryModel(machine);
  const progress = new Progress(stream, sums, limit);
  const ready = new Float64Array(REGISTER_COUNT);
  const chains = new Uint8Array(REGISTER_COUNT); // UA-16: written by a product
  let [fetched, issued, isLate] = [0, NONE, false];
  // Of the instruction issued last: its unit, when its executeCycles are over, its MEM and WB.
  let [unit, executed, mem, written] = [0, 0, 0, 0];
  // Of the latest access, and of the latest before the last instruction: see UA-46.
  let [transfer, phase, transferBefore, phaseBefore] = [0, 0, 0, 0];
  while (fetched < limit && stream.advance()) {
    const { pc, segment, access, accumulates, writes, to } = stream;
    const decoded = fetched + 1 > issued ? fetched + 1 : issued; // UA-3
    if (isLate)
      sums.charge(pc, segment, CONTROL, issued + 1, decoded + 1); // UA-31
    else if (decoded > issued) sums.chargeNobody(FILL, issued + 1, decoded + 1);
    let cycle = decoded + 1;
    const isChained = accumulates >= 0 && chains[accumulates] === 1 && cycle < ready[accumulates];
    const exempt = isChained && stream.unit === UNIT_NUMBER.mxu ? accumulates : NONE;
    let raw = cycle; // UA-22
    for (let k = stream.from; k < to; k++) {
      const register = sources[k];
      if (ready[register] > raw && register !== exempt) raw = ready[register];
    }
    if (cycle < raw) sums.charge(pc, segment, RAW, cycle, raw);
    cycle = raw;
    if (cycle < mem) {
      // UA-23: the one in EX executes, then it waits for the access in MEM
      const busy = executed > cycle ? executed : cycle;
      const waits = Math.max(busy, Math.min(transferBefore, mem));
      sums.charge(pc, segment, STRUCTURAL[unit], cycle, busy);
      sums.charge(pc, segment, phaseBefore, busy, waits);
      sums.charge(pc, segment, BANDWIDTH, waits, mem);
      cycle = mem;
    }
    sums.charge(pc, segment, ISSUE, cycle, cycle + 1);
    unit = stream.unit;
    executed = cycle + stream.executeCycles;
    mem = executed > written ? executed : written; // UA-20
    written = mem + 1;
    let occupancy = stream.occupancyCycles;
    transferBefore = transfer;
    phaseBefore = phase;
    if (access) {
      memory.plan(access);
      memory.request(mem, NONE);
      written = memory.doneCycle;
      occupancy = memory.occupancyCycles;
      transfer = memory.transferCycle;
      phase = memory.phase;
    }
    if (writes >= 0) {
      const result = access ? written : executed;
      ready[writes] = forwarding ? result : written + 1; // UA-21
      chains[writes] = unit === UNIT_NUMBER.mxu && machine.mxu.accumulatorForwarding ? 1 : 0;
    }
    progress.note(cycle, occupancy, written);
    issued = cycle;
    isLate = stream.isWaitedFor;
    fetched = isLate ? executed : decoded; // UA-5, UA-6
  }
  return progress.finish(issued, isLate ? fetched : 0);
}
