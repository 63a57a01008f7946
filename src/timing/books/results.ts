/** When the registers' results are there, as the in-order machines need to know it (UA-16, UA-21). */
import { REGISTER_COUNT } from '../../../isa/registers.ts';
import { NONE, UNIT_NUMBER } from '../event/numbers.ts';
import type { Stream } from '../event/stream.ts';

export class Results {
  /** From this cycle on the result of the latest writer is no longer pending. */
  readonly ready = new Float64Array(REGISTER_COUNT);
  /** Whether the latest writer runs on `mxu`. */
  private readonly isProduct = new Uint8Array(REGISTER_COUNT);
  private readonly chains: boolean;

  constructor(chains: boolean) {
    this.chains = chains;
  }

  /** UA-16: the register that an instruction in ID accumulates onto inside the array, or −1. */
  chainedOn({ accumulates, unit }: Stream, cycle: number): number {
    if (accumulates < 0 || unit !== UNIT_NUMBER.mxu || !this.chains) return NONE;
    const isChained = this.isProduct[accumulates] === 1 && cycle < this.ready[accumulates];
    return isChained ? accumulates : NONE;
  }

  /** UA-22: the first cycle in which no source but the chained one is pending. */
  rawUntil({ table, from, to }: Stream, chained: number): number {
    const { ready } = this;
    let until = 0;
    for (let k = from; k < to; k++) {
      const register = table.sources[k];
      if (ready[register] > until && register !== chained) until = ready[register];
    }
    return until;
  }

  /** Notes the latest writer of a register. */
  write(register: number, unit: number, ready: number): void {
    this.ready[register] = ready;
    this.isProduct[register] = unit === UNIT_NUMBER.mxu ? 1 : 0;
  }
}
