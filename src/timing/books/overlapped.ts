/**
 * The books of the overlapped machine (UA-20, UA-22, UA-24 to UA-29). Each hazard is a number here:
 * the cycle it holds until. While an instruction waits all hazards but one only end, and the charges
 * of a wait are a stair of causes. The other is the write port: its turn comes and goes, and cuts
 * short what ranks behind it.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER, unitCounts } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import { MemoryWaits } from './memory-waits.ts';
import { DONE, OCCUPANCY } from './memory.ts';
import { WritePorts } from './ports.ts';
import { Progress } from './progress.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import { COST, COSTS, FIELD } from './variants.ts';

const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE, waw: WAW, war: WAR } = CAUSE_NUMBER;
const PORT = CAUSE_NUMBER['structural.port'];
const { mxu: MXU, dma: DMA } = UNIT_NUMBER;
const STRUCTURAL_OF = Int32Array.from(STRUCTURAL);

/** What is known of each register, side by side in one table: each table costs loads of its own. */
const READY = 0; // when its latest result is there (UA-21)
const CHAIN = REGISTER_COUNT; // the same, if that result may be summed onto inside the array (UA-16)
const WRITTEN = 2 * REGISTER_COUNT; // when it is in WB
const READ = 3 * REGISTER_COUNT; // until when the old value is read
const MADE_ON = 4 * REGISTER_COUNT; // on which unit of its kind
const REGISTER_TABLES = 5;

/**
 * Runs to the end of the steps or to the limit. One flat loop, with what it knows in a few tables
 * and local numbers: what costs little must not be a call.
 */
