/** Hazards: the reasons for an instruction not to issue in a cycle, one function each. */
import { isTileRegister } from '../../isa/registers.ts';
import type { Unit } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { Cause } from './causes.ts';
import type { InFlight } from './in-flight.ts';
import { latencyCycles, readsMemory } from './in-flight.ts';
import type { Wait } from './wait.ts';

/** What hazards are judged by: the state at the start of a cycle. */
export interface Scene {
  readonly machine: Machine;
  /** Issued and not yet retired, oldest first. */
  readonly inFlight: readonly InFlight[];
  readonly cycle: number;
}

type Hazard = (scene: Scene, head: InFlight, wait: Wait) => void;

/** The hazards of a machine whose EX holds one instruction, in order of priority (UA-30). */
export const BLOCKING_HAZARDS: readonly Hazard[] = [findRaw, findExecuteBusy];

/** The hazards of a machine with a pipeline for each unit, in order of priority (UA-30). */
export const OVERLAPPED_HAZARDS: readonly Hazard[] = [
  findRaw,
  findWaw,
  findWar,
  findUnitBusy,
  findPortTaken,
  findQueueFull,
  findBusBusy,
  findMemoryOrder,
];

/** Fills `wait` with everything that keeps `head` from issuing in the scene's cycle. */
export function findHazards(scene: Scene, head: InFlight, wait: Wait): void {
  const blocking = scene.machine.pipeline.execution === 'blocking';
  wait.clear();
  for (const find of blocking ? BLOCKING_HAZARDS : OVERLAPPED_HAZARDS) find(scene, head, wait);
}

/** UA-22: a source register has a pending writer. The one that is ready last is named. */
function findRaw(scene: Scene, head: InFlight, wait: Wait): void {
  let ready = scene.cycle;
  let producer: InFlight | undefined;
  let register = -1;
  for (const read of head.static.reads) {
    const writer = lastWriter(scene, read);
    if (!writer || isChained(scene, head, read)) continue;
    const readyCycle = resultCycle(scene, writer);
    if (readyCycle <= ready) continue;
    ready = readyCycle;
    producer = writer;
    register = read;
  }
  if (producer) wait.add('raw', producer.id, register);
}

/** UA-24: an earlier writer of the destination would not be written back first. */
function findWaw(scene: Scene, head: InFlight, wait: Wait): void {
  const { writes } = head.static;
  const writer = lastWriter(scene, writes);
  if (!writer || isChained(scene, head, writes)) return;
  if (writeBackCycle(writer) > scene.cycle + 1) wait.add('waw', writer.id, writes);
}

/** UA-25: an earlier instruction still reads the destination. The last to let go is named. */
function findWar(scene: Scene, head: InFlight, wait: Wait): void {
  const { writes } = head.static;
  if (writes < 0 || isChained(scene, head, writes)) return;
  let last = scene.cycle;
  let reader: InFlight | undefined;
  for (const earlier of scene.inFlight) {
    const releaseCycle = openCycle(earlier);
    if (releaseCycle <= last || !readsTile(earlier, writes)) continue;
    last = releaseCycle;
    reader = earlier;
  }
  if (reader) wait.add('war', reader.id, writes);
}

const UNIT_CAUSE: Readonly<Record<Unit, Cause>> = {
  alu: 'structural.alu',
  mxu: 'structural.mxu',
  vec: 'structural.vec',
  sfu: 'structural.sfu',
  dma: 'structural.dma',
};

/** UA-26: every unit of the kind is closed. The occupant of the one that opens first is named. */
function findUnitBusy(scene: Scene, head: InFlight, wait: Wait): void {
  const { unit } = head.static;
  if (unit === 'dma' || freeInstance(scene, head) >= 0) return;
  const occupant = firstToOpen(scene, head);
  wait.add(UNIT_CAUSE[unit], occupant.id);
}

