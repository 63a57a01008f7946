/** One random instruction that cannot trap, chosen by the fields of its definition alone. */
import type { Instruction, InstructionDefinition } from '../../isa/instruction.ts';
import { OperandError } from '../../isa/instruction.ts';
import { INSTRUCTIONS } from '../../isa/index.ts';
import type { Operand, PartialShape } from '../../isa/operand.ts';
import { UNITS } from '../../isa/work.ts';
import { MEMORY_BASE } from '../../src/program/program.ts';
import type { Shape } from '../../src/tensor/tile.ts';
import type { KnownValues } from '../../src/program/verify-values.ts';
import { evaluate } from '../../src/program/verify-values.ts';
import type { Context, Draws, Pins, Range } from './random-context.ts';
import { SCALARS, TILES, exactly, isWithin } from './random-context.ts';

type Spec = InstructionDefinition['operands'][number];

/** What all instructions of a program share. */
export interface Surroundings {
  readonly tile: number;
  /** The first address behind memory, which has no gaps. */
  readonly memoryEnd: number;
  /** Edges of tiles, a ragged one among them. */
  readonly dimensions: readonly number[];
}

const ATTEMPTS = 24;
const INT32_LIMIT = 2 ** 31 - 1;
/** Keeps every chain of integer operations exact. */
const SCALAR_LIMIT = 2 ** 40;
const NUMBERS = [0, 1, 0.5, -1.25, 1e-5, 3];

const PLAIN = INSTRUCTIONS.filter(({ control }) => control === 'next');
const BY_UNIT = UNITS.map((unit) => PLAIN.filter((definition) => definition.unit === unit));
const readsTile = (definition: InstructionDefinition) =>
  definition.operands.some(({ kind, access }) => kind === 'tile' && access === 'read');
const hasAddress = (definition: InstructionDefinition) =>
  definition.operands.some(({ kind }) => kind === 'address');

/** Makes a tile of nothing but a constant. */
const FILLER = PLAIN.find((d) => d.writesTile && !readsTile(d) && !hasAddress(d))!;
/** What may need tiles of sensible values, such as weights to draw from. */
const needsWeights = (definition: InstructionDefinition) =>
  definition.set === 'token' && readsTile(definition);

/** One instruction, or a few where one needs preparation; `context` is carried over them. */
export function randomInstructions(
  draws: Draws,
  context: Context,
  pins: Pins,
  around: Surroundings,
): Instruction[] {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const definition = draws.pick(draws.pick(BY_UNIT));
    if (needsWeights(definition)) {
      const weights = drawFrom(draws, definition, context, pins, around);
      if (weights) return weights;
      continue;
    }
    for (let i = 0; i < ATTEMPTS; i++) {
      const instruction = new Builder(draws, context, pins, around).build(definition);
      if (instruction) return [instruction];
    }
  }
  return [];
}

/** A tile of equal weights, and the instruction that reads it. */
function drawFrom(
  draws: Draws,
  definition: InstructionDefinition,
  context: Context,
  pins: Pins,
  around: Surroundings,
): Instruction[] | undefined {
  const spare = TILES.filter((tile) => !pins.tiles.has(tile));
  if (spare.length === 0) return undefined;
  const tile = draws.pick(spare);
  const cols = draws.pick(around.dimensions);
  const before = context.tiles.get(tile);
  const operands = FILLER.operands.map(({ kind }, i): Operand => {
    if (kind === 'tile') return { kind, register: tile };
    const isLast = i === FILLER.operands.length - 1;
    return { kind: 'constant', value: kind === 'number' ? 0.5 : isLast ? cols : 1 };
  });
  context.tiles.set(tile, { rows: 1, cols });
  const reader = new Builder(draws, context, pins, around, tile).build(definition);
  if (reader) return [{ definition: FILLER, flags: 0, operands }, reader];
  if (before) context.tiles.set(tile, before);
  else context.tiles.delete(tile);
  return undefined;
}

/** Thrown when an attempt comes to nothing; made once, for that happens often. */
const UNFIT = new Error('an operand does not fit');

/** One attempt: operands are drawn one by one, then tried against the definition's own rules. */
class Builder {
  private readonly draws: Draws;
  private readonly context: Context;
  private readonly pins: Pins;
  private readonly around: Surroundings;
  /** The tile to read, when it is not free to choose. */
  private readonly source: number | undefined;
  private readonly known: KnownValues = {};
  private readonly ranges: Range[] = [];

  constructor(draws: Draws, context: Context, pins: Pins, around: Surroundings, source?: number) {
    this.draws = draws;
    this.context = context;
    this.pins = pins;
    this.around = around;
    this.source = source;
  }

