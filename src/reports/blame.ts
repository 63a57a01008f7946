/** Blame: which instruction waited for which, and why. */
import type { RegisterNumber } from '../../isa/registers.ts';
import { registerName } from '../../isa/registers.ts';
import type { Cause } from '../timing/causes.ts';
import type { ChargeEvent, InstructionId } from '../timing/events.ts';
import type { CauseCounts } from './by-cause.ts';
import { CAUSE_INDEX, addAlsoTrue, nestNonZero, zeroCounts } from './by-cause.ts';
import type { Names } from './names.ts';
import type { Edge, EdgeExample } from './report.ts';
import { waitSentence } from './sentences.ts';
import type { Window } from './window.ts';

type Example = { -readonly [K in keyof EdgeExample]: EdgeExample[K] };

interface Counters {
  readonly consumerPc: number;
  /** −1 for nobody. */
  readonly producerPc: number;
  readonly register: RegisterNumber;
  readonly cause: Cause;
  cycles: number;
  readonly alsoTrue: CauseCounts;
  occurrences: number;
  readonly example: Example;
  /** The latest pair: a wait may be charged in several pieces. */
  consumer: InstructionId;
  producer: InstructionId;
}

/**
 * Sums waits by consumer, producer (places of the source, not code addresses), register and cause.
 * As many edges exist as pairs of places meet, however long the run is.
 */
export class BlameFold {
  readonly #names: Names;
  readonly #window: Window;
  readonly #edges = new Map<string, Counters>();
  readonly #latest = new Map<number, Counters>();

  constructor(names: Names, window: Window) {
    this.#names = names;
    this.#window = window;
  }

  /** A charge of any cause but `issue` to an instruction that the window has. */
  charge(event: ChargeEvent, consumer: InstructionId): void {
    const producer = this.#window.has(event.producer) ? event.producer : -1;
    const edge = this.#edgeOf(event, consumer, producer);
    if (edge.consumer !== consumer || edge.producer !== producer) {
      edge.occurrences++;
      edge.consumer = consumer;
      edge.producer = producer;
    }
    edge.cycles += event.cycles;
    if (edge.occurrences === 1) edge.example.cycles = edge.cycles;
    addAlsoTrue(edge.alsoTrue, event);
  }

  /** The latest edge of a consumer is most often the next one too. */
  #edgeOf(event: ChargeEvent, consumer: InstructionId, producer: InstructionId): Counters {
    const { register, cause } = event;
    const consumerPc = this.#names.site(this.#window.pc(consumer));
    const producerPc = producer < 0 ? -1 : this.#names.site(this.#window.pc(producer));
    const latest = this.#latest.get(consumerPc);
    if (latest?.producerPc === producerPc && latest.register === register && latest.cause === cause)
      return latest;
    const key = `${consumerPc} ${producerPc} ${register} ${cause}`;
    let edge = this.#edges.get(key);
    if (!edge) {
      const example = this.#example(event, consumer, producer);
      const names = { consumerPc, producerPc, register, cause, example, consumer, producer };
      edge = { ...names, cycles: 0, alsoTrue: zeroCounts(), occurrences: 1 };
      this.#edges.set(key, edge);
    }
    this.#latest.set(consumerPc, edge);
    return edge;
  }

  #example({ cycle }: ChargeEvent, consumer: InstructionId, producer: InstructionId): Example {
    const known = producer >= 0;
    return {
      consumer,
      producer,
      startCycle: cycle,
      cycles: 0,
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
        alsoTrue: nestNonZero(edge.alsoTrue),
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
