/** Blame: which instruction waited for which, and why. */
import type { RegisterNumber } from '../../isa/registers.ts';
import { registerName } from '../../isa/registers.ts';
import type { Cause } from '../timing/causes.ts';
import type { ChargeEvent, InstructionId } from '../timing/events.ts';
import { CAUSE_INDEX } from './by-cause.ts';
import type { Names } from './names.ts';
import type { Edge, EdgeExample } from './report.ts';
import { waitSentence } from './sentences.ts';
import type { Window } from './window.ts';

interface Counters {
  readonly consumerPc: number;
  /** −1 for nobody. */
  readonly producerPc: number;
  readonly register: RegisterNumber;
  readonly cause: Cause;
  cycles: number;
  occurrences: number;
  example: EdgeExample;
  /** The latest pair: a wait may be charged in several pieces. */
  consumer: InstructionId;
  producer: InstructionId;
}

/**
 * Sums waits by consumer, producer, register and cause. As many edges exist as pairs of
 * instructions of the program meet, however long the run is.
 */
export class BlameFold {
  readonly #names: Names;
  readonly #window: Window;
  readonly #edges = new Map<string, Counters>();

  constructor(names: Names, window: Window) {
    this.#names = names;
    this.#window = window;
  }

  /** A charge of any cause but `issue` to an instruction that the window has. */
  charge(event: ChargeEvent): void {
    const producer = this.#window.has(event.producer) ? event.producer : -1;
    const consumerPc = this.#window.pc(event.id);
    const producerPc = producer < 0 ? -1 : this.#window.pc(producer);
    const key = `${consumerPc} ${producerPc} ${event.register} ${event.cause}`;
    const edge = this.#edges.get(key);
    if (!edge) {
      const { id: consumer, register, cause, cycles } = event;
      const example = this.#example(event, producer);
      const fresh = { consumerPc, producerPc, register, cause, cycles, example };
      this.#edges.set(key, { ...fresh, occurrences: 1, consumer, producer });
      return;
    }
    edge.cycles += event.cycles;
    if (edge.consumer !== event.id || edge.producer !== producer) {
      edge.occurrences++;
      edge.consumer = event.id;
      edge.producer = producer;
    } else if (edge.occurrences === 1) {
      edge.example = { ...edge.example, cycles: edge.example.cycles + event.cycles };
    }
  }

  #example({ id, cycle, cycles }: ChargeEvent, producer: InstructionId): EdgeExample {
    const known = producer >= 0;
    return {
      consumer: id,
      producer,
      startCycle: cycle,
      cycles,
      producerIssueCycle: known ? this.#window.issueCycle(producer) : -1,
      producerLatencyCycles: known ? this.#window.latencyCycles(producer) : -1,
      producerOccupancyCycles: known ? this.#window.occupancyCycles(producer) : -1,
    };
  }

  finish(): Edge[] {
    return [...this.#edges.values()].sort(byWeight).map((edge) => {
      const { cause, cycles, occurrences, example, consumerPc, producerPc } = edge;
      const plain = {
        consumer: this.#names.place(consumerPc),
        producer: producerPc < 0 ? null : this.#names.place(producerPc),
        register: edge.register < 0 ? null : registerName(edge.register),
        cause,
        cycles,
        occurrences,
        example,
      };
      return { ...plain, sentence: waitSentence(plain, this.#names) };
    });
  }
}

/** Most cycles first; then in program order, so that the order is always the same. */
function byWeight(a: Counters, b: Counters): number {
  return (
    b.cycles - a.cycles ||
    a.consumerPc - b.consumerPc ||
    a.producerPc - b.producerPc ||
    a.register - b.register ||
    CAUSE_INDEX[a.cause] - CAUSE_INDEX[b.cause]
  );
}
