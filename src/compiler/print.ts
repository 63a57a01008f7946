/** Passes on paper: what `--print-after` shows. */
import type { Affine, Size } from './kernel/affine.ts';
import { showType } from '../model/graph.ts';
import type { Argument, Item, Kernel, Operation, TileValue } from './kernel/kernel.ts';
import type { Module, Routine } from './module.ts';
import { typeIn } from './module.ts';
import type { Plan } from './passes/plan.ts';
import type { Step } from './step.ts';

/** Steps, one to a line, with loops over layers indented. */
export function printModule({ routines, stacks }: Module): string {
  const lines = routines.flatMap((routine) => [
    `${routine.name}:`,
    ...routine.sections.flatMap(({ name, count, steps }) => {
      const own = steps.map((step) => printStep(routine, step));
      return count === 1 ? own : [`  repeat ${count} times, ${name}:`, ...own.map((l) => `  ${l}`)];
    }),
    ...[...routine.aliases].map(
      ([tensor, { of, constant, variable, bytes }]) =>
        `  ${tensor} is ${of}${variable ? ` + ${variable.name}·${bytes}` : ''}${constant ? ` + ${constant}` : ''}`,
    ),
  ]);
  const stacked = [...stacks].map(
    ([name, { length }]) => `  ${name}: one for each of ${length} layers`,
  );
  return `${[...lines, ...stacked].join('\n')}\n`;
}

function printStep(routine: Routine, { node, epilogue, output }: Step): string {
  const attributes = Object.entries(node.attributes)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name}=${String(value)}`);
  const operands = [...node.inputs.map((name) => name || '–'), ...attributes].join(', ');
  const then = epilogue.map(({ op, other }) => ` then ${op}${other ? ` ${other}` : ''}`).join('');
  return `  ${output}: ${showType(typeIn(routine, output))} = ${node.op}(${operands})${then}`;
}

/** Buffers, one to a line. */
export function printPlan({ buffers, arenaElements }: Plan): string {
  const lines = [...buffers.values()].map(
    ({ key, role, dtype, shape, arena }) =>
      `${key}: ${role}, ${shape.join('×') || 'one'} ${dtype}${arena === undefined ? '' : `, arena + ${arena}`}`,
  );
  return `${[...lines, `arena: ${arenaElements * 4} bytes`].join('\n')}\n`;
}

/** Loops and instructions, with registers where they are known. */
export function printKernels(
  kernels: readonly Kernel[],
  registers: ReadonlyMap<TileValue, number> = new Map(),
): string {
  const lines = kernels.flatMap(({ name, title, body }) => [
    `${name}: ${title}`,
    ...printItems(body, '  ', registers),
  ]);
  return `${lines.join('\n')}\n`;
}

function printItems(
  items: readonly Item[],
  indent: string,
  registers: ReadonlyMap<TileValue, number>,
): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'operation') return [`${indent}${printOperation(item, registers)}`];
    const { name, extent, step, tail, body } = item;
    const size = tail ? `, ${tail.name} each` : '';
    return [
      `${indent}for ${name} below ${printSize(extent)} by ${step}${size}:`,
      ...printItems(body, `${indent}  `, registers),
    ];
  });
}

function printOperation(
  { definition, flags, operands }: Operation,
  registers: ReadonlyMap<TileValue, number>,
): string {
  const texts = Object.entries(operands).map(([name, argument]) => {
    const text = printArgument(argument, registers);
    return argument.kind === 'tile' || argument.kind === 'place' ? text : `${name}=${text}`;
  });
  return `${[definition.mnemonic, ...flags].join('.')} ${texts.join(', ')}`;
}

function printArgument(argument: Argument, registers: ReadonlyMap<TileValue, number>): string {
  switch (argument.kind) {
    case 'tile': {
      const register = registers.get(argument.tile);
      return register === undefined ? argument.tile.name : `t${register}`;
    }
    case 'scalar':
      return argument.variable.name;
    case 'integer':
      return printSize(argument.value);
    case 'number':
      return String(argument.value);
    case 'place':
      return `[${[argument.place.buffer, ...printAffine(argument.place.offset)].join(' + ')}]`;
  }
  return argument satisfies never;
}

const printSize = (size: Size): string => (typeof size === 'number' ? String(size) : size.name);

function printAffine({ constant, terms }: Affine): string[] {
  const multiples = terms.map(({ variable, coefficient }) => `${coefficient}·${variable.name}`);
  return constant === 0 ? multiples : [...multiples, String(constant)];
}
