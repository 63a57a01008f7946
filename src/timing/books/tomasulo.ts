/**
 * The books of Tomasulo's machine (UA-60 to UA-66): from one cycle in which anything happens to the
 * next. What is charged needs no names, only the first cause of each slot that waits.
 */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { UNITS } from '../../../isa/work.ts';
import type { Machine } from '../../machine/machine.ts';
import type { TimingResult } from '../engine.ts';
import { CAUSE_NUMBER, NONE, UNIT_NUMBER, unitCounts } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';
import type { Sums } from './sums.ts';
import { Accesses } from './tomasulo-accesses.ts';
import { AWAITED, COMING, Charges, HELD, NOBODY } from './tomasulo-charges.ts';
import { Ready } from './tomasulo-ready.ts';
import {
  ACCUMULATES,
  BYTES,
  CHAIN,
  COMMITTED,
  DECODED,
  DISPATCHED,
  EXECUTE,
  FLOAT_ROW,
  FOLLOWING,
  FROM,
  HAS_ISSUED,
  MACS,
  MISSING,
  NEVER,
  OCCUPANCY,
  PC,
  PRECEDING,
  PRODUCT,
  READERS,
  ROW,
  Ring,
  SEGMENT,
  TO,
  UNIT,
  UNIT_INDEX,
  WRITES,
  WRITTEN,
} from './tomasulo-ring.ts';

const { drain: DRAIN, issue: ISSUE } = CAUSE_NUMBER;
const { dma: DMA, mxu: MXU } = UNIT_NUMBER;
const add = (a: number, b: number): number => a + b;

/**
 * Runs to the end of the stream or to the limit.
 *
 * One flat loop over plain arrays: a step of it takes some ten nanoseconds, and calls and objects
 * would double that. Nobody is asked again and again: who waits for values sleeps until the last of
 * them is written; who has them is in a list of its kind of unit, which is looked at when a unit is
 * open. Fetch, decode (UA-3, UA-5) and commit (UA-65) are recurrences, so that nothing needs to be
 * looked at when they happen. A cycle goes from the last stage to the first.
 */
