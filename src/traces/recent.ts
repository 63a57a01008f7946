/** Names dynamic instructions for as long as a charge can speak of them. */
import { registerName } from '../../isa/registers.ts';
import { causesIn } from '../timing/causes.ts';
import type { ChargeEvent, FetchEvent, InstructionId, ListingLine } from '../timing/events.ts';

/** So many fetches later an instruction is called by its number alone. */
const REMEMBERED = 1 << 14;

/** A ring of the code addresses of the latest instructions. */
export class Recent {
  readonly #listing: readonly ListingLine[];
  readonly #pcs = new Int32Array(REMEMBERED);
  #next: InstructionId = 0;

  constructor(listing: readonly ListingLine[]) {
    this.#listing = listing;
  }

  fetch({ id, pc }: FetchEvent): void {
    this.#pcs[id % REMEMBERED] = pc;
    this.#next = id + 1;
  }

  /** `#3 LOAD t1, [Wq] (head.lasm:9)`, or `#3` when it is forgotten or still to be fetched. */
  name(id: InstructionId): string {
    if (id >= this.#next || id < this.#next - REMEMBERED) return `#${id}`;
    const { text, file, line } = this.#listing[this.#pcs[id % REMEMBERED]!]!;
    return `#${id} ${text} (${file}:${line})`;
  }

  /** `raw t1 <- #3 LOAD t1, [Wq] (head.lasm:9); also true: structural.mxu` */
  wait({ cause, register, producer, causes }: ChargeEvent): string {
    const what = register < 0 ? cause : `${cause} ${registerName(register)}`;
    const whom = producer < 0 ? '' : ` <- ${this.name(producer)}`;
    const others = causesIn(causes).filter((other) => other !== cause);
    return `${what}${whom}${others.length > 0 ? `; also true: ${others.join(', ')}` : ''}`;
  }
}