export function runOverlapped(
  machine: Machine,
  feed: Feed,
  sums: Sums,
  limit: number,
): TimingResult {
  const { forwarding } = machine.pipeline;
  const { accumulatorForwarding } = machine.mxu;
  const { variants, entry } = feed;
  const { stride } = variants;
  const { address } = feed.block;
  const { byPc, current, nobodys } = sums;
  const registers = new Float64Array(REGISTER_TABLES * REGISTER_COUNT);
  // Of each kind of unit: how many; when each of them opens; and, behind that, how long it was closed.
  const unitCount = Int32Array.from(unitCounts(machine));
  const mostUnits = Math.max(...unitCount);
  const occupancyOf = UNITS.length * mostUnits;
  const units = new Float64Array(occupancyOf + UNITS.length);
  const ports = new WritePorts(machine.pipeline.writePorts);
  const waits = new MemoryWaits(machine, variants, ports, sums);
  const { memory } = waits;
  const { latest } = memory;
  const progress = new Progress(feed, sums, limit);
  let [fetched, issued, isLate, isOver] = [0, NONE, 0, false];
  let [cycles, instructions, row] = [0, 0, 0];
  while (fetched < limit) {
    if (!feed.next()) {
      isOver = true;
      break;
    }
    const { fields, costs } = variants;
    const end = feed.to;
    let i = feed.from;
    let variant = entry[i] >> 1;
    while (fetched < limit) {
      const v = variant * stride;
      const c = variant * COSTS;
      row = fields[v + FIELD.pc] * CAUSE_COUNT;
      const decoded = fetched + 1 > issued ? fetched + 1 : issued; // UA-3
      const gap = (decoded < limit ? decoded + 1 : limit) - (issued + 1);
      if (gap > 0) {
        if (isLate === 0) nobodys[FILL] += gap;
        else {
          byPc[row + CONTROL] += gap; // UA-31
          current[CONTROL] += gap;
        }
      }
      let cycle = decoded + 1;
      const unit = fields[v + FIELD.unit];
      const target = fields[v + FIELD.writes];
      const work = fields[v + FIELD.access];
      const sum = fields[v + FIELD.accumulates];
      let chained = NONE;
      if (sum >= 0 && unit === MXU && cycle < registers[CHAIN + sum]) chained = sum;
      const tilesEnd = v + FIELD.firstSource + fields[v + FIELD.tiles];
      const sourcesEnd = v + FIELD.firstSource + fields[v + FIELD.sources];
      let raw = cycle; // UA-22
      for (let k = v + FIELD.firstSource; k < sourcesEnd; k++) {
        const ready = registers[READY + fields[k]];
        if (ready > raw && fields[k] !== chained) raw = ready;
      }
      if (cycle < raw) {
        sums.chargeRow(row, RAW, cycle, raw);
        cycle = raw;
        if (chained >= 0 && cycle >= registers[CHAIN + sum]) chained = NONE;
      }
      for (;;) {
        if (target >= 0 && chained < 0) {
          const free = registers[WRITTEN + target] - 1;
          if (cycle < free) {
            sums.chargeRow(row, WAW, cycle, free); // UA-24
            cycle = free;
          }
          const read = registers[READ + target];
          if (cycle < read) {
            sums.chargeRow(row, WAR, cycle, read); // UA-25
            cycle = read;
          }
        }
        if (work >= 0) {
          memory.prepare(work, address[i]);
          cycle = waits.until(variant, address[i], cycle, row);
          break;
        }
        // UA-26; a chain ends at the latest when its sum is ready, and everything may be different
        const first = unit * mostUnits;
        let opens = units[first];
        if (chained >= 0) {
          opens = Math.min(units[first + registers[MADE_ON + chained]], registers[CHAIN + chained]);
        } else {
          for (let at = first + 1; at < first + unitCount[unit]; at++) {
            if (units[at] < opens) opens = units[at];
          }
        }
        if (cycle < opens) {
          sums.chargeRow(row, STRUCTURAL_OF[unit], cycle, opens);
          cycle = opens;
        }
        if (target >= 0 && ports.isFull(cycle + costs[c + COST.executeCycles] + 1)) {
          sums.chargeRow(row, PORT, cycle, cycle + 1); // UA-27
          cycle++;
        } else if (chained < 0 || cycle < registers[CHAIN + chained]) break;
        if (chained >= 0 && cycle >= registers[CHAIN + chained]) chained = NONE;
      }
      const executed = cycle + costs[c + COST.executeCycles];
      let written = executed + 1;
      let result = executed;
      let occupancy = costs[c + COST.occupancyCycles];
      let read = cycle + costs[c + COST.readCycles];
      if (work >= 0) {
        waits.request(variant, address[i], cycle);
        written = latest[DONE];
        result = written;
        occupancy = latest[OCCUPANCY];
        read = cycle + occupancy;
        if (cycle < limit) units[DMA * mostUnits] = read;
      } else {
        let index = 0;
        if (chained >= 0) index = registers[MADE_ON + chained];
        else while (units[unit * mostUnits + index] > cycle) index++;
        if (cycle < limit) units[unit * mostUnits + index] = cycle + occupancy;
        if (target >= 0) registers[MADE_ON + target] = index;
      }
      for (let k = v + FIELD.firstSource; k < tilesEnd; k++) {
        const place = READ + fields[k];
        if (registers[place] < read) registers[place] = read;
      }
      if (target >= 0) {
        const ready = forwarding ? result : written + 1; // UA-21
        registers[READY + target] = ready;
        registers[CHAIN + target] = unit === MXU && accumulatorForwarding ? ready : 0;
        registers[WRITTEN + target] = written;
        ports.add(written, cycle);
      }
      instructions++;
      if (written >= cycles) cycles = written + 1;
      if (written + 1 < limit) costs[c + COST.retired]++;
      else progress.noteAtLimit(variant, written + 1);
      if (cycle < limit) {
        byPc[row + ISSUE]++;
        current[ISSUE]++;
        units[occupancyOf + unit] += occupancy;
      }
      issued = cycle;
      const later = fields[v + FIELD.laterPass];
      isLate = later < 0 ? entry[i] & 1 : 0;
      fetched = isLate === 0 ? decoded : executed; // UA-5, UA-6
      if (later >= 0) {
        variant = later;
        continue;
      }
      if (++i === end) break;
      variant = entry[i] >> 1;
    }
    isOver = i === end && feed.isLast;
    sums.endSegment(feed.segment);
  }
  sums.occupyAll(units.subarray(occupancyOf), units, mostUnits);
  const resolved = isLate === 0 ? 0 : fetched;
  const pc = row / CAUSE_COUNT;
  return progress.finish({ pc, issued, resolved, instructions, cycles, isOver });
}