export function runTomasulo(
  machine: Machine,
  stream: Stream,
  sums: Sums,
  limit: number,
): TimingResult {
  const { width, reorderBufferEntries, writePorts, stations } = machine.pipeline;
  const { dependencies, forwarding } = machine.pipeline;
  const chains = machine.mxu.accumulatorForwarding && dependencies;
  const toReader = forwarding ? 0 : 1; // from WB to the issue of a reader
  const ring = new Ring(machine);
  const { slots, mask, ints, floats } = ring;
  const { sources } = stream.table;
  const accesses = new Accesses(machine, ring);
  const charges = new Charges(ring, accesses, sums, limit);
  const ready = new Ready(ring, stream.table.maxSources);
  const { list, count, link, shift } = ready;
  const cursor = new Int32Array(UNITS.length);
  /** Slot of the instruction that writes each register last, if it is not in WB, or −1. */
  const writer = new Int32Array(REGISTER_COUNT).fill(NONE);
  // Of each kind: stations in use, and the first cycle in which a unit is open; and of each unit.
  const inUse = new Int32Array(UNITS.length);
  const opensAt = new Float64Array(UNITS.length);
  const units = Int32Array.from(unitCounts(machine));
  const firstUnit = units.map((_, kind) => units.subarray(0, kind).reduce(add, 0));
  const unitOpensAt = new Float64Array(units.reduce(add, 0));
  // On their units, by the cycle in which they are done, the first one last.
  const executing = new Int32Array(slots);
  const doneAt = new Float64Array(slots);
  // Done and waiting for a bus, the oldest last; and those that enter WB in this cycle.
  const queue = new Int32Array(slots);
  const leaving = new Int32Array(slots);
  // All that wait in stations are a ring, in program order, through the row of nobody.
  const nobody = slots << ROW;
  ints[nobody + FOLLOWING] = ints[nobody + PRECEDING] = slots;

  // Numbers of the next instruction to be fetched, to be dispatched, and whose CT is not known.
  let [cycle, fetched, dispatched, known] = [0, 0, 0, 0];
  let [executingCount, queued, leavingCount, nextDone] = [0, 0, 0, NEVER];
  // Kinds of which any is ready, and those of them that all wait for other than a unit, as bits.
  let [readyKinds, blockedKinds, blockedUntil] = [0, 0, NEVER];
  let [committed, latePc] = [0, NONE];
  const atLimit = { macs: 0, bytesRead: 0, bytesWritten: 0 };
  let held = NONE; // the number of the one kept in ID by a hazard in the cycle before
  // Of the instruction fetched last; and when it may be dispatched if no hazard holds.
  let [fetchCycle, decodeCycle, dispatchCycle, mayDispatch] = [0, 0, 0, 0];
  // The branch that fetching waits for (UA-6), and the cycle in which it leaves EX.
  let [waitedSlot, resolved] = [NONE, NEVER];
  // When anything but a result may change something, and what becomes of free slots until then.
  let [nextOther, restNext] = [0, COMING];

  while (cycle < limit) {
    // WB (UA-64): results need a bus, the oldest first; the others enter it when they are done.
    if (cycle >= nextDone) {
      while (executingCount > 0 && doneAt[executingCount - 1] <= cycle) {
        const slot = executing[--executingCount];
        if (ints[(slot << ROW) + WRITES] < 0) {
          leaving[leavingCount++] = slot;
          continue;
        }
        const age = (slot - known) & mask;
        let i = queued++;
        for (; i > 0 && ((queue[i - 1] - known) & mask) < age; i--) queue[i] = queue[i - 1];
        queue[i] = slot;
      }
      for (let bus = 0; bus < writePorts && queued > 0; bus++) {
        leaving[leavingCount++] = queue[--queued];
      }
      nextDone = executingCount > 0 ? doneAt[executingCount - 1] : NEVER;
      if (queued > 0) nextDone = cycle + 1;
      let isQuiet = cycle < nextOther && restNext !== HELD;
      isQuiet &&= toReader === 0 && blockedKinds === 0;
      blockedKinds = 0;
      for (let i = 0; i < leavingCount; i++) {
        const slot = leaving[i];
        const row = slot << ROW;
        floats[(slot << FLOAT_ROW) + WRITTEN] = cycle;
        if (ints[row + UNIT] === DMA) {
          accesses.leave(slot);
          opensAt[DMA] = accesses.opensAt;
          if ((readyKinds & (1 << DMA)) !== 0) isQuiet = false;
        }
        const register = ints[row + WRITES];
        if (register >= 0 && writer[register] === slot) writer[register] = NONE;
        if (toReader === 0 && ints[row + READERS] >= 0) {
          readyKinds |= ready.wake(row + READERS, known);
          isQuiet = false;
        }
      }
      // Commit (UA-65), as soon as WB is known of all that are older.
      while (known < dispatched) {
        const slot = known & mask;
        const at = slot << FLOAT_ROW;
        const written = floats[at + WRITTEN];
        if (written === NEVER) break;
        const before = floats[(((known - width) & mask) << FLOAT_ROW) + COMMITTED] + 1;
        if (written + 1 > committed) committed = written + 1;
        if (before > committed) committed = before;
        floats[at + COMMITTED] = committed;
        known++;
        if (committed + 1 >= limit && latePc < 0) latePc = ints[(slot << ROW) + PC];
        if (committed + 1 > limit) continue;
        const total = committed + 1 < limit ? sums : atLimit;
        total.macs += floats[at + MACS];
        if (floats[at + BYTES] === 0) continue;
        if (ints[(slot << ROW) + WRITES] >= 0) total.bytesRead += floats[at + BYTES];
        else total.bytesWritten += floats[at + BYTES];
      }

      // Nobody waited for this, so all is as it was.
      if (isQuiet && known < dispatched) {
        const next = Math.min(nextDone, nextOther, limit);
        const open = opensAt[DMA] <= cycle ? NEVER : 0;
        charges.settle(next - cycle, width, known, dispatched, open, restNext);
        for (let i = 0; i < leavingCount; i++) inUse[ints[(leaving[i] << ROW) + UNIT]]--;
        leavingCount = 0;
        cycle = next;
        continue;
      }
    }

    // Issue (UA-62): oldest first, until W have issued.
    let issued = 0;
    let openBefore = 0; // accesses before this number found memory open
    if (readyKinds !== 0) {
      if (cycle >= blockedUntil) blockedKinds = 0;
      if (blockedKinds === 0) blockedUntil = NEVER;
      if (opensAt[DMA] <= cycle) openBefore = NEVER;
      let open = 0;
      for (let kinds = readyKinds & ~blockedKinds; kinds !== 0;) {
        const kind = 31 - Math.clz32(kinds);
        if (opensAt[kind] <= cycle) open |= 1 << kind;
        cursor[kind] = kind * slots;
        kinds ^= 1 << kind;
      }
      while (open !== 0 && issued < width) {
        let kind = 31 - Math.clz32(open);
        let slot = list[cursor[kind]];
        for (let kinds = open ^ (1 << kind); kinds !== 0;) {
          const other = 31 - Math.clz32(kinds);
          const candidate = list[cursor[other]];
          kinds ^= 1 << other;
          if (((candidate - known) & mask) > ((slot - known) & mask)) continue;
          kind = other;
          slot = candidate;
        }
        const row = slot << ROW;
        let index = NONE;
        let isBlocked = false;
        if (kind === DMA) {
          isBlocked = !accesses.isFree(slot, cycle);
          const until = accesses.bankReady;
          if (isBlocked && until > cycle && until < blockedUntil) blockedUntil = until;
        } else if (kind === MXU && units[MXU] > 1 && ints[row + PRODUCT] >= 0) {
          const product = ints[row + PRODUCT]; // UA-16
          if (cycle < floats[(product << FLOAT_ROW) + WRITTEN] + toReader) {
            index = ints[(product << ROW) + UNIT_INDEX];
            const until = unitOpensAt[firstUnit[MXU] + index];
            isBlocked = until > cycle;
            if (isBlocked && until < blockedUntil) blockedUntil = until;
          }
        }
        const end = kind * slots;
        if (isBlocked) {
          if (++cursor[kind] < end + count[kind]) continue;
          open ^= 1 << kind;
          blockedKinds |= 1 << kind;
          continue;
        }
        issued++;
        if (ready.remove(kind, cursor[kind]) === 0) readyKinds ^= 1 << kind;
        const following = ints[row + FOLLOWING];
        const preceding = ints[row + PRECEDING];
        ints[(preceding << ROW) + FOLLOWING] = following;
        ints[(following << ROW) + PRECEDING] = preceding;
        ints[row + HAS_ISSUED] = 1;
        sums.charge(ints[row + PC], ints[row + SEGMENT], ISSUE, 0, 1);
        const at = slot << FLOAT_ROW;
        let done = cycle + floats[at + EXECUTE];
        let occupancy = floats[at + OCCUPANCY];
        if (kind === DMA) {
          openBefore = known + ((slot - known) & mask);
          accesses.issue(slot, cycle);
          done = accesses.doneCycle;
          occupancy = accesses.occupancyCycles;
          opensAt[DMA] = accesses.opensAt;
        } else if (units[kind] === 1) {
          ints[row + UNIT_INDEX] = 0;
          opensAt[kind] = cycle + occupancy;
        } else {
          const first = firstUnit[kind];
          if (index < 0) for (index = 0; unitOpensAt[first + index] > cycle;) index++;
          ints[row + UNIT_INDEX] = index;
          unitOpensAt[first + index] = cycle + occupancy;
          let opens = NEVER;
          for (let i = 0; i < units[kind]; i++) opens = Math.min(opens, unitOpensAt[first + i]);
          opensAt[kind] = opens;
        }
        sums.occupy(kind, cycle, occupancy);
        let i = executingCount++;
        for (; i > 0 && doneAt[i - 1] <= done; i--) {
          doneAt[i] = doneAt[i - 1];
          executing[i] = executing[i - 1];
        }
        doneAt[i] = done;
        executing[i] = slot;
        if (done < nextDone) nextDone = done;
        if (slot === waitedSlot) resolved = done;
        if (ints[row + CHAIN] >= 0) readyKinds |= ready.wake(row + CHAIN, known);
        if (opensAt[kind] > cycle || cursor[kind] >= end + count[kind]) open ^= 1 << kind;
      }
    }

    // Dispatch (UA-60), in program order, up to the first that has to wait.
    const oldest = dispatched;
    const heldBefore = held;
    held = NONE;
    for (;;) {
      if (dispatched === fetched) {
        // UA-3, UA-5, UA-6: terms of instructions that do not exist are 0 here.
        if (stream.isOver || (waitedSlot >= 0 && resolved >= limit)) break;
        const before = ((fetched - width) & mask) << FLOAT_ROW;
        if (waitedSlot >= 0) fetchCycle = resolved;
        else if (floats[before + DECODED] > fetchCycle) fetchCycle = floats[before + DECODED];
        if (!stream.advance()) break;
        const slot = fetched++ & mask;
        ring.take(stream, slot, waitedSlot >= 0);
        charges.chargeEarly(slot);
        waitedSlot = stream.isWaitedFor ? slot : NONE;
        resolved = NEVER;
        if (fetchCycle + 1 > decodeCycle) decodeCycle = fetchCycle + 1;
        if (floats[before + DISPATCHED] > decodeCycle) decodeCycle = floats[before + DISPATCHED];
        floats[(slot << FLOAT_ROW) + DECODED] = decodeCycle;
        mayDispatch = decodeCycle + 1;
        if (dispatchCycle > mayDispatch) mayDispatch = dispatchCycle;
      }
      if (mayDispatch > cycle) break;
      const slot = dispatched & mask;
      const row = slot << ROW;
      const kind = ints[row + UNIT];
      const before = dispatched - reorderBufferEntries;
      const isFull = before >= known || floats[((before & mask) << FLOAT_ROW) + COMMITTED] >= cycle;
      if (isFull || inUse[kind] >= stations) {
        held = dispatched;
        break;
      }
      inUse[kind]++;
      const last = ints[nobody + PRECEDING];
      ints[(last << ROW) + FOLLOWING] = ints[nobody + PRECEDING] = slot;
      ints[row + PRECEDING] = last;
      ints[row + FOLLOWING] = slots;
      let missing = 0;
      const from = ints[row + FROM];
      const to = dependencies ? ints[row + TO] : from; // UA-66
      for (let k = from; k < to; k++) {
        const register = sources[k];
        const made = writer[register];
        if (made < 0) continue;
        let head = (made << ROW) + READERS;
        if (chains && register === ints[row + ACCUMULATES] && ints[(made << ROW) + UNIT] === MXU) {
          ints[row + PRODUCT] = made;
          if (ints[(made << ROW) + HAS_ISSUED] === 1) continue;
          head = (made << ROW) + CHAIN;
        }
        const node = (slot << shift) | (k - from);
        link[node] = ints[head];
        ints[head] = node;
        missing++;
      }
      ints[row + MISSING] = missing;
      if (kind === DMA) accesses.enter(slot);
      if (missing === 0) {
        ready.add(slot, kind, known);
        readyKinds |= 1 << kind;
        blockedKinds &= ~(1 << kind);
      }
      const register = ints[row + WRITES];
      if (register >= 0) writer[register] = slot;
      floats[(slot << FLOAT_ROW) + DISPATCHED] = dispatchCycle = cycle;
      dispatched++;
    }

    if (known === fetched && stream.isOver) {
      // All have their CT. What is left of the run nobody waits for.
      const cycles = fetched === 0 ? 0 : committed + 1;
      charges.chargeNobody(DRAIN, width * (Math.min(cycles, limit) - cycle));
      if (cycles > limit) break;
      charges.chargeEarly((fetched - 1) & mask);
      sums.macs += atLimit.macs;
      sums.bytesRead += atLimit.bytesRead;
      sums.bytesWritten += atLimit.bytesWritten;
      return { cycles, instructions: fetched, cutOffAt: undefined };
    }

    // What was in WB lets go of its station, and without forwarding its result is read from now on.
    const isMoving = issued > 0 || dispatched > oldest || (toReader === 1 && leavingCount > 0);
    let rest = COMING;
    if (oldest === held || oldest === heldBefore) rest = HELD;
    else if (oldest === fetched) rest = waitedSlot >= 0 && cycle < resolved ? AWAITED : NOBODY;
    if (isMoving && issued < width) {
      charges.settle(1, width - issued, known, oldest, openBefore, rest);
    }
    for (let i = 0; i < leavingCount; i++) {
      const row = leaving[i] << ROW;
      inUse[ints[row + UNIT]]--;
      if (toReader === 0) continue;
      blockedKinds = 0;
      if (ints[row + READERS] >= 0) readyKinds |= ready.wake(row + READERS, known);
    }
    leavingCount = 0;

    // The next cycle in which anything can happen, and who is charged up to then.
    let next = NEVER;
    for (let kinds = readyKinds; kinds !== 0;) {
      const kind = 31 - Math.clz32(kinds);
      const isBlocked = (blockedKinds & (1 << kind)) !== 0;
      const until = isBlocked ? Math.max(blockedUntil, opensAt[kind]) : opensAt[kind];
      if (until < next) next = until;
      kinds ^= 1 << kind;
    }
    restNext = COMING;
    if (dispatched < fetched) {
      if (mayDispatch > cycle + 1) {
        if (mayDispatch < next) next = mayDispatch;
      } else {
        const before = dispatched - reorderBufferEntries;
        const isOpen = inUse[ints[((dispatched & mask) << ROW) + UNIT]] < stations;
        let frees = NEVER;
        if (before < known) frees = floats[((before & mask) << FLOAT_ROW) + COMMITTED] + 1;
        if (isOpen && frees < next) next = frees;
        restNext = HELD;
      }
    } else if (waitedSlot >= 0 && cycle + 1 < resolved) {
      restNext = AWAITED;
      if (resolved < next) next = resolved;
    } else restNext = NOBODY;
    nextOther = next;
    if (nextDone < next) next = nextDone;
    if (next === NEVER) throw new Error(`invariant: from cycle ${cycle} nothing moves`);
    if (next > limit) next = limit;
    if (next <= cycle) next = cycle + 1;
    let from = cycle;
    if (isMoving || rest !== restNext) {
      if (!isMoving) charges.settle(1, width, known, oldest, openBefore, rest);
      from++;
    }
    if (next > from) {
      const open = opensAt[DMA] <= from ? NEVER : 0;
      charges.settle(next - from, width, known, dispatched, open, restNext);
      held = restNext === HELD ? dispatched : NONE;
    }
    cycle = next;
  }

  // The run is cut off. Where nothing was fetched behind a branch it is charged with what it cost.
  charges.chargeEarly((fetched - 1) & mask);
  if (latePc < 0) latePc = known < fetched ? ints[((known & mask) << ROW) + PC] : 0;
  while (!stream.isOver && waitedSlot < 0) {
    const before = ((fetched - width) & mask) << FLOAT_ROW;
    if (floats[before + DECODED] > fetchCycle) fetchCycle = floats[before + DECODED];
    if (fetchCycle >= limit || !stream.advance()) break;
    const leaves = fetched - width < dispatched ? floats[before + DISPATCHED] : NEVER;
    decodeCycle = Math.max(fetchCycle + 1, decodeCycle, leaves);
    floats[((fetched & mask) << FLOAT_ROW) + DECODED] = decodeCycle;
    if (stream.isWaitedFor) waitedSlot = fetched & mask;
    fetched++;
  }
  return { cycles: limit, instructions: fetched, cutOffAt: latePc };
}
