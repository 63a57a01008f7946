/** Hazards of the in-order machines: the reasons not to issue in a cycle, one function each. */
import { isTileRegister } from '../../isa/registers.ts';
import type { InFlight } from './in-flight.ts';
import { latencyCycles, readsMemory } from './in-flight.ts';
import { isLifted } from './lifted.ts';
import { overlaps, phaseOf } from './memory/access.ts';
import type { Hazard, Scene } from './structural.ts';
import {
  UNIT_CAUSE,
  addPhase,
  findBankBusy,
  findBusBusy,
  findQueueFull,
  findUnitBusy,
} from './structural.ts';
import type { Wait } from './wait.ts';

/** All that has issued is in flight; the latest writer of a register may have retired. */
export interface InOrderScene extends Scene {
  readonly writers: readonly (InFlight | undefined)[];
}

type InOrderHazard = (scene: InOrderScene, head: InFlight, wait: Wait) => void;

/** The hazards of a machine whose EX holds one instruction, in order of priority (UA-30). */
const BLOCKING_HAZARDS: readonly InOrderHazard[] = [findRaw, findExecuteBusy];

/** The hazards of a machine with a pipeline for each unit, in order of priority (UA-30). */
const OVERLAPPED_HAZARDS: readonly (InOrderHazard | Hazard)[] = [
  findRaw,
  findWaw,
  findWar,
  findUnitBusy,
  findPortTaken,
  findQueueFull,
  findBankBusy,
  findBusBusy,
  findMemoryOrder,
];

/** Fills `wait` with everything that keeps `head` from issuing in the scene's cycle. */
export function findHazards(scene: InOrderScene, head: InFlight, wait: Wait): void {
  const blocking = scene.machine.pipeline.execution === 'blocking';
  wait.clear();
  for (const find of blocking ? BLOCKING_HAZARDS : OVERLAPPED_HAZARDS) find(scene, head, wait);
}

/** UA-22: a source register has a pending writer. The one that is pending longest is named. */
function findRaw(scene: InOrderScene, head: InFlight, wait: Wait): void {
  let ready = scene.cycle;
  let producer: InFlight | undefined;
  let register = -1;
  for (const read of head.static.reads) {
    const writer = scene.writers[read];
    if (!writer || isChained(scene, head, read)) continue;
    const readyCycle = resultCycle(scene, writer);
    if (readyCycle <= ready || isLifted(scene.lifted, 'raw', head, writer, read)) continue;
    ready = readyCycle;
    producer = writer;
    register = read;
  }
  if (!producer) return;
  wait.add('raw', producer.id, register);
  addPhase(producer, scene.cycle, wait);
}

/** UA-24: an earlier writer of the destination would not be written back first. */
function findWaw(scene: InOrderScene, head: InFlight, wait: Wait): void {
  const { writes } = head.static;
  const writer = scene.writers[writes];
  if (!writer || isChained(scene, head, writes)) return;
  if (writer.writeBackCycle <= scene.cycle + 1) return;
  if (!isLifted(scene.lifted, 'waw', head, writer, writes)) wait.add('waw', writer.id, writes);
}

/** UA-25: an earlier instruction still reads the destination. The last to let go is named. */
function findWar(scene: InOrderScene, head: InFlight, wait: Wait): void {
  const { writes } = head.static;
  if (!isTileRegister(writes) || isChained(scene, head, writes)) return;
  let last = scene.cycle;
  let reader: InFlight | undefined;
  for (const earlier of scene.inFlight) {
    if (earlier.readEndCycle <= last || !earlier.static.reads.includes(writes)) continue;
    if (isLifted(scene.lifted, 'war', head, earlier, writes)) continue;
    last = earlier.readEndCycle;
    reader = earlier;
  }
  if (reader) wait.add('war', reader.id, writes);
}

/** UA-27: every write port is taken in the cycle in which the result would be written back. */
function findPortTaken(scene: InOrderScene, head: InFlight, wait: Wait): void {
  if (head.static.writes < 0 || !mayMeetWriter(scene, head)) return;
  const writeBackCycle = writeBackAfterIssue(scene, head);
  let taken = 0;
  let youngest: InFlight | undefined;
  for (const earlier of scene.inFlight) {
    if (earlier.static.writes < 0 || earlier.writeBackCycle !== writeBackCycle) continue;
    if (isLifted(scene.lifted, 'structural.port', head, earlier)) continue;
    taken++;
    youngest = earlier;
  }
  if (youngest && taken >= scene.machine.pipeline.writePorts) {
    wait.add('structural.port', youngest.id);
  }
}

