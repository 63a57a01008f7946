/** Memory planning: which tensors are symbols, and which share the arena because they live apart. */
import type { Dim, State, TensorType, Weight } from '../../model/graph.ts';
import type { Module, Routine } from '../module.ts';
import { readsOf, rootOf, typeIn, writesOf } from '../module.ts';

/** A stretch of memory: a symbol of the program, or a part of the arena. */
export interface Buffer {
  /** Unique; `routine:tensor` for what belongs to one routine. */
  readonly key: string;
  /** As the model calls it. */
  readonly tensor: string;
  readonly role: 'weight' | 'state' | 'input' | 'output' | 'temporary';
  readonly dtype: TensorType['dtype'];
  /** Counts replaced by their limits; layers in front, where each has its own. */
  readonly shape: readonly number[];
  /** What fills it. */
  readonly weights: readonly Weight[];
  /** Bytes from the start of the arena, of temporaries that share it. */
  readonly arena: number | undefined;
}

export interface Plan {
  readonly buffers: ReadonlyMap<string, Buffer>;
  /** Elements of the arena; 0 when there is none. */
  readonly arenaElements: number;
}

const ALIGNMENT = 64;

/** The key of the buffer in which a tensor's root is. */
export function bufferKey(routine: Routine, tensor: string): string {
  const root = rootOf(routine, tensor);
  const isShared = [...routine.graph.weights, ...routine.graph.states].some(
    ({ name }) => name === root,
  );
  return isShared ? root : `${routine.name}:${root}`;
}

/** Finds a place for every tensor that has memory. */
export function plan(module: Module): Plan {
  const buffers = new Map<string, Buffer>();
  let arenaBytes = 0;
  for (const routine of module.routines) {
    const lives = livesOf(routine);
    for (const name of lives.keys()) {
      const buffer = bufferOf(module, routine, name);
      if (!buffers.has(buffer.key)) buffers.set(buffer.key, buffer);
    }
    if (module.level === 0) continue;
    const temporaries = [...lives].filter(
      ([name]) => buffers.get(bufferKey(routine, name))!.role === 'temporary',
    );
    for (const [name, at] of packArena(module, routine, temporaries)) {
      const key = bufferKey(routine, name);
      const buffer = buffers.get(key)!;
      buffers.set(key, { ...buffer, arena: at });
      arenaBytes = Math.max(arenaBytes, at + bytesOf(buffer));
    }
  }
  return { buffers, arenaElements: arenaBytes / 4 };
}

const bytesOf = ({ shape }: Pick<Buffer, 'shape'>) => shape.reduce((n, dim) => n * dim, 4);

function bufferOf(module: Module, routine: Routine, tensor: string): Buffer {
  const { graph } = routine;
  const { dtype, shape } = typeIn(routine, tensor);
  const stack = module.stacks.get(tensor);
  const own = shape.map((dim) => limitOf(routine, dim));
  const weight = graph.weights.find(({ name }) => name === tensor);
  const weights = (stack ?? (weight ? [weight] : [])).filter(isWeight);
  const role = roleOf(routine, tensor);
  const output = graph.outputs.find((name) => rootOf(routine, name) === tensor);
  return {
    key: bufferKey(routine, tensor),
    tensor: role === 'output' ? output! : tensor,
    role,
    dtype,
    shape: stack ? [stack.length, ...own] : own,
    weights,
    arena: undefined,
  };
}

const isWeight = (constant: Weight | State): constant is Weight => 'read' in constant;

function limitOf({ graph }: Routine, dim: Dim): number {
  if (typeof dim === 'number') return dim;
  const limit = graph.limits[dim];
  if (limit === undefined) throw new Error(`invariant: ${graph.name} has no limit of ${dim}`);
  return limit;
}

function roleOf(routine: Routine, tensor: string): Buffer['role'] {
  const { weights, states, inputs, outputs } = routine.graph;
  const has = (list: readonly { readonly name: string }[]) =>
    list.some(({ name }) => name === tensor);
  if (has(weights)) return 'weight';
  if (has(states)) return 'state';
  if (has(inputs)) return 'input';
  return outputs.some((output) => rootOf(routine, output) === tensor) ? 'output' : 'temporary';
}

interface Life {
  readonly first: number;
  last: number;
}

/** First and last step in which each tensor with memory is used. */
function livesOf(routine: Routine): ReadonlyMap<string, Life> {
  const lives = new Map<string, Life>();
  const touch = (name: string, at: number) => {
    const root = rootOf(routine, name);
    const life = lives.get(root);
    if (life) life.last = Math.max(life.last, at);
    else lives.set(root, { first: at, last: at });
  };
  let at = 0;
  for (const { name } of routine.graph.inputs) touch(name, at);
  for (const { count, steps } of routine.sections) {
    const start = ++at;
    for (const step of steps) {
      at++;
      for (const name of [...readsOf(step), ...writesOf(step)]) touch(name, at);
    }
    // What enters a loop is needed until its last round is over.
    for (const life of lives.values()) {
      if (count > 1 && life.first < start && life.last > start) life.last = at;
    }
  }
  for (const name of routine.graph.outputs) touch(name, at + 1);
  return lives;
}

/** First fit, the largest first: offsets such that what lives at the same time does not overlap. */
function packArena(
  module: Module,
  routine: Routine,
  temporaries: readonly (readonly [string, Life])[],
): ReadonlyMap<string, number> {
  const sized = temporaries.map(([name, life]) => {
    const bytes = bytesOf(bufferOf(module, routine, name));
    return { name, life, bytes: Math.ceil(bytes / ALIGNMENT) * ALIGNMENT };
  });
  const placed: ((typeof sized)[number] & { readonly at: number })[] = [];
  for (const item of sized.toSorted((a, b) => b.bytes - a.bytes)) {
    const others = placed
      .filter(({ life }) => life.first <= item.life.last && item.life.first <= life.last)
      .toSorted((a, b) => a.at - b.at);
    let at = 0;
    for (const other of others) {
      if (at + item.bytes <= other.at) break;
      at = Math.max(at, other.at + other.bytes);
    }
    placed.push({ ...item, at });
  }
  return new Map(placed.map(({ name, at }) => [name, at]));
}
