/** The data cache: which lines it holds, and which one makes room (UA-42 to UA-44). */
import type { Cache as CacheParameters } from '../../machine/machine.ts';
import { UndoMap } from './undo-map.ts';

interface Line {
  readonly number: number;
  readonly isDirty: boolean;
  /** Number of its last touch (`lru`), or of its fill (`fifo`). */
  readonly age: number;
}

/** What becomes of a line that is looked up. */
export type Lookup =
  | { readonly kind: 'hit' }
  /** It is fetched; `evicted` is the dirty line that is written before, or −1. */
  | { readonly kind: 'fill'; readonly evicted: number }
  /** It is written to DRAM and not kept. */
  | { readonly kind: 'through' };

const HIT: Lookup = { kind: 'hit' };
const THROUGH: Lookup = { kind: 'through' };

export class Cache {
  private readonly parameters: CacheParameters;
  private readonly setCount: number;
  /** Set number → the lines in it. */
  private readonly sets = new UndoMap<readonly Line[]>();
  private touches = 0;

  constructor(parameters: CacheParameters) {
    this.parameters = parameters;
    this.setCount = parameters.sizeBytes / (parameters.ways * parameters.lineBytes);
  }

  /** Looks a line up and touches it, and fills it where it is missing and allocated. */
  lookUp(number: number, isWrite: boolean): Lookup {
    const lines = this.sets.get(number % this.setCount) ?? [];
    const held = lines.find((line) => line.number === number);
    const writesThrough = isWrite && this.parameters.writePolicy === 'through';
    if (held) {
      const age = this.parameters.replacement === 'lru' ? ++this.touches : held.age;
      const isDirty = held.isDirty || (isWrite && !writesThrough);
      this.replace(lines, held, { number, isDirty, age });
      return writesThrough ? THROUGH : HIT;
    }
    return writesThrough ? THROUGH : this.fill(lines, number, isWrite);
  }

  private fill(lines: readonly Line[], number: number, isDirty: boolean): Lookup {
    const isFull = lines.length === this.parameters.ways;
    const victim = isFull ? lines.reduce((a, b) => (b.age < a.age ? b : a)) : undefined;
    this.replace(lines, victim, { number, isDirty, age: ++this.touches });
    return { kind: 'fill', evicted: victim?.isDirty ? victim.number : -1 };
  }

  private replace(lines: readonly Line[], old: Line | undefined, line: Line): void {
    const others = lines.filter((other) => other !== old);
    this.sets.set(line.number % this.setCount, [...others, line]);
  }

  /** Makes all look-ups since the last `keep` final. */
  keep(): void {
    this.sets.keep();
  }

  /** Takes back all look-ups since the last `keep`. */
  undo(): void {
    this.sets.undo();
  }
}
