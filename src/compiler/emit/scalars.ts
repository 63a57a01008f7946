/** Scalar registers of a kernel: which multiples and sums of its variables addresses need, and when. */
import type { Affine, Term, Variable } from '../kernel/affine.ts';
import type { Item, Kernel, Operation } from '../kernel/kernel.ts';
import { LAST_KERNEL_REGISTER } from '../registers.ts';

/** The sum of two or more terms, kept in a register of its own. */
export interface Sum {
  readonly key: string;
  /** Keys of what is added. */
  readonly left: string;
  readonly right: string;
}

/**
 * What has to be computed as soon as a variable has its value. `undefined` stands for what is known
 * when the kernel starts.
 */
export class Needs {
  private readonly order = new Map<Variable, number>();
  private readonly multiples = new Map<Variable | undefined, Map<string, Term>>();
  private readonly sums = new Map<Variable | undefined, Map<string, Sum>>();

  constructor(kernel: Kernel) {
    this.number(kernel.body);
    this.collect(kernel.body);
  }

  /** The multiples of a variable that addresses use; 1 among them where it is used itself. */
  multiplesOf(variable: Variable | undefined): readonly Term[] {
    return [...(this.multiples.get(variable)?.values() ?? [])];
  }

  sumsAt(variable: Variable | undefined): readonly Sum[] {
    return [...(this.sums.get(variable)?.values() ?? [])];
  }

  /** The terms of an offset in the order in which they become known. */
  ordered({ terms }: Affine): readonly Term[] {
    return this.inOrder(terms);
  }

  /** At most two keys whose registers together are the terms of an offset. */
  addressKeys({ terms }: Affine): readonly string[] {
    const sorted = this.inOrder(terms);
    if (sorted.length <= 2) return sorted.map(keyOf);
    return [sorted.slice(0, -1).map(keyOf).join(' + '), keyOf(sorted.at(-1)!)];
  }

  private inOrder(terms: readonly Term[]): readonly Term[] {
    const rank = ({ variable }: Term) => this.order.get(variable) ?? -1;
    return terms.toSorted((a, b) => rank(a) - rank(b) || (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  private number(items: readonly Item[]): void {
    for (const item of items) {
      if (item.kind === 'loop') {
        if (item.tail) this.order.set(item.tail, this.order.size);
        this.order.set(item.index, this.order.size);
        this.number(item.body);
        continue;
      }
      const { rd } = item.operands;
      if (rd?.kind === 'scalar') this.order.set(rd.variable, this.order.size);
    }
  }

  private collect(items: readonly Item[]): void {
    for (const item of items) {
      if (item.kind === 'operation') {
        this.collectOperation(item);
        continue;
      }
      if (typeof item.extent !== 'number') this.want({ variable: item.extent, coefficient: 1 });
      this.collect(item.body);
    }
  }

  private collectOperation({ operands }: Operation): void {
    for (const argument of Object.values(operands)) {
      if (argument.kind === 'place') this.collectOffset(argument.place.offset);
      const value = argument.kind === 'integer' ? argument.value : undefined;
      if (typeof value === 'object') this.want({ variable: value, coefficient: 1 });
      if (argument.kind === 'scalar') this.want({ variable: argument.variable, coefficient: 1 });
    }
  }

  private collectOffset({ terms }: Affine): void {
    const sorted = this.inOrder(terms);
    sorted.forEach((term) => this.want(term));
    for (let length = 2; length < sorted.length; length++) {
      const keys = sorted.slice(0, length).map(keyOf);
      const last = sorted[length - 1]!.variable;
      const owner = this.order.has(last) ? last : undefined;
      const sum = {
        key: keys.join(' + '),
        left: keys.slice(0, -1).join(' + '),
        right: keys.at(-1)!,
      };
      entry(this.sums, owner).set(sum.key, sum);
    }
  }

  private want(term: Term): void {
    const owner = this.order.has(term.variable) ? term.variable : undefined;
    entry(this.multiples, owner).set(keyOf(term), term);
  }
}

function entry<T>(
  map: Map<Variable | undefined, Map<string, T>>,
  key: Variable | undefined,
): Map<string, T> {
  let found = map.get(key);
  if (!found) map.set(key, (found = new Map<string, T>()));
  return found;
}

const identities = new WeakMap<Variable, number>();
let variables = 0;

/** Names a multiple of a variable. */
export function keyOf({ variable, coefficient }: Term): string {
  let id = identities.get(variable);
  if (id === undefined) identities.set(variable, (id = variables++));
  return `${id}·${coefficient}`;
}

/** A kernel needs more scalar registers at once than it may use. */
export class OutOfRegisters extends Error {}

/** Scalar registers by key, in nested scopes: leaving one frees what was taken in it. */
export class ScalarRegisters {
  private readonly taken = new Map<string, number>();
  private readonly free = Array.from({ length: LAST_KERNEL_REGISTER }, (_, i) => i + 1);
  private readonly scopes: string[][] = [[]];
  private readonly kernel: string;

  constructor(kernel: string) {
    this.kernel = kernel;
  }

  /** The register of a key, which must have one. */
  get(key: string): string {
    const register = this.taken.get(key);
    if (register !== undefined) return `r${register}`;
    throw new Error(`invariant: ${this.kernel}: no register holds ${key}`);
  }

  has(key: string): boolean {
    return this.taken.has(key);
  }

  /** A register for a new key. */
  take(key: string): string {
    const register = this.free.shift();
    if (register === undefined) {
      throw new OutOfRegisters(
        `invariant: ${this.kernel} needs more scalar registers than there are`,
      );
    }
    this.taken.set(key, register);
    this.scopes.at(-1)!.push(key);
    return `r${register}`;
  }

  /** Says that a key is in a register that is kept for it anyway. */
  pin(key: string, register: number): void {
    this.taken.set(key, register);
  }

  enter(): void {
    this.scopes.push([]);
  }

  leave(): void {
    for (const key of this.scopes.pop()!) {
      this.free.push(this.taken.get(key)!);
      this.taken.delete(key);
    }
    this.free.sort((a, b) => a - b);
  }
}
