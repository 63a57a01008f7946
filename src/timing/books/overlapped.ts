/**
 * The books of the overlapped machine (UA-20, UA-22, UA-24 to UA-29). Each hazard is a number here:
 * the cycle it holds until. While an instruction waits all hazards but one only end, and the charges
 * of a wait are a stair of causes. The other is the write port: its turn comes and goes, and cuts
 * short what ranks behind it.
 */
import { REGISTER_COUNT, isTileRegister } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER, unitCounts } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import { MemoryWaits } from './memory-waits.ts';
import { WritePorts } from './ports.ts';
import { Progress } from './progress.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';

const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE, waw: WAW, war: WAR } = CAUSE_NUMBER;
const PORT = CAUSE_NUMBER['structural.port'];
const MXU = UNIT_NUMBER.mxu;
const STRUCTURAL_OF = Int32Array.from(STRUCTURAL);

/**
 * Runs to the end of the steps or to the limit. One flat loop, with all it knows of registers and
 * units in local tables: what costs little must not be a call.
 */
export function runOverlapped(
  machine: Machine,
  feed: Feed,
  sums: Sums,
  limit: number,
): TimingResult {
  const { forwarding } = machine.pipeline;
  const { accumulatorForwarding } = machine.mxu;
  const { sources } = feed.variants.table;
  const { address, segment } = feed.block;
  const { byPc, bySegment, nobodys } = sums;
  const ports = new WritePorts(machine.pipeline.writePorts);
  const waits = new MemoryWaits(machine, feed.variants, ports, sums);
  const { memory } = waits;
  const progress = new Progress(feed, sums, limit);
  // Of each register: when its latest result is there (UA-21), whose WB is when, where it was made,
  // whether inside the array (UA-16), and until when the old value is read.
  const ready = new Float64Array(REGISTER_COUNT);
  const writtenAt = new Float64Array(REGISTER_COUNT);
  const madeOn = new Uint8Array(REGISTER_COUNT);
  const chains = new Uint8Array(REGISTER_COUNT);
  const readUntil = new Float64Array(REGISTER_COUNT);
  // Of each kind of unit: how many; and when each of them opens.
  const unitCount = Int32Array.from(unitCounts(machine));
  const mostUnits = Math.max(...unitCount);
  const openAt = new Float64Array(UNITS.length * mostUnits);
  let [fetched, issued, isLate, isOver] = [0, NONE, false, false];
  let [cycles, instructions, pc, part] = [0, 0, 0, 0];
  while (fetched < limit) {
    const count = feed.next();
    if (count === 0) {
      isOver = true;
      break;
    }
    const { columns } = feed.variants;
    const { retired, laterPass, access, accumulates, writes, from, to, executeCycles } = columns;
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
      const unit = columns.unit[variant];
      const target = writes[variant];
      const work = access[variant];
      const execute = executeCycles[variant];
      const sum = accumulates[variant];
      let chained =
        sum >= 0 && unit === MXU && chains[sum] === 1 && cycle < ready[sum] ? sum : NONE;
      const last = to[variant];
      let raw = cycle; // UA-22
      for (let k = from[variant]; k < last; k++) {
        const register = sources[k];
        if (ready[register] > raw && register !== chained) raw = ready[register];
      }
      if (cycle < raw) {
        const waited = (raw < limit ? raw : limit) - cycle;
        if (waited > 0) {
          byPc[row + RAW] += waited;
          bySegment[partRow + RAW] += waited;
        }
        cycle = raw;
        if (chained >= 0 && cycle >= ready[chained]) chained = NONE;
      }
      if (work >= 0) memory.prepare(work, address[i]);
      for (;;) {
        if (target >= 0 && chained < 0) {
          const free = writtenAt[target] - 1;
          if (cycle < free) {
            sums.charge(pc, part, WAW, cycle, free); // UA-24
            cycle = free;
          }
          if (cycle < readUntil[target]) {
            sums.charge(pc, part, WAR, cycle, readUntil[target]); // UA-25
            cycle = readUntil[target];
          }
        }
        if (work >= 0) {
          cycle = waits.until(variant, address[i], cycle, part);
          break;
        }
        // UA-26; a chain ends at the latest when its sum is ready, and everything may be different
        const first = unit * mostUnits;
        let opens = openAt[first];
        if (chained >= 0) opens = Math.min(openAt[first + madeOn[chained]], ready[chained]);
        else {
          for (let at = first + 1; at < first + unitCount[unit]; at++) {
            if (openAt[at] < opens) opens = openAt[at];
          }
        }
        if (cycle < opens) {
          sums.charge(pc, part, STRUCTURAL_OF[unit], cycle, opens);
          cycle = opens;
        }
        if (target >= 0 && ports.isFull(cycle + execute + 1)) {
          sums.charge(pc, part, PORT, cycle, cycle + 1); // UA-27
          cycle++;
        } else if (chained < 0 || cycle < ready[chained]) break;
        if (chained >= 0 && cycle >= ready[chained]) chained = NONE;
      }
      const executed = cycle + execute;
      let written = executed + 1;
      let result = executed;
      let occupancy = columns.occupancyCycles[variant];
      let read = cycle + columns.readCycles[variant];
      if (work >= 0) {
        waits.request(variant, address[i], cycle);
        written = memory.doneCycle;
        result = written;
        occupancy = memory.occupancyCycles;
        read = cycle + occupancy;
      } else {
        let index = 0;
        if (chained >= 0) index = madeOn[chained];
        else while (openAt[unit * mostUnits + index] > cycle) index++;
        openAt[unit * mostUnits + index] = cycle + occupancy;
        if (target >= 0) madeOn[target] = index;
      }
      for (let k = from[variant]; k < last; k++) {
        const register = sources[k];
        if (read > readUntil[register] && isTileRegister(register)) readUntil[register] = read;
      }
      if (target >= 0) {
        ready[target] = forwarding ? result : written + 1; // UA-21
        writtenAt[target] = written;
        chains[target] = unit === MXU && accumulatorForwarding ? 1 : 0;
        ports.add(written, cycle);
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
