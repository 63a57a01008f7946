/** DRAM: banks with an open row each, behind one bus that moves a burst at a time (UA-40). */
import type { Memory } from '../../machine/machine.ts';
import type { InstructionId } from '../events.ts';
import { UndoMap } from './undo-map.ts';

interface Bank {
  /** −1 when none is open. */
  readonly openRow: number;
  readonly readyCycle: number;
  /** Who requested the last burst. */
  readonly requester: InstructionId;
}

const UNTOUCHED: Bank = { openRow: -1, readyCycle: 0, requester: -1 };

export class Dram {
  /** X: for which a burst is on the bus. */
  readonly burstCycles: number;
  private readonly memory: Memory;
  private readonly banks = new UndoMap<Bank>();
  private busFreeCycle = 0;
  private busFreeBefore = 0;

  constructor(memory: Memory) {
    this.memory = memory;
    this.burstCycles = Math.ceil(memory.burstBytes / memory.bytesPerCycle);
  }

  /** Requests a burst in `cycle`; the cycle in which it is done. */
  request(burst: number, requester: InstructionId, cycle: number): number {
    const { latencyCycles, rowMissCycles } = this.memory;
    const { burstCycles } = this;
    const number = this.bankOf(burst);
    const row = this.rowOf(burst);
    const { openRow, readyCycle } = this.bank(number);
    const opening = row === openRow ? 0 : rowMissCycles;
    const startCycle = Math.max(cycle, readyCycle) + opening;
    this.banks.set(number, { openRow: row, readyCycle: startCycle + burstCycles, requester });
    const dataCycle = Math.max(startCycle + latencyCycles, this.busFreeCycle);
    this.busFreeCycle = dataCycle + burstCycles;
    return this.busFreeCycle;
  }

  /** The bank of a burst: when it is ready, and who used it last. */
  bankFor(burst: number): Bank {
    return this.bank(this.bankOf(burst));
  }

  /** No `bursts` requested in `cycle` are done before this. */
  earliestDoneCycle(bursts: number, cycle: number): number {
    const start = Math.max(cycle + this.memory.latencyCycles, this.busFreeCycle);
    return start + bursts * this.burstCycles;
  }

  /** Makes all requests since the last `keep` final. */
  keep(): void {
    this.banks.keep();
    this.busFreeBefore = this.busFreeCycle;
  }

  /** Takes back all requests since the last `keep`. */
  undo(): void {
    this.banks.undo();
    this.busFreeCycle = this.busFreeBefore;
  }

  private bank(number: number): Bank {
    return this.banks.get(number) ?? UNTOUCHED;
  }

  private bankOf(burst: number): number {
    const { burstBytes, rowBytes, banks } = this.memory;
    return Math.floor((burst * burstBytes) / rowBytes) % banks;
  }

  private rowOf(burst: number): number {
    const { burstBytes, rowBytes, banks } = this.memory;
    return Math.floor((burst * burstBytes) / (rowBytes * banks));
  }
}
