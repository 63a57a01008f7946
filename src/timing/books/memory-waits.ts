/** How long an access waits on an overlapped machine once its registers are free (UA-27 to UA-29). */
import type { Machine } from '../../machine/machine.ts';
import { CAUSE_NUMBER } from '../event/numbers.ts';
import { AccessWindow } from './accesses.ts';
import type { Exchange } from './saved.ts';
import type { Shift, StateWriter, Stateful } from './state.ts';
import { shiftTimes } from './state.ts';
import { DONE, ISSUED, Memory, OCCUPANCY } from './memory.ts';
import type { WritePorts } from './ports.ts';
import type { Sums } from './sums.ts';
import type { Variants } from './variants.ts';
import { COST, COSTS, FIELD } from './variants.ts';

const PORT = CAUSE_NUMBER['structural.port'];
const QUEUE = CAUSE_NUMBER['structural.queue'];
const BANDWIDTH = CAUSE_NUMBER['memory.bandwidth'];
const BANK = CAUSE_NUMBER['structural.bank'];
const ORDER = CAUSE_NUMBER['memory.order'];

export class MemoryWaits implements Stateful {
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

  /**
   * Prepares an access that may issue from the cycle `latest[ISSUED]` on, charges what it waits for,
   * and requests it; `latest` tells when it issued.
   */
  issue(variant: number, address: number, row: number): void {
    const { memory, ports, accesses, openAt, variants } = this;
    const v = variant * variants.stride;
    memory.prepare(variants.fields[v + FIELD.access], address);
    const writes = variants.fields[v + FIELD.writes];
    let at = memory.latest[ISSUED];
    // Nothing holds behind the latest result: the later an access issues, the later its WB.
    if (writes >= 0 && at < ports.latest && memory.notDoneBefore() <= ports.latest) {
      at = this.untilPort(variant, address, at, row);
    } else {
      const room = accesses.queueUntil(at);
      if (room > at) at = this.wait(QUEUE, at, room, row);
      if (openAt[0] > at) at = this.wait(BANDWIDTH, at, openAt[0], row);
      const bank = memory.firstBankReadyAt() - 1;
      if (bank > at) at = this.wait(BANK, at, bank, row);
      if (accesses.isWriting(at)) {
        const order = this.orderUntil(variant, address);
        if (order > at) at = this.wait(ORDER, at, order, row);
      }
    }
    memory.latest[ISSUED] = at;
    memory.request(at + 1, variants.fields[v + FIELD.pc]); // UA-14
    openAt[0] = at + memory.latest[OCCUPANCY];
    if (variants.fields[v + FIELD.isWrite] === 0) accesses.addRead(memory.latest[DONE]);
    else this.addWrite(variant, address);
  }

  private wait(cause: number, from: number, until: number, row: number): number {
    this.sums.chargeRow(row, cause, from, until);
    return until;
  }

  private addWrite(variant: number, address: number): void {
    const { costs, fields, stride } = this.variants;
    const at = variant * COSTS;
    const { low, end } = COST;
    this.accesses.addWrite(
      address + costs[at + low],
      address + costs[at + end],
      this.memory.latest[DONE],
      fields[variant * stride + FIELD.pc],
    );
  }

  /** UA-29: a read waits for the writes that it overlaps. */
  private orderUntil(variant: number, address: number): number {
    const { fields, costs, stride } = this.variants;
    if (fields[variant * stride + FIELD.isWrite] === 1) return 0;
    const at = variant * COSTS;
    return this.accesses.orderUntil(address + costs[at + COST.low], address + costs[at + COST.end]);
  }

  /** The cycle in which an access issues that may have to wait for a port: its turn comes and goes. */
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
    return this.because(ORDER, this.orderUntil(variant, address));
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

  exchange(exchange: Exchange): void {
    this.memory.exchange(exchange);
    this.accesses.exchange(exchange);
    exchange.times(this.openAt, 0, 1);
  }

  describe(state: StateWriter): void {
    this.memory.describe(state);
    this.accesses.describe(state);
    state.times(this.openAt);
  }

  shift(shift: Shift): void {
    this.memory.shift(shift);
    this.accesses.shift(shift);
    shiftTimes(this.openAt, shift);
  }
}