/** UA-27: every write port is taken in the cycle in which the result would be written back. */
function findPortTaken(scene: Scene, head: InFlight, wait: Wait): void {
  if (head.static.writes < 0) return;
  const { executeCycles, memoryCycles } = head.cost;
  const write = scene.cycle + executeCycles + memoryCycles;
  let taken = 0;
  let holder: InFlight | undefined;
  for (const earlier of scene.inFlight) {
    if (earlier.static.writes < 0 || writeBackCycle(earlier) !== write) continue;
    taken++;
    holder = earlier;
  }
  if (holder && taken >= scene.machine.pipeline.writePorts) {
    wait.add('structural.port', holder.id);
  }
}

/** UA-28: as many transfers are under way as may be. The oldest is named. */
function findQueueFull(scene: Scene, head: InFlight, wait: Wait): void {
  if (head.static.unit !== 'dma') return;
  let requests = 0;
  let oldest: InFlight | undefined;
  for (const earlier of scene.inFlight) {
    if (earlier.static.unit !== 'dma' || writeBackCycle(earlier) <= scene.cycle) continue;
    requests++;
    oldest ??= earlier;
  }
  if (oldest && requests >= scene.machine.memory.requestsInFlight) {
    wait.add('structural.queue', oldest.id);
  }
}

/** UA-28: the transfer of the request before fills the bus. */
function findBusBusy(scene: Scene, head: InFlight, wait: Wait): void {
  if (head.static.unit !== 'dma') return;
  const before = scene.inFlight.findLast((earlier) => earlier.static.unit === 'dma');
  if (before && openCycle(before) > scene.cycle) wait.add('memory.bandwidth', before.id);
}

/** UA-29: a store under way touches what would be loaded. The last such store is named. */
function findMemoryOrder(scene: Scene, head: InFlight, wait: Wait): void {
  if (!readsMemory(head)) return;
  const store = scene.inFlight.findLast(
    (earlier) =>
      earlier.work.kind === 'memory' &&
      earlier.work.direction === 'write' &&
      writeBackCycle(earlier) > scene.cycle &&
      overlaps(earlier, head),
  );
  if (store) wait.add('memory.order', store.id);
}

/** UA-23: EX holds an instruction that is not done, or that MEM does not take yet. */
function findExecuteBusy(scene: Scene, _head: InFlight, wait: Wait): void {
  const occupant = scene.inFlight.find((i) => i.stage === 'EX');
  if (!occupant || leavesStage(scene, occupant)) return;
  if (!isExecuted(scene, occupant)) {
    wait.add(UNIT_CAUSE[occupant.static.unit], occupant.id);
    return;
  }
  const access = scene.inFlight.find((i) => i.stage === 'MEM')!;
  const { memoryCycles, transferCycles } = access.cost;
  const transfers = scene.cycle >= access.stageCycle + memoryCycles - transferCycles;
  wait.add(transfers ? 'memory.bandwidth' : 'memory.latency', access.id);
}

/** Whether an issued instruction goes on to its next stage in the scene's cycle. */
export function leavesStage(scene: Scene, instruction: InFlight): boolean {
  switch (instruction.stage) {
    case 'EX':
      return isExecuted(scene, instruction) && memoryTakes(scene);
    case 'MEM':
      return scene.cycle >= instruction.stageCycle + instruction.cost.memoryCycles;
    case 'WB':
      return true;
    case 'IF':
    case 'ID':
      return false;
  }
  return instruction.stage satisfies never;
}

function isExecuted(scene: Scene, { issueCycle, cost }: InFlight): boolean {
  return scene.cycle >= issueCycle + cost.executeCycles;
}

/** Only a blocking machine has a MEM that holds one instruction. */
function memoryTakes(scene: Scene): boolean {
  if (scene.machine.pipeline.execution === 'overlapped') return true;
  const occupant = scene.inFlight.find((i) => i.stage === 'MEM');
  return !occupant || leavesStage(scene, occupant);
}

