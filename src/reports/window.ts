/** The window: what must be remembered of dynamic instructions while they can still be named. */
import type { FetchEvent, InstructionId, IssueEvent } from '../timing/events.ts';

/**
 * A retired instruction can still be named as the one that was waited for, because a charge is
 * emitted behind the last cycle of the wait. This many fetches later it is forgotten.
 */
const FIRST_CAPACITY = 1024;

/**
 * A ring of the latest instructions, indexed by id. It grows only when it would forget one that
 * is still in flight, so its size is bounded by the instructions in flight at once.
 */
export class Window {
  #capacity = FIRST_CAPACITY;
  #pcs = new Int32Array(FIRST_CAPACITY);
  #retired = new Uint8Array(FIRST_CAPACITY).fill(1);
  #issueCycles = new Float64Array(FIRST_CAPACITY);
  #latencyCycles = new Float64Array(FIRST_CAPACITY);
  #occupancyCycles = new Float64Array(FIRST_CAPACITY);
  #next = 0;

  /** The id of the next instruction to be fetched. */
  get next(): InstructionId {
    return this.#next;
  }

  /** Whether an instruction has been fetched and is not forgotten. */
  has(id: InstructionId): boolean {
    return id >= 0 && id < this.#next && id >= this.#next - this.#capacity;
  }

  /** Code address of an instruction that the window has. */
  pc(id: InstructionId): number {
    return this.#pcs[this.#slot(id)]!;
  }

  /** −1 before it issues. */
  issueCycle(id: InstructionId): number {
    return this.#issueCycles[this.#slot(id)]!;
  }

  latencyCycles(id: InstructionId): number {
    return this.#latencyCycles[this.#slot(id)]!;
  }

  occupancyCycles(id: InstructionId): number {
    return this.#occupancyCycles[this.#slot(id)]!;
  }

  fetch({ id, pc }: FetchEvent): void {
    if (id !== this.#next) throw new Error(`invariant: #${id} is fetched, not #${this.#next}`);
    if (this.#retired[id % this.#capacity] === 0) this.#grow();
    const slot = id % this.#capacity;
    this.#pcs[slot] = pc;
    this.#retired[slot] = 0;
    this.#issueCycles[slot] = -1;
    this.#latencyCycles[slot] = -1;
    this.#occupancyCycles[slot] = -1;
    this.#next++;
  }

  issue({ id, cycle, latencyCycles, occupancyCycles }: IssueEvent): void {
    const slot = this.#slot(id);
    this.#issueCycles[slot] = cycle;
    this.#latencyCycles[slot] = latencyCycles;
    this.#occupancyCycles[slot] = occupancyCycles;
  }

  retire(id: InstructionId): void {
    this.#retired[this.#slot(id)] = 1;
  }

  #slot(id: InstructionId): number {
    if (!this.has(id)) throw new Error(`invariant: instruction #${id} is not in the window`);
    return id % this.#capacity;
  }

  #grow(): void {
    const from = this.#capacity;
    const to = from * 2;
    this.#pcs = moved(this.#pcs, new Int32Array(to), this.#next);
    this.#retired = moved(this.#retired, new Uint8Array(to).fill(1), this.#next);
    this.#issueCycles = moved(this.#issueCycles, new Float64Array(to), this.#next);
    this.#latencyCycles = moved(this.#latencyCycles, new Float64Array(to), this.#next);
    this.#occupancyCycles = moved(this.#occupancyCycles, new Float64Array(to), this.#next);
    this.#capacity = to;
  }
}

type Ring = Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A full ring whose latest id is `next − 1`, moved into a larger one. */
function moved<R extends Ring>(old: R, larger: R, next: InstructionId): R {
  for (let id = next - old.length; id < next; id++) {
    larger[id % larger.length] = old[id % old.length]!;
  }
  return larger;
}
