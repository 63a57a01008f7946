/** Checks between passes; what they find is a mistake of the compiler, not of the model. */
import type { Size, Variable } from '../kernel/affine.ts';
import type { Item, Kernel, Operation } from '../kernel/kernel.ts';
import { accessOf, readTiles, writtenTile } from '../kernel/kernel.ts';
import type { TileValue } from '../kernel/kernel.ts';
import type { Module } from '../module.ts';
import { readsOf, rootOf, typeIn, writesOf } from '../module.ts';

const invariant = (text: string) => new Error(`invariant: ${text}`);

/** Every tensor that is read has been written before, or is given. */
export function checkModule({ routines }: Module): void {
  for (const routine of routines) {
    const { graph, sections, name } = routine;
    const known = new Set(
      [...graph.inputs, ...graph.weights, ...graph.states].map((given) => given.name),
    );
    for (const step of sections.flatMap(({ steps }) => steps)) {
      for (const tensor of readsOf(step)) {
        typeIn(routine, tensor);
        if (!known.has(rootOf(routine, tensor))) {
          throw invariant(`${name}: ${step.node.name} reads ${tensor} before it is written`);
        }
      }
      for (const tensor of writesOf(step)) known.add(rootOf(routine, tensor));
    }
  }
}

/** Tiles are written before they are read, and variables are used where they have a value. */
export function checkKernel(kernel: Kernel): void {
  const tiles = new Set<TileValue>();
  const visit = (items: readonly Item[], variables: ReadonlySet<Variable>): void => {
    const known = new Set(variables);
    for (const item of items) {
      if (item.kind === 'operation') {
        checkOperation(kernel, item, tiles, known);
        continue;
      }
      requireSize(kernel, item.extent, known);
      visit(item.body, new Set([...known, item.index, ...(item.tail ? [item.tail] : [])]));
    }
  };
  visit(kernel.body, new Set());
}

function checkOperation(
  kernel: Kernel,
  operation: Operation,
  tiles: Set<TileValue>,
  variables: Set<Variable>,
): void {
  for (const tile of readTiles(operation)) {
    if (!tiles.has(tile)) throw invariant(`${kernel.name} reads ${tile.name} before it is written`);
  }
  for (const [name, argument] of Object.entries(operation.operands)) {
    if (argument.kind === 'integer') requireSize(kernel, argument.value, variables);
    if (argument.kind === 'scalar' && name !== 'rd') {
      requireSize(kernel, argument.variable, variables);
    }
  }
  for (const { variable } of accessOf(operation)?.place.offset.terms ?? []) {
    requireSize(kernel, variable, variables);
  }
  const { rd } = operation.operands;
  if (rd?.kind === 'scalar') variables.add(rd.variable);
  const written = writtenTile(operation);
  if (written) tiles.add(written);
}

function requireSize(kernel: Kernel, size: Size, variables: ReadonlySet<Variable>): void {
  if (typeof size === 'number' || size.register !== undefined || variables.has(size)) return;
  throw invariant(`${kernel.name} uses ${size.name} where it has no value`);
}