/** A test that costs little: memory need not be asked when nobody else writes so late. */
function mayMeetWriter(scene: InOrderScene, head: InFlight): boolean {
  const earliest = earliestWriteBack(scene, head);
  for (const { static: fixed, writeBackCycle } of scene.inFlight) {
    if (fixed.writes >= 0 && writeBackCycle >= earliest) return true;
  }
  return false;
}

function earliestWriteBack({ cycle, memory }: Scene, { cost, request }: InFlight): number {
  const memoryCycle = cycle + cost.executeCycles;
  return request ? memory.earliestDoneCycle(request, memoryCycle) : memoryCycle + 1;
}

function writeBackAfterIssue({ cycle, memory }: Scene, { id, cost, request }: InFlight): number {
  const memoryCycle = cycle + cost.executeCycles;
  return request ? memory.tryRequest(request, id, memoryCycle).doneCycle : memoryCycle + 1;
}

/** UA-29: a write under way touches what would be read. The latest such write is named. */
function findMemoryOrder(scene: InOrderScene, head: InFlight, wait: Wait): void {
  const { request } = head;
  if (!request || request.isWrite) return;
  let write: InFlight | undefined;
  for (const earlier of scene.inFlight) {
    const other = earlier.request;
    const isUnderWay = other?.isWrite === true && earlier.writeBackCycle > scene.cycle;
    if (!isUnderWay || !overlaps(other, request)) continue;
    if (!isLifted(scene.lifted, 'memory.order', head, earlier)) write = earlier;
  }
  if (write) wait.add('memory.order', write.id);
}

/**
 * UA-23: EX holds an instruction that is not done, or that MEM does not take yet. It holds one,
 * unless somebody did not wait for another; the oldest is what everybody else waits for.
 */
function findExecuteBusy(scene: InOrderScene, head: InFlight, wait: Wait): void {
  const { inFlight, cycle } = scene;
  for (const occupant of inFlight) {
    if (occupant.memoryCycle <= cycle) continue;
    const isDone = cycle >= occupant.issueCycle + occupant.cost.executeCycles;
    const access = isDone ? inFlight.find((i) => isAccessed(i, cycle)) : undefined;
    const cause = access ? phaseOf(access.answer!, cycle)! : UNIT_CAUSE[occupant.static.unit];
    const holder = access ?? occupant;
    if (isLifted(scene.lifted, cause, head, holder)) continue;
    wait.add(cause, holder.id);
    return;
  }
}

function isAccessed({ answer, memoryCycle, writeBackCycle }: InFlight, cycle: number): boolean {
  return answer !== undefined && memoryCycle <= cycle && cycle < writeBackCycle;
}

/** UA-21, UA-22: the first cycle in which a reader of the result may issue, as far as is known. */
function resultCycle({ machine, cycle }: Scene, writer: InFlight): number {
  const { issueCycle, memoryCycle, writeBackCycle } = writer;
  if (machine.pipeline.execution === 'overlapped') {
    return issueCycle + latencyCycles(writer, machine);
  }
  if (!machine.pipeline.forwarding) return writeBackCycle < cycle ? cycle : cycle + 1;
  if (!readsMemory(writer)) return issueCycle + writer.cost.executeCycles;
  return memoryCycle <= cycle ? writeBackCycle : cycle + 1;
}

/** UA-16: the pending product onto which `head` accumulates inside the same matrix unit. */
export function chainOf(scene: InOrderScene, head: InFlight): InFlight | undefined {
  const { accumulates, unit } = head.static;
  if (accumulates < 0 || !scene.machine.mxu.accumulatorForwarding) return undefined;
  const writer = scene.writers[accumulates];
  if (writer?.static.unit !== unit) return undefined;
  return resultCycle(scene, writer) > scene.cycle ? writer : undefined;
}

function isChained({ chain }: Scene, head: InFlight, register: number): boolean {
  return chain !== undefined && register === head.static.accumulates;
}
