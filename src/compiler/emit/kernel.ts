/** Emission: a kernel with its registers becomes lines of assembly. */
import type { InstructionDefinition } from '../../../isa/instruction.ts';
import { bge } from '../../../isa/instructions/bge.ts';
import { blt } from '../../../isa/instructions/blt.ts';
import { iadd } from '../../../isa/instructions/iadd.ts';
import { imin } from '../../../isa/instructions/imin.ts';
import { imul } from '../../../isa/instructions/imul.ts';
import { isub } from '../../../isa/instructions/isub.ts';
import { li } from '../../../isa/instructions/li.ts';
import type { Size, Term, Variable } from '../kernel/affine.ts';
import type {
  Argument,
  Item,
  Kernel,
  Loop,
  Operation,
  Place,
  TileValue,
} from '../kernel/kernel.ts';
import { Needs, OutOfRegisters, ScalarRegisters, keyOf } from './scalars.ts';

/** Where buffers are, as text: the symbol, and bytes behind it. */
export type BufferNames = (buffer: string) => { readonly symbol: string; readonly offset: number };

/** A label that no other kernel has. */
export type LabelNames = (wanted: string) => string;

/**
 * What of an address waits in registers: every multiple of a variable and every sum of them; only the
 * multiples that a loop can count up; only the variables. What does not wait is computed each time,
 * which takes two registers in all.
 */
const KEPT = ['sums', 'multiples', 'variables'] as const;
type Kept = (typeof KEPT)[number];

/** The lines of a kernel, without title and part. */
export function emitKernel(
  kernel: Kernel,
  registers: ReadonlyMap<TileValue, number>,
  buffers: BufferNames,
  labels: LabelNames,
): readonly string[] {
  const kept = KEPT.find((all) => fits(kernel, registers, all)) ?? 'variables';
  return new KernelWriter(kernel, registers, buffers, labels, kept).lines;
}

/** Whether there are scalar registers for all that is to be kept. */
function fits(kernel: Kernel, registers: ReadonlyMap<TileValue, number>, kept: Kept): boolean {
  try {
    const nowhere = () => ({ symbol: '', offset: 0 });
    new KernelWriter(kernel, registers, nowhere, (wanted) => wanted, kept);
    return true;
  } catch (error) {
    if (error instanceof OutOfRegisters) return false;
    throw error;
  }
}

/** One instruction as a line. */
export function line(
  { mnemonic }: InstructionDefinition,
  operands: readonly (string | number)[],
  note = '',
  flags: readonly string[] = [],
): string {
  const name = [mnemonic, ...flags].join('.');
  const text = `      ${name.padEnd(11)} ${operands.join(', ')}`.trimEnd();
  return note === '' ? text : `${text}  ${comment(note)}`;
}

/** A comment: models call things as they like, but a name must not end the line that it stands in. */
export function comment(text: string): string {
  return `; ${text.replaceAll(/[\s\p{Cc}]+/gu, ' ')}`.trimEnd();
}

class KernelWriter {
  readonly lines: string[] = [];
  private readonly kernel: Kernel;
  private readonly tiles: ReadonlyMap<TileValue, number>;
  private readonly buffers: BufferNames;
  private readonly labels: LabelNames;
  private readonly needs: Needs;
  private readonly scalars: ScalarRegisters;
  private readonly kept: Kept;

  constructor(
    kernel: Kernel,
    tiles: ReadonlyMap<TileValue, number>,
    buffers: BufferNames,
    labels: LabelNames,
    kept: Kept,
  ) {
    this.kept = kept;
    this.kernel = kernel;
    this.tiles = tiles;
    this.buffers = buffers;
    this.labels = labels;
    this.needs = new Needs(kernel);
    this.scalars = new ScalarRegisters(kernel.name);
    for (const { variable } of this.needs.multiplesOf(undefined)) {
      if (variable.register === undefined) {
        throw new Error(`invariant: ${kernel.name} uses ${variable.name} before it has a value`);
      }
      this.scalars.pin(keyOf({ variable, coefficient: 1 }), variable.register);
    }
    this.computeFrom(undefined);
    this.emit(kernel.body);
  }

  private emit(items: readonly Item[]): void {
    for (const item of items) {
      if (item.kind === 'loop') this.emitLoop(item);
      else this.emitOperation(item);
    }
  }

