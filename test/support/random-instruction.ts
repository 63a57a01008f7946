/** One random instruction that cannot trap, chosen by the fields of its definition alone. */
import type { Instruction, InstructionDefinition } from '../../isa/instruction.ts';
import { OperandError } from '../../isa/instruction.ts';
import { INSTRUCTIONS } from '../../isa/index.ts';
import type { Operand, PartialShape } from '../../isa/operand.ts';
import { UNITS } from '../../isa/work.ts';
import { evaluate } from '../../src/program/verify-values.ts';
import type { Context, Draws, Pins, Range } from './random-context.ts';
import { SCALARS, TILES, exactly, isWithin } from './random-context.ts';
import type { Surroundings } from './random-operands.ts';
import { INT32_LIMIT, OperandDraws, SCALAR_LIMIT, UNFIT, hasAddress } from './random-operands.ts';

const ATTEMPTS = 24;

const PLAIN = INSTRUCTIONS.filter(({ control }) => control === 'next');
const BY_UNIT = UNITS.map((unit) => PLAIN.filter((definition) => definition.unit === unit));
const readsTile = (definition: InstructionDefinition) =>
  definition.operands.some(({ kind, access }) => kind === 'tile' && access === 'read');

/** Makes a tile of nothing but a constant. */
const FILLER = PLAIN.find((d) => d.writesTile && !readsTile(d) && !hasAddress(d))!;
/** What may need tiles of sensible values: weights to draw from, or small integers to multiply. */
const needsValues = (definition: InstructionDefinition) =>
  (definition.set === 'token' && readsTile(definition)) ||
  (definition.set === 'lowp' && definition.unit === 'mxu');
/** What such a tile is filled with: a weight, and an integer. */
const SENSIBLE = 1;

/** One instruction, or a few where one needs preparation; `context` is carried over them. */
export function randomInstructions(
  draws: Draws,
  context: Context,
  pins: Pins,
  around: Surroundings,
): Instruction[] {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const definition = draws.pick(draws.pick(BY_UNIT));
    if (needsValues(definition)) {
      const prepared = withValues(draws, definition, context, pins, around);
      if (prepared) return prepared;
      continue;
    }
    for (let i = 0; i < ATTEMPTS; i++) {
      const instruction = new Builder(draws, context, pins, around).build(definition);
      if (instruction) return [instruction];
    }
  }
  return [];
}

/** A tile of equal values, a row of weights or a square of factors, and the instruction that reads it. */
function withValues(
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
  const rows = definition.unit === 'mxu' ? cols : 1;
  const before = context.tiles.get(tile);
  const operands = FILLER.operands.map(({ kind }, i): Operand => {
    if (kind === 'tile') return { kind, register: tile };
    const isLast = i === FILLER.operands.length - 1;
    return { kind: 'constant', value: kind === 'number' ? SENSIBLE : isLast ? cols : rows };
  });
  context.tiles.set(tile, { rows, cols });
  const reader = new Builder(draws, context, pins, around, tile).build(definition);
  if (reader) return [{ definition: FILLER, flags: 0, operands }, reader];
  if (before) context.tiles.set(tile, before);
  else context.tiles.delete(tile);
  return undefined;
}

/** One attempt: operands are drawn one by one, then tried against the definition's own rules. */
class Builder {
  private readonly draws: Draws;
  private readonly context: Context;
  private readonly pins: Pins;
  private readonly around: Surroundings;
  private readonly operands: OperandDraws;

  constructor(draws: Draws, context: Context, pins: Pins, around: Surroundings, source?: number) {
    this.draws = draws;
    this.context = context;
    this.pins = pins;
    this.around = around;
    this.operands = new OperandDraws(draws, context, around, source);
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
    for (const { name } of definition.flags) this.operands.known[name] = isSet(name);
    const operands = definition.operands.map((spec) => {
      if (spec.access === 'read') return this.operands.read(spec, definition);
      const register = this.draws.pick(spec.kind === 'tile' ? TILES : SCALARS);
      const isRead = spec.readWith !== undefined && isSet(spec.readWith);
      this.operands.known[spec.name] = isRead ? this.operands.shapeOf(register) : undefined;
      return { kind: spec.kind, register } as Operand;
    });
    const instruction = { definition, flags, operands };
    const address = definition.operands.findIndex(({ kind }) => kind === 'address');
    if (address >= 0)
      operands[address] = this.operands.place(definition, definition.operands[address]);
    this.write(instruction);
    return instruction;
  }

  private write(instruction: Instruction): void {
    const { definition, operands } = instruction;
    const shape = definition.shape(this.operands.known);
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
    const outcome = evaluate(instruction, this.operands.known, 0);
    const limit = outcome ? Math.abs(outcome.scalar) : this.bound();
    if (limit > SCALAR_LIMIT) throw UNFIT;
    return outcome ? exactly(outcome.scalar) : { min: -limit, max: limit, aligned: false };
  }

  /**
   * |a ∘ b| ≤ |a| + |b| + |a|·|b| for sum, difference, product, quotient, remainder, least and
   * largest; the divisor, if it is one, must not be 0.
   */
  private bound(): number {
    const [a, b] = this.operands.ranges.map(({ min, max }) =>
      Math.max(Math.abs(min), Math.abs(max)),
    );
    if (this.operands.ranges.length < 2) return a;
    if (this.operands.ranges[1].min <= 0 && this.operands.ranges[1].max >= 0) throw UNFIT;
    return a + b + a * b;
  }
}
