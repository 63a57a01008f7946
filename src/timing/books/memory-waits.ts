/** How long an access waits on an overlapped machine once its registers are free (UA-27 to UA-29). */
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER } from '../event/numbers.ts';
import { AccessWindow } from './accesses.ts';
import { Memory } from './memory.ts';
import type { WritePorts } from './ports.ts';
import type { Sums } from './sums.ts';
import type { Variants } from './variants.ts';

const PORT = CAUSE_NUMBER['structural.port'];
const QUEUE = CAUSE_NUMBER['structural.queue'];
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
const BANK = CAUSE_NUMBER['structural.bank'];
const ORDER = CAUSE_NUMBER['memory.order'];

export class MemoryWaits {
  /** The access asked about must be prepared in it. */
  readonly memory: Memory;
  private readonly accesses: AccessWindow;
  private readonly variants: Variants;
  private readonly ports: WritePorts;
  private readonly sums: Sums;
  /** The first cycle in which the way to memory is open again. */
  private openAt = 0;
  /** The cause that `heldUntil` found. */
  private cause = 0;

  constructor(machine: Machine, variants: Variants, ports: WritePorts, sums: Sums) {
    this.memory = new Memory(machine, variants.works);
    this.accesses = new AccessWindow(machine.memory.requestsInFlight);
    this.variants = variants;
    this.ports = ports;
    this.sums = sums;
  }

  /** The cycle from `cycle` on in which the access issues; what it waits for until then is charged. */
  until(variant: number, address: number, cycle: number, segment: number): number {
    const { columns } = this.variants;
    let at = cycle;
    for (;;) {
      let until = this.heldUntil(variant, address, at);
      // Nothing holds behind the latest result: the later an access issues, the later its WB.
      if (columns.writes[variant] >= 0 && at < this.ports.latest) {
        const written = this.memory.doneIf(at + 1);
        if (this.ports.isFull(written)) {
          this.cause = PORT;
          until = this.portUntil(at);
        } else if (until > at && written <= this.ports.latest) {
          until = Math.min(until, this.nextPort(at, written));
        }
      }
      if (until <= at) return at;
      this.sums.charge(columns.pc[variant], segment, this.cause, at, until);
      at = until;
    }
  }

  /** UA-28 and UA-29; what is charged first is asked first. */
  private heldUntil(variant: number, address: number, cycle: number): number {
    const { accesses } = this;
    const room = accesses.queueUntil(cycle);
    if (room > cycle) return this.because(QUEUE, room);
    if (this.openAt > cycle) return this.because(BANDWIDTH, this.openAt);
    const bank = this.memory.firstBankReadyAt() - 1;
    if (bank > cycle) return this.because(BANK, bank);
    const { low, end, isWrite } = this.variants.columns;
    if (isWrite[variant] === 1) return cycle;
    const order = accesses.orderUntil(address + low[variant], address + end[variant], cycle);
    return this.because(ORDER, order);
  }

  private because(cause: number, until: number): number {
    this.cause = cause;
    return until;
  }

  /**
   * WB of an access that issues in cycle c is max(c + toWrite, notBefore): memory only adds and
   * takes maxima (UA-40), so two questions tell all, one before everything and one behind
   * everything under way.
   */
  private get toWrite(): number {
    const late = this.memory.idleAt();
    return 1 + this.memory.doneIf(late) - late;
  }

  /** The first cycle in which an access that finds no port in `cycle` asks for another. */
  private portUntil(cycle: number): number {
    return Math.max(cycle, this.memory.doneIf(-Infinity) - this.toWrite) + 1;
  }

  /** The first cycle in which an access that would be in WB in `written` meets the next result. */
  private nextPort(cycle: number, written: number): number {
    const isBound = cycle + this.toWrite < written;
    return (isBound ? written + 1 : this.ports.nextAfter(written)) - this.toWrite;
  }

  /** Requests the access, which issues in `cycle` (UA-14). */
  request(variant: number, address: number, cycle: number): void {
    const { memory, accesses } = this;
    const { low, end, isWrite } = this.variants.columns;
    memory.request(cycle + 1);
    this.openAt = cycle + memory.occupancyCycles;
    if (isWrite[variant] === 0) accesses.addRead(memory.doneCycle);
    else accesses.addWrite(address + low[variant], address + end[variant], memory.doneCycle);
  }
}