  private emitLoop(loop: Loop): void {
    const { index, extent, step, tail } = loop;
    const wanted = this.needs.multiplesOf(index);
    const multiples = this.kept === 'variables' && wanted.length > 0 ? [one(index)] : wanted;
    this.scalars.enter();
    for (const term of multiples) {
      this.lines.push(line(li, [this.scalars.take(keyOf(term)), 0]));
    }
    const pointer = multiples.find(({ coefficient }) => coefficient > 0);
    const isCounted = tail !== undefined || typeof extent !== 'number' || !pointer;
    const counter = isCounted ? this.scalars.take(`counter of ${keyOf(one(index))}`) : '';
    if (isCounted) this.lines.push(line(li, [counter, this.size(extent)], `${loop.name} to do`));
    const label = this.labels(`${this.kernel.name}_${loop.name}`);
    this.lines.push(`${label}:`);
    this.scalars.enter();
    if (tail) {
      this.lines.push(line(imin, [this.scalars.take(keyOf(one(tail))), counter, step], loop.note));
      this.computeFrom(tail);
    }
    this.sumUp(index);
    this.emit(loop.body);
    this.scalars.leave();
    for (const term of multiples) {
      const register = this.scalars.get(keyOf(term));
      this.lines.push(line(iadd, [register, register, term.coefficient * step]));
    }
    if (isCounted) {
      this.lines.push(line(isub, [counter, counter, step]), line(bge, [counter, 1, label]));
    } else {
      const end = (extent as number) * pointer!.coefficient;
      this.lines.push(line(blt, [this.scalars.get(keyOf(pointer!)), end, label]));
    }
    this.scalars.leave();
  }

  private emitOperation(operation: Operation): void {
    const { definition, flags, operands, note } = operation;
    const { rd } = operands;
    if (rd?.kind === 'scalar') this.scalars.take(keyOf(one(rd.variable)));
    const texts = definition.operands.flatMap(({ name, keyword }) => {
      const argument = operands[name];
      if (!argument) return [];
      const text = this.argument(argument);
      return [keyword ? `${name}=${text}` : text];
    });
    this.lines.push(line(definition, texts, note, flags));
    if (rd?.kind === 'scalar') this.computeFrom(rd.variable);
  }

  /** What addresses need of a variable that has just got its value. */
  private computeFrom(variable: Variable | undefined): void {
    for (const term of this.kept === 'sums' ? this.needs.multiplesOf(variable) : []) {
      if (this.scalars.has(keyOf(term))) continue;
      const from = this.scalars.get(keyOf(one(term.variable)));
      const { coefficient, variable: of } = term;
      const register = this.scalars.take(keyOf(term));
      this.lines.push(line(imul, [register, from, coefficient], `${of.name} in bytes`));
    }
    this.sumUp(variable);
  }

  private sumUp(variable: Variable | undefined): void {
    for (const { key, left, right } of this.kept === 'sums' ? this.needs.sumsAt(variable) : []) {
      const operands = [this.scalars.get(left), this.scalars.get(right)];
      this.lines.push(line(iadd, [this.scalars.take(key), ...operands]));
    }
  }

  private argument(argument: Argument): string {
    switch (argument.kind) {
      case 'tile':
        return this.tile(argument.tile);
      case 'scalar':
        return this.scalars.get(keyOf(one(argument.variable)));
      case 'integer':
        return this.size(argument.value);
      case 'number':
        return numberText(argument.value);
      case 'place':
        return this.place(argument.place);
    }
    return argument satisfies never;
  }

  private tile(tile: TileValue): string {
    const register = this.tiles.get(tile);
    if (register !== undefined) return `t${register}`;
    throw new Error(`invariant: ${this.kernel.name}: ${tile.name} has no register`);
  }

  private size(size: Size): string {
    return typeof size === 'number' ? String(size) : this.scalars.get(keyOf(one(size)));
  }

  /** At most two registers that together are these terms; what is not in a register is computed. */
  private computedAddress(terms: readonly Term[]): readonly string[] {
    const ready = terms.filter((term) => this.scalars.has(keyOf(term)));
    const late = terms.filter((term) => !ready.includes(term));
    const registers = ready.map((term) => this.scalars.get(keyOf(term)));
    if (late.length === 0 && registers.length <= 2) return registers;
    this.scalars.enter();
    const sum = this.scalars.take('sum');
    const factor = this.scalars.take('factor');
    late.forEach(({ variable, coefficient }, i) => {
      const from = this.scalars.get(keyOf(one(variable)));
      this.lines.push(line(imul, [i === 0 ? sum : factor, from, coefficient]));
      if (i > 0) this.lines.push(line(iadd, [sum, sum, factor]));
    });
    const last = registers.pop();
    if (late.length === 0) this.lines.push(line(li, [sum, registers.shift()!]));
    for (const register of registers) this.lines.push(line(iadd, [sum, sum, register]));
    this.scalars.leave();
    return last === undefined ? [sum] : [sum, last];
  }

  private place({ buffer, offset }: Place): string {
    const { symbol, offset: start } = this.buffers(buffer);
    const registers =
      this.kept === 'sums'
        ? this.needs.addressKeys(offset).map((key) => this.scalars.get(key))
        : this.computedAddress(this.needs.ordered(offset));
    const constant = start + offset.constant;
    const sum = [symbol, ...registers].join(' + ');
    if (constant === 0) return `[${sum}]`;
    return `[${sum} ${constant < 0 ? '-' : '+'} ${Math.abs(constant)}]`;
  }
}

const one = (variable: Variable) => ({ variable, coefficient: 1 });

/** A float32 constant, in as few digits as tell it from its neighbours. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(value);
}
