/** Hazards of Tomasulo's machine: what keeps an instruction in ID or in its station, one function each. */
import type { InFlight } from './in-flight.ts';
import { isLifted } from './lifted.ts';
import { overlaps } from './memory/access.ts';
import type { Hazard, Scene } from './structural.ts';
import { addPhase, findBankBusy, findBusBusy, findQueueFull, findUnitBusy } from './structural.ts';
import type { Wait } from './wait.ts';

/** In order of priority (UA-30, UA-62). */
const ISSUE_HAZARDS: readonly Hazard[] = [
  findRaw,
  findUnitBusy,
  findQueueFull,
  findBankBusy,
  findBusBusy,
  findMemoryOrder,
];

/** Fills `wait` with everything that keeps an instruction in RS from issuing in the scene's cycle. */
export function findIssueHazards(scene: Scene, instruction: InFlight, wait: Wait): void {
  for (const find of ISSUE_HAZARDS) find(scene, instruction, wait);
}

/** Whether anything keeps it: the same, but no further than to the first hazard. */
export function isHeld(scene: Scene, instruction: InFlight, scratch: Wait): boolean {
  scratch.clear();
  return ISSUE_HAZARDS.some((find) => {
    find(scene, instruction, scratch);
    return scratch.causes !== 0;
  });
}

/** UA-61: the first source whose value is not there. */
function findRaw(scene: Scene, instruction: InFlight, wait: Wait): void {
  const { machine, cycle, chain, lifted } = scene;
  if (!machine.pipeline.dependencies) return;
  const { reads, accumulates } = instruction.static;
  const missing = instruction.producers.findIndex(
    (producer, i) =>
      producer &&
      isPending(scene, producer) &&
      !(chain !== undefined && reads[i] === accumulates) &&
      !isLifted(lifted, 'raw', instruction, producer, reads[i]!),
  );
  if (missing < 0) return;
  const producer = instruction.producers[missing]!;
  wait.add('raw', producer.id, reads[missing]!);
  addPhase(producer, cycle, wait);
}

/** UA-61, UA-66: whether a reader of the result cannot issue in the scene's cycle. */
function isPending({ machine, cycle }: Scene, { writeBackCycle }: InFlight): boolean {
  const { forwarding, dependencies } = machine.pipeline;
  return dependencies && (forwarding ? cycle < writeBackCycle : cycle <= writeBackCycle);
}

/** UA-16: the product, issued and pending, onto which an instruction accumulates in the array. */
export function chainOf(scene: Scene, instruction: InFlight): InFlight | undefined {
  const { accumulates, unit, reads } = instruction.static;
  if (accumulates < 0 || !scene.machine.mxu.accumulatorForwarding) return undefined;
  const producer = instruction.producers[reads.indexOf(accumulates)];
  if (producer?.static.unit !== unit || producer.issueCycle > scene.cycle) return undefined;
  return isPending(scene, producer) ? producer : undefined;
}

/** UA-63: a read waits for earlier writes to be done, a write for earlier accesses to have issued. */
function findMemoryOrder(scene: Scene, instruction: InFlight, wait: Wait): void {
  const { id, request } = instruction;
  if (!request || !scene.machine.pipeline.dependencies) return;
  const { cycle, lifted } = scene;
  const holdsUp = ({ request: other, doneCycle, issueCycle }: InFlight) =>
    request.isWrite ? issueCycle >= cycle : other!.isWrite && doneCycle > cycle;
  const access = scene.inFlight.findLast(
    (other) =>
      other.id < id &&
      other.request &&
      holdsUp(other) &&
      overlaps(other.request, request) &&
      !isLifted(lifted, 'memory.order', instruction, other),
  );
  if (access) wait.add('memory.order', access.id);
}

/** UA-60: the reorder buffer, or the stations of the unit, are full. */
export function findDispatchHazards(scene: Scene, instruction: InFlight, wait: Wait): void {
  const { machine, cycle, inFlight, lifted } = scene;
  const { unit } = instruction.static;
  const { reorderBufferEntries, stations } = machine.pipeline;
  const counts = (p: InFlight) => !isLifted(lifted, 'structural.queue', instruction, p);
  const uncommitted = inFlight.filter((p) => p.commitCycle >= cycle && counts(p));
  if (uncommitted.length >= reorderBufferEntries) {
    wait.add('structural.queue', instruction.id - reorderBufferEntries);
  }
  const holders = uncommitted.filter((p) => p.static.unit === unit && p.writeBackCycle >= cycle);
  if (holders.length >= stations) wait.add('structural.queue', holders[0]!.id);
}
