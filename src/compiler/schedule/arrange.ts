/** List scheduling: the order of instructions without a loop between them. */
import type { Unit } from '../../../isa/work.ts';
import type { Size, Variable } from '../kernel/affine.ts';
import type { Operation, TileValue } from '../kernel/kernel.ts';
import { accessOf, readTiles, writtenTile } from '../kernel/kernel.ts';

/**
 * Cycles to a result, and until the unit takes the next instruction, of a machine on which memory is
 * far and the matrix unit deep. The order only has to be good on many machines, not exact on one.
 */
const TIMES: Readonly<Record<Unit, { readonly latency: number; readonly interval: number }>> = {
  alu: { latency: 1, interval: 1 },
  mxu: { latency: 48, interval: 16 },
  vec: { latency: 18, interval: 16 },
  sfu: { latency: 22, interval: 16 },
  dma: { latency: 130, interval: 64 },
};

/** Instructions more than this are left as they are: the work grows with their square. */
const MAX_STRETCH = 1500;

interface Node {
  readonly operation: Operation;
  readonly successors: Set<Node>;
  waits: number;
  /** Cycles from its issue to the end of the longest chain behind it. */
  height: number;
  readyCycle: number;
}

/**
 * The operations in an order in which each comes as soon as its operands and unit allow, the head of
 * the longest chain first (Gibbons and Muchnick, 1986). Reads and writes of a tile, an integer or a
 * buffer keep their order.
 */
export function arrange(stretch: readonly Operation[]): readonly Operation[] {
  if (stretch.length < 3 || stretch.length > MAX_STRETCH) return stretch;
  const nodes = link(stretch);
  for (const node of nodes.toReversed()) {
    const behind = Math.max(0, ...[...node.successors].map(({ height }) => height));
    node.height = behind + TIMES[node.operation.definition.unit].latency;
  }
  const order: Operation[] = [];
  const freeCycle: Record<Unit, number> = { alu: 0, mxu: 0, vec: 0, sfu: 0, dma: 0 };
  const ready = nodes.filter(({ waits }) => waits === 0);
  let cycle = 0;
  while (ready.length > 0) {
    const at = best(ready, freeCycle, cycle);
    const [node] = ready.splice(at, 1) as [Node];
    const { unit } = node.operation.definition;
    cycle = Math.max(cycle, node.readyCycle, freeCycle[unit]);
    freeCycle[unit] = cycle + TIMES[unit].interval;
    order.push(node.operation);
    for (const next of node.successors) {
      next.readyCycle = Math.max(next.readyCycle, cycle + latency(node, next));
      if (--next.waits === 0) ready.push(next);
    }
    cycle++;
  }
  return order;
}

/** Behind a result its latency; where only the order matters, nothing. */
function latency(node: Node, next: Node): number {
  const written = writtenTile(node.operation);
  const isRead = written !== undefined && readTiles(next.operation).includes(written);
  return isRead ? TIMES[node.operation.definition.unit].latency : 1;
}

/** The one that can start first; of several, the head of the longest chain. */
function best(
  ready: readonly Node[],
  freeCycle: Readonly<Record<Unit, number>>,
  now: number,
): number {
  const start = ({ operation, readyCycle }: Node) =>
    Math.max(now, readyCycle, freeCycle[operation.definition.unit]);
  let found = 0;
  ready.forEach((node, i) => {
    const other = ready[found]!;
    const earlier = start(node) - start(other);
    if (earlier < 0 || (earlier === 0 && node.height > other.height)) found = i;
  });
  return found;
}

/** The operations as a graph of what must stay in order. */
function link(stretch: readonly Operation[]): readonly Node[] {
  const nodes = stretch.map((operation): Node => ({
    operation,
    successors: new Set(),
    waits: 0,
    height: 0,
    readyCycle: 0,
  }));
  const lastWrite = new Map<unknown, Node>();
  const readers = new Map<unknown, Node[]>();
  const edge = (from: Node | undefined, to: Node) => {
    if (!from || from === to || from.successors.has(to)) return;
    from.successors.add(to);
    to.waits++;
  };
  for (const node of nodes) {
    const { reads, writes } = effects(node.operation);
    for (const thing of reads) {
      edge(lastWrite.get(thing), node);
      readers.set(thing, [...(readers.get(thing) ?? []), node]);
    }
    for (const thing of writes) {
      edge(lastWrite.get(thing), node);
      for (const reader of readers.get(thing) ?? []) edge(reader, node);
      lastWrite.set(thing, node);
      readers.set(thing, []);
    }
  }
  return nodes;
}

/** Tiles, variables and buffers that an operation reads and writes. */
function effects(operation: Operation): {
  readonly reads: readonly (TileValue | Variable | string)[];
  readonly writes: readonly (TileValue | Variable | string)[];
} {
  const reads: (TileValue | Variable | string)[] = [...readTiles(operation)];
  const written = writtenTile(operation);
  const writes: (TileValue | Variable | string)[] = written ? [written] : [];
  for (const [name, argument] of Object.entries(operation.operands)) {
    if (argument.kind === 'integer') reads.push(...variablesOf(argument.value));
    if (argument.kind === 'scalar') (name === 'rd' ? writes : reads).push(argument.variable);
  }
  const access = accessOf(operation);
  if (access) {
    reads.push(...access.place.offset.terms.map(({ variable }) => variable));
    (access.writes ? writes : reads).push(access.place.buffer);
  }
  return { reads, writes };
}

const variablesOf = (size: Size): readonly Variable[] => (typeof size === 'number' ? [] : [size]);