/** The unit that takes `head` in this cycle: the lowest-numbered open one, or −1 (UA-26). */
export function freeInstance(scene: Scene, head: InFlight): number {
  const { unit } = head.static;
  if (scene.machine.pipeline.execution === 'blocking' || unit === 'dma') return 0;
  const chain = chainProducer(scene, head);
  for (let instance = 0; instance < scene.machine[unit].count; instance++) {
    if (chain && chain.instance !== instance) continue;
    if (!occupantOf(scene, unit, instance)) return instance;
  }
  return -1;
}

function occupantOf(scene: Scene, unit: Unit, instance: number): InFlight | undefined {
  return scene.inFlight.findLast(
    (i) => i.static.unit === unit && i.instance === instance && openCycle(i) > scene.cycle,
  );
}

function firstToOpen(scene: Scene, head: InFlight): InFlight {
  const { unit } = head.static;
  const chain = chainProducer(scene, head);
  let first: InFlight | undefined;
  for (const i of scene.inFlight) {
    if (i.static.unit !== unit || openCycle(i) <= scene.cycle) continue;
    if (chain && chain.instance !== i.instance) continue;
    if (!first || openCycle(i) < openCycle(first)) first = i;
  }
  if (!first) throw new Error(`invariant: ${unit} is closed but nobody occupies it`);
  return first;
}

/** The first cycle in which the unit of an issued instruction is open, and its tiles are free. */
function openCycle({ issueCycle, cost }: InFlight): number {
  return issueCycle + cost.occupancyCycles;
}

/** WB of an issued instruction that nothing can hold up (overlapped machines). */
function writeBackCycle({ issueCycle, cost }: InFlight): number {
  return issueCycle + cost.executeCycles + cost.memoryCycles;
}

/** UA-21: the first cycle in which a reader of the result may issue, as far as is known. */
function resultCycle({ machine, cycle }: Scene, writer: InFlight): number {
  if (machine.pipeline.execution === 'overlapped') {
    return writer.issueCycle + latencyCycles(writer, machine);
  }
  const waits = cycle + 1;
  const { executeCycles, memoryCycles } = writer.cost;
  if (!machine.pipeline.forwarding) return writer.stage === 'WB' ? writer.stageCycle + 1 : waits;
  if (!readsMemory(writer)) return writer.issueCycle + executeCycles;
  if (writer.stage === 'EX') return waits;
  return writer.stage === 'MEM' ? writer.stageCycle + memoryCycles : cycle;
}

function lastWriter(scene: Scene, register: number): InFlight | undefined {
  if (register < 0) return undefined;
  return scene.inFlight.findLast((i) => i.static.writes === register);
}

/** Scalar registers are read at issue; only tiles are read for longer. */
function readsTile({ static: { reads } }: InFlight, register: number): boolean {
  return isTileRegister(register) && reads.includes(register);
}

/** UA-16: the pending product onto which `head` accumulates inside the same matrix unit. */
function chainProducer(scene: Scene, head: InFlight): InFlight | undefined {
  const { accumulates, unit } = head.static;
  if (accumulates < 0 || !scene.machine.mxu.accumulatorForwarding) return undefined;
  const writer = lastWriter(scene, accumulates);
  if (writer?.static.unit !== unit) return undefined;
  return resultCycle(scene, writer) > scene.cycle ? writer : undefined;
}

function isChained(scene: Scene, head: InFlight, register: number): boolean {
  return register === head.static.accumulates && chainProducer(scene, head) !== undefined;
}

/** Whether the byte ranges of two memory accesses, holes between rows included, share a byte. */
function overlaps(a: InFlight, b: InFlight): boolean {
  if (a.work.kind !== 'memory' || b.work.kind !== 'memory') return false;
  const [lowA, highA] = byteRange(a.work);
  const [lowB, highB] = byteRange(b.work);
  return lowA < highB && lowB < highA;
}

interface Range {
  readonly address: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly strideBytes: number;
}

/** From the lowest byte to behind the highest. */
function byteRange({ address, rows, rowBytes, strideBytes }: Range): [number, number] {
  const last = address + (rows - 1) * strideBytes;
  return [Math.min(address, last), Math.max(address, last) + rowBytes];
}
