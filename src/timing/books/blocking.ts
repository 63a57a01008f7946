/**
 * The books of the blocking pipeline (UA-20, UA-22, UA-23). Each hazard is a number here: the cycle
 * it holds until. While an instruction waits nothing else happens, so hazards only end, and the
 * charges of a wait are a stair of causes.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import { Memory } from './memory.ts';
import { Progress } from './progress.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';

const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE } = CAUSE_NUMBER;
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
const MXU = UNIT_NUMBER.mxu;
const STRUCTURAL_OF = Int32Array.from(STRUCTURAL);

/**
 * Runs to the end of the steps or to the limit. One flat loop: what it knows of the two
 * instructions in EX and MEM is in local numbers, and a charge is a number added to a table, which
 * costs a fraction of what objects and calls cost.
 */
export function runBlocking(machine: Machine, feed: Feed, sums: Sums, limit: number): TimingResult {
  const { forwarding } = machine.pipeline;
  const { accumulatorForwarding } = machine.mxu;
  const { table } = feed.variants;
  const { sources } = table;
  const { address, segment } = feed.block;
  const { byPc, bySegment, nobodys } = sums;
  const memory = new Memory(machine, feed.variants.works);
  const progress = new Progress(feed, sums, limit);
  const ready = new Float64Array(REGISTER_COUNT);
  const chains = new Uint8Array(REGISTER_COUNT); // UA-16: written by a product
  let [fetched, issued, isLate, isOver] = [0, NONE, false, false];
  let [cycles, instructions, pc, part] = [0, 0, 0, 0];
  // Of the instruction issued last: its unit, when its executeCycles are over, its MEM and WB.
  let [unit, executed, mem, written] = [0, 0, 0, 0];
  // Of the latest access, and of the latest before the last instruction: see UA-46.
  let [transfer, phase, transferBefore, phaseBefore] = [0, 0, 0, 0];
  while (fetched < limit) {
    const count = feed.next();
    if (count === 0) {
      isOver = true;
      break;
    }
    const { columns } = feed.variants;
    const { retired, laterPass, access, accumulates, writes } = columns;
    let i = 0;
    let variant = feed.variant[0];
    while (fetched < limit) {
      pc = columns.pc[variant];
      part = segment[i];
      const row = pc * CAUSE_COUNT;
      const partRow = part * CAUSE_COUNT;
      const decoded = fetched + 1 > issued ? fetched + 1 : issued; // UA-3
      const gap = (decoded < limit ? decoded + 1 : limit) - (issued + 1);
      if (gap > 0) {
        if (isLate) {
          byPc[row + CONTROL] += gap; // UA-31
          bySegment[partRow + CONTROL] += gap;
        } else nobodys[FILL] += gap;
      }
      let cycle = decoded + 1;
      const sum = accumulates[variant];
      const isProduct = columns.unit[variant] === MXU;
      const isChained = sum >= 0 && isProduct && chains[sum] === 1 && cycle < ready[sum];
      const exempt = isChained ? sum : NONE;
      let raw = cycle; // UA-22
      for (let k = columns.from[variant]; k < columns.to[variant]; k++) {
        const register = sources[k];
        if (ready[register] > raw && register !== exempt) raw = ready[register];
      }
      if (cycle < raw) {
        const waited = (raw < limit ? raw : limit) - cycle;
        if (waited > 0) {
          byPc[row + RAW] += waited;
          bySegment[partRow + RAW] += waited;
        }
        cycle = raw;
      }
      if (cycle < mem) {
        // UA-23: the one in EX executes, then it waits for the access in MEM
        const busy = executed > cycle ? executed : cycle;
        const end = transferBefore < mem ? transferBefore : mem;
        const waits = end > busy ? end : busy;
        sums.charge(pc, part, STRUCTURAL_OF[unit], cycle, busy);
        if (busy < mem) {
          sums.charge(pc, part, phaseBefore, busy, waits);
          sums.charge(pc, part, BANDWIDTH, waits, mem);
        }
        cycle = mem;
      }
      unit = columns.unit[variant];
      executed = cycle + columns.executeCycles[variant];
      mem = executed > written ? executed : written; // UA-20
      written = mem + 1;
      let occupancy = columns.occupancyCycles[variant];
      transferBefore = transfer;
      phaseBefore = phase;
      const work = access[variant];
      if (work >= 0) {
        memory.prepare(work, address[i]);
        memory.request(mem);
        written = memory.doneCycle;
        occupancy = memory.occupancyCycles;
        transfer = memory.transferCycle;
        phase = memory.phase;
      }
      const target = writes[variant];
      if (target >= 0) {
        const result = work >= 0 ? written : executed;
        ready[target] = forwarding ? result : written + 1; // UA-21
        chains[target] = unit === MXU && accumulatorForwarding ? 1 : 0;
      }
      instructions++;
      if (written >= cycles) cycles = written + 1;
      if (written + 1 < limit) retired[variant]++;
      else progress.noteAtLimit(variant, written + 1);
      if (cycle < limit) {
        byPc[row + ISSUE]++;
        bySegment[partRow + ISSUE]++;
        sums.occupy(unit, cycle, occupancy);
      }
      issued = cycle;
      const later = laterPass[variant];
      isLate = later < 0 && feed.isWaitedFor[i] === 1;
      fetched = isLate ? executed : decoded; // UA-5, UA-6
      variant = later;
      if (later >= 0) continue;
      if (++i === count) break;
      variant = feed.variant[i];
    }
    isOver = i === count && feed.isLast;
  }
  const resolved = isLate ? fetched : 0;
  return progress.finish({
    pc,
    segment: part,
    issued,
    resolved,
    instructions,
    cycles,
    isOver,
  });
}
