/** How long an access waits on an overlapped machine once its registers are free (UA-27 to UA-29). */
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER } from '../event/numbers.ts';
import { AccessWindow } from './accesses.ts';
import { DONE, Memory, OCCUPANCY } from './memory.ts';
import type { WritePorts } from './ports.ts';
import type { Sums } from './sums.ts';
import type { Variants } from './variants.ts';
import { COST, COSTS, FIELD } from './variants.ts';

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
  private readonly openAt = new Float64Array(1);
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
  until(variant: number, address: number, cycle: number, row: number): number {
    const { memory, ports } = this;
    const writes = this.variants.fields[variant * this.variants.stride + FIELD.writes];
    // Nothing holds behind the latest result: the later an access issues, the later its WB.
    const meetsPorts =
      writes >= 0 && cycle < ports.latest && memory.notDoneBefore() <= ports.latest;
    if (meetsPorts) return this.untilPort(variant, address, cycle, row);
    let at = cycle;
    for (;;) {
      const until = this.heldUntil(variant, address, at);
      if (until <= at) return at;
      this.sums.chargeRow(row, this.cause, at, until);
      at = until;
    }
  }

  /** The same of an access that may have to wait for a port: its turn comes and goes. */
  private untilPort(variant: number, address: number, cycle: number, row: number): number {
    const { memory, ports } = this;
    let at = cycle;
    for (;;) {
      let until = this.heldUntil(variant, address, at);
      const written = memory.doneIf(at + 1);
      if (ports.isFull(written)) {
        this.cause = PORT;
        until = this.portUntil(at);
      } else if (until > at && written <= ports.latest) {
        until = Math.min(until, this.nextPort(at, written));
      }
      if (until <= at) return at;
      this.sums.chargeRow(row, this.cause, at, until);
      at = until;
    }
  }

  /** UA-28 and UA-29; what is charged first is asked first. */
  private heldUntil(variant: number, address: number, cycle: number): number {
    const { accesses } = this;
    const room = accesses.queueUntil(cycle);
    if (room > cycle) return this.because(QUEUE, room);
    const { openAt } = this;
    if (openAt[0] > cycle) return this.because(BANDWIDTH, openAt[0]);
    const bank = this.memory.firstBankReadyAt() - 1;
    if (bank > cycle) return this.because(BANK, bank);
    if (!accesses.isWriting(cycle)) return cycle;
    const { fields, costs, stride } = this.variants;
    if (fields[variant * stride + FIELD.isWrite] === 1) return cycle;
    const at = variant * COSTS;
    return this.because(
      ORDER,
      accesses.orderUntil(address + costs[at + COST.low], address + costs[at + COST.end]),
    );
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
    const { latest } = memory;
    memory.request(cycle + 1);
    this.openAt[0] = cycle + latest[OCCUPANCY];
    const { fields, costs, stride } = this.variants;
    const at = variant * COSTS;
    if (fields[variant * stride + FIELD.isWrite] === 0) accesses.addRead(latest[DONE]);
    else
      accesses.addWrite(
        address + costs[at + COST.low],
        address + costs[at + COST.end],
        latest[DONE],
      );
  }
}
