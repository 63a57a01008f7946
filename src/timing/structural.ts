/** Structural hazards that in-order machines and Tomasulo's share, one function each. */
import type { Unit } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { Cause } from './causes.ts';
import type { InFlight } from './in-flight.ts';
import type { Lifted } from './lifted.ts';
import { isLifted } from './lifted.ts';
import { phaseOf } from './memory/access.ts';
import type { MemorySystem } from './memory/memory.ts';
import type { Units } from './units.ts';
import type { Wait } from './wait.ts';

/** What hazards are judged by. */
export interface Scene {
  readonly machine: Machine;
  readonly memory: MemorySystem;
  readonly units: Units;
  readonly cycle: number;
  /** Past ID and not retired, oldest first. */
  readonly inFlight: readonly InFlight[];
  /** The product onto which the instruction in question accumulates inside the array (UA-16). */
  readonly chain: InFlight | undefined;
  /** Waits that do not count. */
  readonly lifted: Lifted | undefined;
}

export type Hazard = (scene: Scene, head: InFlight, wait: Wait) => void;

export const UNIT_CAUSE: Readonly<Record<Unit, Cause>> = {
  alu: 'structural.alu',
  mxu: 'structural.mxu',
  vec: 'structural.vec',
  sfu: 'structural.sfu',
  dma: 'structural.dma',
};

/** UA-26: every unit of the kind is closed. The occupant of the one that opens first is named. */
export function findUnitBusy(scene: Scene, head: InFlight, wait: Wait): void {
  const { units, cycle, chain, lifted } = scene;
  const { unit } = head.static;
  if (unit === 'dma' || units.openInstance(unit, cycle, chain) >= 0) return;
  const occupant = units.firstToOpen(unit, chain);
  const cause = UNIT_CAUSE[unit];
  if (!isLifted(lifted, cause, head, occupant)) wait.add(cause, occupant.id);
}

/** UA-28: as many accesses are under way as may be. The oldest is named. */
export function findQueueFull(scene: Scene, head: InFlight, wait: Wait): void {
  if (!head.request) return;
  let accesses = 0;
  let oldest: InFlight | undefined;
  for (const other of scene.inFlight) {
    if (!other.answer || other.writeBackCycle <= scene.cycle) continue;
    if (isLifted(scene.lifted, 'structural.queue', head, other)) continue;
    accesses++;
    oldest ??= other;
  }
  if (oldest && accesses >= scene.machine.memory.requestsInFlight) {
    wait.add('structural.queue', oldest.id);
  }
}

/** UA-28: the first bank is not ready, though the access before has let go of the bus. */
export function findBankBusy(scene: Scene, head: InFlight, wait: Wait): void {
  const { units, memory, cycle, inFlight, lifted } = scene;
  if (!head.request || isBusTaken(units, cycle)) return;
  const id = memory.bankHolder(head.request, cycle + 1);
  if (id < 0) return;
  const holder = inFlight.find((other) => other.id === id)!;
  if (!isLifted(lifted, 'structural.bank', head, holder)) wait.add('structural.bank', id);
}

/** UA-28: the access before fills the bus. */
export function findBusBusy({ units, cycle, lifted }: Scene, head: InFlight, wait: Wait): void {
  if (!head.request || !isBusTaken(units, cycle)) return;
  const last = units.lastAccess()!;
  if (!isLifted(lifted, 'memory.bandwidth', head, last)) wait.add('memory.bandwidth', last.id);
}

function isBusTaken(units: Units, cycle: number): boolean {
  return (units.lastAccess()?.openCycle ?? 0) > cycle;
}

/** UA-22, UA-51, UA-61: what an access that is waited for is about holds too. */
export function addPhase({ answer, id }: InFlight, cycle: number, wait: Wait): void {
  const phase = answer && phaseOf(answer, cycle);
  if (phase) wait.add(phase, id);
}
