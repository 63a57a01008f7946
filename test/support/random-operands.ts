/** Random operands of one instruction, and what is known of them. */
import type { InstructionDefinition } from '../../isa/instruction.ts';
import type { Operand } from '../../isa/operand.ts';
import { FORMATS } from '../../src/tensor/formats.ts';
import { MEMORY_BASE } from '../../src/program/program.ts';
import type { KnownValues } from '../../src/program/verify-values.ts';
import type { Shape } from '../../src/tensor/tile.ts';
import type { Context, Draws, Range } from './random-context.ts';
import { exactly } from './random-context.ts';

type Spec = InstructionDefinition['operands'][number];

/** What all instructions of a program share. */
export interface Surroundings {
  readonly tile: number;
  /** The first address behind memory, which has no gaps. */
  readonly memoryEnd: number;
  /** Edges of tiles, a ragged one among them. */
  readonly dimensions: readonly number[];
}

export const INT32_LIMIT = 2 ** 31 - 1;
/** Keeps every chain of integer operations exact. */
export const SCALAR_LIMIT = 2 ** 40;
const INTEGERS = [1, 2, 3, 4, 8, 64, 0, -1];
/** The same places for all formats, so that their transfers meet. */
const POPULAR_BYTES = 64;
const NUMBERS = [0, 1, 0.5, -1.25, 1e-5, 3];

/** Thrown when an attempt comes to nothing; made once, for that happens often. */
export const UNFIT = new Error('an operand does not fit');

export function hasAddress(definition: InstructionDefinition): boolean {
  return definition.operands.some(({ kind }) => kind === 'address');
}

/** Draws operands one by one; throws UNFIT where a register holds nothing that would do. */
export class OperandDraws {
  /** By name, as the rules of the definition want them. */
  readonly known: KnownValues = {};
  /** What the scalar operands may be, in their order. */
  readonly ranges: Range[] = [];
  private readonly draws: Draws;
  private readonly context: Context;
  private readonly around: Surroundings;
  /** The tile to read, when it is not free to choose. */
  private readonly source: number | undefined;

  constructor(draws: Draws, context: Context, around: Surroundings, source: number | undefined) {
    this.draws = draws;
    this.context = context;
    this.around = around;
    this.source = source;
  }

  /** An operand that is read; an address comes later, with `place`, when the rest is known. */
  read(spec: Spec, definition: InstructionDefinition): Operand {
    switch (spec.kind) {
      case 'tile': {
        if (this.context.tiles.size === 0) throw UNFIT;
        const register = this.source ?? this.draws.pick([...this.context.tiles.keys()]);
        this.known[spec.name] = this.shapeOf(register);
        return { kind: 'tile', register };
      }
      case 'scalar':
        return this.register(spec.name, hasAddress(definition) ? INT32_LIMIT : SCALAR_LIMIT);
      case 'integer':
        return this.integer(spec, definition);
      case 'number':
        return this.constant(spec.name, this.number(spec));
      case 'address':
        return { kind: 'absent' };
      case 'label':
        throw UNFIT;
    }
    return spec.kind satisfies never;
  }

  shapeOf(register: number): Shape {
    const shape = this.context.tiles.get(register);
    if (!shape) throw UNFIT;
    return shape;
  }

  private register(name: string, limit: number): Operand {
    const register = this.draws.pick([...this.context.scalars.keys()]);
    const range = this.context.scalars.get(register)!;
    if (range.min < -limit || range.max > limit) throw UNFIT;
    this.ranges.push(range);
    this.known[name] = range.min === range.max ? range.min : undefined;
    return { kind: 'scalar', register };
  }

  private number(spec: Spec): number {
    const byDefault = this.draws.oneIn(2) ? spec.default : undefined;
    return byDefault ?? this.draws.pick(NUMBERS);
  }

  private constant(name: string, value: number): Operand {
    this.known[name] = value;
    return { kind: 'constant', value };
  }

  /** A size is one of the usual edges, a stride in whole elements, and an operand of arithmetic anything. */
  private integer(spec: Spec, definition: InstructionDefinition): Operand {
    const { draws } = this;
    if (spec.optional && draws.oneIn(2)) return { kind: 'absent' };
    if (draws.oneIn(3)) {
      const operand = this.register(spec.name, SCALAR_LIMIT);
      if (definition.unit === 'alu' || this.known[spec.name] !== undefined) return operand;
      throw UNFIT;
    }
    if (definition.unit === 'alu') {
      const value = draws.pick(INTEGERS);
      this.ranges.push(exactly(value));
      return this.constant(spec.name, value);
    }
    if (isStride(definition, spec.name)) {
      const bytes = bytesOf(definition);
      return this.constant(spec.name, bytes * draws.pick([1, 2, ...this.around.dimensions]));
    }
    return this.constant(spec.name, draws.pick(this.around.dimensions));
  }

  /** An address from which the whole transfer stays inside memory, often near others. */
  place(definition: InstructionDefinition, spec: Spec): Operand {
    const { draws, known } = this;
    const work = definition.work({ ...known, [spec.name]: 0 });
    const bytes = bytesOf(definition);
    if (work.kind !== 'memory' || work.strideBytes % bytes !== 0) throw UNFIT;
    const reach = (work.rows - 1) * work.strideBytes;
    const registers = [...this.context.scalars].filter(
      ([, r]) => r.aligned && r.max - r.min < 4096,
    );
    const chosen = [1, 2].flatMap(() => (draws.oneIn(2) ? [draws.pick(registers)] : []));
    const min = chosen.reduce((sum, [, range]) => sum + range.min, 0);
    const max = chosen.reduce((sum, [, range]) => sum + range.max, 0);
    const low = MEMORY_BASE - Math.min(reach, 0);
    const room = this.around.memoryEnd - Math.max(reach, 0) - work.rowBytes - (max - min) - low;
    if (room < 0) throw UNFIT;
    const anywhere = bytes * draws.below(Math.floor(room / bytes) + 1);
    const popular = POPULAR_BYTES * draws.below(Math.floor(room / POPULAR_BYTES) + 1);
    const offset = low - min + (draws.oneIn(2) ? anywhere : popular);
    const [base, index] = [...chosen.map(([register]) => register).filter((r) => r !== 0), 0, 0];
    return { kind: 'address', offset, base, index };
  }
}

/** Bytes of each element that an instruction with an address moves. */
function bytesOf({ elements }: InstructionDefinition): number {
  return FORMATS[elements!].bytes;
}

/** Whether an integer operand decides how far apart the rows of a transfer lie. */
function isStride(definition: InstructionDefinition, name: string): boolean {
  if (!hasAddress(definition)) return false;
  const tile = { rows: 1, cols: 1 };
  const values = Object.fromEntries(
    definition.operands.map((spec) => [spec.name, spec.kind === 'tile' ? tile : 1]),
  );
  const strideOf = (value: number) => {
    const work = definition.work({ ...values, [name]: value });
    return work.kind === 'memory' ? work.strideBytes : 0;
  };
  return strideOf(1) !== strideOf(2);
}
