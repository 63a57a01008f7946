/**
 * The books of the blocking pipeline (UA-20, UA-22, UA-23). Each hazard is a number here: the cycle
 * it holds until. While an instruction waits nothing else happens, so hazards only end, and the
 * charges of a wait are a stair of causes.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, STRUCTURAL, UNIT_NUMBER } from '../event/numbers.ts';
import type { Feed } from './feed.ts';
import { DONE, Memory, OCCUPANCY, TRANSFER } from './memory.ts';
import { Progress } from './progress.ts';
import type { Sums } from './sums.ts';
import { CAUSE_COUNT } from './sums.ts';
import { COST, COSTS, FIELD } from './variants.ts';

const { control: CONTROL, fill: FILL, raw: RAW, issue: ISSUE } = CAUSE_NUMBER;
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
const MXU = UNIT_NUMBER.mxu;
const STRUCTURAL_OF = Int32Array.from(STRUCTURAL);

/** What is known of each register, side by side in one table. */
const READY = 0; // when its latest result is there (UA-21)
const CHAIN = REGISTER_COUNT; // the same, if that result may be summed onto inside the array (UA-16)
const REGISTER_TABLES = 2;

/**
 * Runs to the end of the steps or to the limit. One flat loop: what it knows of the two
 * instructions in EX and MEM is in local numbers, and a charge is a number added to a table, which
 * costs a fraction of what objects and calls cost.
 */
export function runBlocking(machine: Machine, feed: Feed, sums: Sums, limit: number): TimingResult {
  const { forwarding } = machine.pipeline;
  const { accumulatorForwarding } = machine.mxu;
  const { variants, entry } = feed;
  const { stride } = variants;
  const { address } = feed.block;
  const { byPc, current, nobodys } = sums;
  const memory = new Memory(machine, variants.works);
  const { latest } = memory;
  const progress = new Progress(feed, sums, limit);
  const registers = new Float64Array(REGISTER_TABLES * REGISTER_COUNT);
  // Of each kind of unit: when it opens, and how long it was closed.
  const openAt = new Float64Array(UNITS.length);
  const occupied = new Float64Array(UNITS.length);
  let [fetched, issued, isLate, isOver] = [0, NONE, 0, false];
  let [cycles, instructions, row] = [0, 0, 0];
  // Of the instruction issued last: its unit, when its executeCycles are over, its MEM and WB.
  let [unit, executed, mem, written] = [0, 0, 0, 0];
  // Of the latest access, and of the latest before the last instruction: see UA-46.
  let [transfer, phase, transferBefore, phaseBefore] = [0, 0, 0, 0];
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
      const sum = fields[v + FIELD.accumulates];
      const unitBefore = unit;
      unit = fields[v + FIELD.unit];
      const isChained = sum >= 0 && unit === MXU && cycle < registers[CHAIN + sum];
      const chained = isChained ? sum : NONE;
      const sourcesEnd = v + FIELD.firstSource + fields[v + FIELD.sources];
      let raw = cycle; // UA-22
      for (let k = v + FIELD.firstSource; k < sourcesEnd; k++) {
        const ready = registers[READY + fields[k]];
        if (ready > raw && fields[k] !== chained) raw = ready;
      }
      if (cycle < raw) {
        sums.chargeRow(row, RAW, cycle, raw);
        cycle = raw;
      }
      if (cycle < mem) {
        // UA-23: the one in EX executes, then it waits for the access in MEM
        if (cycle < executed) {
          sums.chargeRow(row, STRUCTURAL_OF[unitBefore], cycle, executed);
          cycle = executed;
        }
        if (cycle < transferBefore && cycle < mem) {
          const waits = transferBefore < mem ? transferBefore : mem;
          sums.chargeRow(row, phaseBefore, cycle, waits);
          cycle = waits;
        }
        if (cycle < mem) {
          sums.chargeRow(row, BANDWIDTH, cycle, mem);
          cycle = mem;
        }
      }
      executed = cycle + costs[c + COST.executeCycles];
      mem = executed > written ? executed : written; // UA-20
      written = mem + 1;
      let occupancy = costs[c + COST.occupancyCycles];
      let result = executed;
      transferBefore = transfer;
      phaseBefore = phase;
      const work = fields[v + FIELD.access];
      if (work >= 0) {
        memory.prepare(work, address[i]);
        memory.request(mem);
        written = latest[DONE];
        result = written;
        occupancy = latest[OCCUPANCY];
        transfer = latest[TRANSFER];
        phase = memory.phase;
      }
      const target = fields[v + FIELD.writes];
      if (target >= 0) {
        const ready = forwarding ? result : written + 1; // UA-21
        registers[READY + target] = ready;
        registers[CHAIN + target] = unit === MXU && accumulatorForwarding ? ready : 0;
      }
      instructions++;
      if (written >= cycles) cycles = written + 1;
      if (written + 1 < limit) costs[c + COST.retired]++;
      else progress.noteAtLimit(variant, written + 1);
      if (cycle < limit) {
        byPc[row + ISSUE]++;
        current[ISSUE]++;
        occupied[unit] += occupancy;
        openAt[unit] = (openAt[unit] > cycle ? openAt[unit] : cycle) + occupancy;
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
  // EX holds one instruction, so of each kind one unit is enough.
  sums.occupyAll(occupied, openAt, 1);
  const resolved = isLate === 0 ? 0 : fetched;
  const pc = row / CAUSE_COUNT;
  return progress.finish({ pc, issued, resolved, instructions, cycles, isOver });
}
