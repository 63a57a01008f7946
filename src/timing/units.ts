/** The functional units: who occupies which of them, and until when (UA-10). */
import type { Unit } from '../../isa/work.ts';
import type { Machine } from '../machine/machine.ts';
import type { InFlight } from './in-flight.ts';

export class Units {
  /** The latest instruction on each unit of each kind; there is one way to memory. */
  private readonly occupants: Readonly<Record<Unit, (InFlight | undefined)[]>>;

  constructor({ alu, mxu, vec, sfu }: Machine) {
    const empty = (count: number) => new Array<InFlight | undefined>(count).fill(undefined);
    this.occupants = {
      alu: empty(alu.count),
      mxu: empty(mxu.count),
      vec: empty(vec.count),
      sfu: empty(sfu.count),
      dma: empty(1),
    };
  }

  /** The lowest-numbered open unit of the kind, or −1; a chained instruction needs one in particular. */
  openInstance(unit: Unit, cycle: number, chain: InFlight | undefined): number {
    const occupants = this.occupants[unit];
    if (chain) return isOpen(occupants[chain.instance], cycle) ? chain.instance : -1;
    for (let instance = 0; instance < occupants.length; instance++) {
      if (isOpen(occupants[instance], cycle)) return instance;
    }
    return -1;
  }

  /** When no unit is open: the occupant of the one that opens first; of equals, the oldest. */
  firstToOpen(unit: Unit, chain: InFlight | undefined): InFlight {
    const occupants = this.occupants[unit];
    if (chain) return occupants[chain.instance]!;
    return occupants.reduce((a, b) => (opensBefore(b!, a!) ? b : a))!;
  }

  /** The unit that an instruction starts on: an open one, or the one that it need not wait for. */
  instanceFor(unit: Unit, cycle: number, chain: InFlight | undefined): number {
    const open = this.openInstance(unit, cycle, chain);
    return open >= 0 ? open : this.firstToOpen(unit, chain).instance;
  }

  /** The instruction starts on its instance; one that is there still, and stays longer, keeps it. */
  take(instruction: InFlight): void {
    const { instance, openCycle } = instruction;
    const occupants = this.occupants[instruction.static.unit];
    if (isOpen(occupants[instance], openCycle)) occupants[instance] = instruction;
  }

  /** The latest memory access to issue. */
  lastAccess(): InFlight | undefined {
    return this.occupants.dma[0];
  }
}

function isOpen(occupant: InFlight | undefined, cycle: number): boolean {
  return occupant === undefined || occupant.openCycle <= cycle;
}

function opensBefore(a: InFlight, b: InFlight): boolean {
  return a.openCycle === b.openCycle ? a.id < b.id : a.openCycle < b.openCycle;
}