  /** The instruction, with `context` carried over it; undefined when it might trap. */
  build(definition: InstructionDefinition): Instruction | undefined {
    try {
      return this.attempt(definition);
    } catch (error) {
      if (error === UNFIT || error instanceof OperandError) return undefined;
      throw error;
    }
  }

  private attempt(definition: InstructionDefinition): Instruction {
    const flags = this.draws.below(1 << definition.flags.length);
    const isSet = (name: string | undefined) =>
      (flags & (1 << definition.flags.findIndex((flag) => flag.name === name))) !== 0;
    for (const { name } of definition.flags) this.known[name] = isSet(name);
    const operands = definition.operands.map((spec) => {
      if (spec.access === 'read') return this.read(spec, definition);
      const register = this.draws.pick(spec.kind === 'tile' ? TILES : SCALARS);
      const isRead = spec.readWith !== undefined && isSet(spec.readWith);
      this.known[spec.name] = isRead ? this.shapeOf(register) : undefined;
      return { kind: spec.kind, register } as Operand;
    });
    const instruction = { definition, flags, operands };
    const address = definition.operands.findIndex(({ kind }) => kind === 'address');
    if (address >= 0) operands[address] = this.place(definition, definition.operands[address]);
    this.write(instruction);
    return instruction;
  }

  private read(spec: Spec, definition: InstructionDefinition): Operand {
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
        return this.constant(spec.name, spec.default ?? this.draws.pick(NUMBERS));
      case 'address':
        return { kind: 'absent' };
      case 'label':
        throw UNFIT;
    }
    return spec.kind satisfies never;
  }

  private shapeOf(register: number): Shape {
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
      const value = draws.pick([1, 2, 3, 4, 8, 64, 0, -1]);
      this.ranges.push(exactly(value));
      return this.constant(spec.name, value);
    }
    if (isStride(definition, spec.name)) {
      return this.constant(spec.name, 4 * draws.pick([1, 2, ...this.around.dimensions]));
    }
    return this.constant(spec.name, draws.pick(this.around.dimensions));
  }

  /** An address from which the whole transfer stays inside memory, often near others. */
  private place(definition: InstructionDefinition, spec: Spec): Operand {
    const { draws } = this;
    const work = definition.work({ ...this.known, [spec.name]: 0 });
    if (work.kind !== 'memory' || work.strideBytes % 4 !== 0) throw UNFIT;
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
    const elements = Math.floor(room / 4) + 1;
    const offset =
      low -
      min +
      4 * (draws.oneIn(2) ? draws.below(elements) : 16 * draws.below(Math.ceil(elements / 16)));
    const [base, index] = [...chosen.map(([register]) => register).filter((r) => r !== 0), 0, 0];
    return { kind: 'address', offset, base, index };
  }

  private write(instruction: Instruction): void {
    const { definition, operands } = instruction;
    const shape = definition.shape(this.known);
    const scalar = definition.writesScalar ? this.result(instruction) : undefined;
    const written = operands[definition.operands.findIndex(({ access }) => access === 'write')];
    if (written?.kind === 'tile') this.writeTile(written.register, shape!);
    if (written?.kind === 'scalar') this.writeScalar(written.register, scalar!);
  }

  private writeTile(register: number, { rows, cols }: PartialShape): void {
    const pin = this.pins.tiles.get(register);
    const fits = rows! <= this.around.tile && cols! <= this.around.tile;
    if (!fits || (pin && (pin.rows !== rows || pin.cols !== cols))) throw UNFIT;
    this.context.tiles.set(register, { rows: rows!, cols: cols! });
  }

  private writeScalar(register: number, range: Range): void {
    const pin = this.pins.scalars.get(register);
    if (pin && !isWithin(range, pin)) throw UNFIT;
    this.context.scalars.set(register, range);
  }

  /** What the written scalar may hold: computed where all is known, bounded where not. */
  private result(instruction: Instruction): Range {
    const { definition } = instruction;
    if (definition.set !== 'control' || definition.unit !== 'alu') {
      return { min: -INT32_LIMIT - 1, max: INT32_LIMIT, aligned: false };
    }
    const outcome = evaluate(instruction, this.known, 0);
    const limit = outcome ? Math.abs(outcome.scalar) : this.bound();
    if (limit > SCALAR_LIMIT) throw UNFIT;
    return outcome ? exactly(outcome.scalar) : { min: -limit, max: limit, aligned: false };
  }

  /**
   * |a ∘ b| ≤ |a| + |b| + |a|·|b| for sum, difference, product, quotient, remainder, least and
   * largest; the divisor, if it is one, must not be 0.
   */
  private bound(): number {
    const [a, b] = this.ranges.map(({ min, max }) => Math.max(Math.abs(min), Math.abs(max)));
    if (this.ranges.length < 2) return a;
    if (this.ranges[1].min <= 0 && this.ranges[1].max >= 0) throw UNFIT;
    return a + b + a * b;
  }
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
