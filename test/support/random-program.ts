/**
 * Random legal programs, derived from the instruction table: they never trap and always halt.
 *
 * They are written to provoke hazards: few registers that are reused at once, accumulation, loads
 * and stores to the same few places, units taken in turn, ragged shapes, loops, branches and calls.
 */
import fc from 'fast-check';
import type { Instruction } from '../../isa/instruction.ts';
import { INSTRUCTIONS, findInstruction } from '../../isa/index.ts';
import type { Operand } from '../../isa/operand.ts';
import { printProgram } from '../../src/asm/print.ts';
import type { DataSymbol, Program } from '../../src/program/program.ts';
import { MEMORY_BASE, memoryEnd, symbolBytes } from '../../src/program/program.ts';
import type { Context, Pins } from './random-context.ts';
import { Draws, cloneContext, emptyContext, exactly, joinContext } from './random-context.ts';
import { randomInstructions } from './random-instruction.ts';
import type { Surroundings } from './random-operands.ts';

export interface RandomProgramOptions {
  /** Pieces at most: an instruction, or a loop, branch or call around pieces. */
  readonly length?: number;
  readonly tile?: number;
  /** Whether there are loops, branches and calls. */
  readonly control?: boolean;
}

export interface RandomProgram {
  readonly program: Program;
  /** Its text; printed when asked for. */
  readonly text: string;
}

/** Counters of loops within loops; nothing else writes them. */
const COUNTERS = [8, 9];
const LINK = 31;
const MAX_ITERATIONS = 4;
const MAX_BODY = 6;

/** Random legal programs; a counterexample shrinks by leaving pieces out, and shows its text. */
export function randomProgram(options: RandomProgramOptions = {}): fc.Arbitrary<RandomProgram> {
  const { length = 30, tile = 8, control = true } = options;
  const seeds = fc.array(fc.nat(0x7fffffff), { minLength: 1, maxLength: length, size: 'max' });
  return seeds.map((pieces) => {
    const writer = new Writer(pieces, tile, control);
    const program = writer.program();
    return {
      program,
      get text() {
        return printProgram(program);
      },
      // The data are the same in every program of this tile.
      [fc.toStringMethod]: () => printProgram(program).replace(/^\.data[^]*(?=\.text)/m, ''),
    };
  });
}

const BRANCHES = INSTRUCTIONS.filter(({ control }) => control === 'branch');
/** Branches that go back while a counter that rises from 0 has not reached its end. */
const LOOP_BRANCHES = ['BLT', 'BNE'];

const scalar = (register: number): Operand => ({ kind: 'scalar', register });
const constant = (value: number): Operand => ({ kind: 'constant', value });
const label = (target: number): Operand => ({ kind: 'label', target });

function instruction(mnemonic: string, ...operands: Operand[]): Instruction {
  return { definition: findInstruction(mnemonic)!, flags: 0, operands };
}

/** Turns each seed into the next piece of a program. */
class Writer {
  private readonly seeds: readonly number[];
  private readonly withControl: boolean;
  private readonly around: Surroundings;
  private readonly symbols: readonly DataSymbol[];
  private readonly code: Instruction[] = [];
  private used = 0;
  private context: Context = emptyContext();
  private pins: Pins = { tiles: new Map(), scalars: new Map() };

  constructor(seeds: readonly number[], tile: number, withControl: boolean) {
    this.seeds = seeds;
    this.withControl = withControl;
    this.symbols = makeSymbols(tile);
    const dimensions = [...new Set([1, Math.ceil(tile / 2), Math.max(1, tile - 1)]), tile, tile];
    this.around = { tile, memoryEnd: memoryEnd({ symbols: this.symbols }), dimensions };
  }

  program(): Program {
    while (this.used < this.seeds.length) this.piece(0, false);
    this.code.push(instruction('HALT'));
    const { code } = this;
    const file = 'random.lasm';
    return {
      name: file,
      tile: this.around.tile,
      code,
      spans: code.map((_, pc) => ({ file, line: pc + 1, column: 1, length: 1 })),
      parts: code.map(() => ''),
      symbols: this.symbols,
      labels: [],
      params: [],
      expectations: [],
      shows: [],
      sources: [{ file, text: '' }],
    };
  }

  /** Loops nest as deep as there are counters; a routine calls no other. */
  private piece(depth: number, inRoutine: boolean): void {
    const draws = new Draws(this.seeds[this.used++]);
    const structure = this.withControl ? draws.below(12) : NaN;
    if (structure === 0 && depth < COUNTERS.length) this.loop(draws, depth, inRoutine);
    else if (structure === 1) this.skip(draws, depth, inRoutine);
    else if (structure === 2 && !inRoutine) this.call(draws, depth);
    else this.code.push(...randomInstructions(draws, this.context, this.pins, this.around));
  }

  private body(draws: Draws, depth: number, inRoutine: boolean): void {
    const end = Math.min(this.seeds.length, this.used + 1 + draws.below(MAX_BODY));
    while (this.used < end) this.piece(depth, inRoutine);
  }

  /** The counter rises by 0 or more whole elements, so that it can be part of an address. */
  private loop(draws: Draws, depth: number, inRoutine: boolean): void {
    const counter = COUNTERS[depth];
    const step = 4 * (1 + draws.below(this.around.tile));
    const iterations = 1 + draws.below(MAX_ITERATIONS);
    const outerPins = this.pins;
    this.code.push(instruction('LI', scalar(counter), constant(0)));
    for (const inner of COUNTERS.slice(depth)) this.context.scalars.delete(inner);
    this.pins = cloneContext(this.context);
    this.context.scalars.set(counter, { min: 0, max: step * (iterations - 1), aligned: true });
    const start = this.code.length;
    this.body(draws, depth + 1, inRoutine);
    const end = step * iterations;
    this.code.push(instruction('IADD', scalar(counter), scalar(counter), constant(step)));
    const back = [scalar(counter), constant(end), label(start)];
    this.code.push(instruction(draws.pick(LOOP_BRANCHES), ...back));
    this.context.scalars.set(counter, exactly(end));
    this.pins = outerPins;
  }

  /** A branch over a body, on whatever the registers hold. */
  private skip(draws: Draws, depth: number, inRoutine: boolean): void {
    const definition = draws.pick(BRANCHES);
    const at = this.code.length;
    this.code.push({ definition, flags: 0, operands: [] });
    const operands = definition.operands.map(({ kind }) =>
      kind === 'integer'
        ? constant(draws.below(4))
        : scalar(draws.pick([...this.context.scalars.keys()])),
    );
    const skipped = cloneContext(this.context);
    this.body(draws, depth, inRoutine);
    joinContext(this.context, skipped);
    const target = label(this.code.length);
    const isLabel = definition.operands.map(({ kind }) => kind === 'label');
    const filled = operands.map((operand, i) => (isLabel[i] ? target : operand));
    this.code[at] = { definition, flags: 0, operands: filled };
  }

  /** A call of the routine that follows two instructions on, and a jump over it on return. */
  private call(draws: Draws, depth: number): void {
    const at = this.code.length;
    const jump = (register: number, target: number) =>
      instruction('JAL', scalar(register), label(target));
    this.code.push(jump(LINK, at + 2), jump(0, at + 2));
    this.body(draws, depth, true);
    this.code.push(instruction('JR', scalar(LINK)));
    this.code[at + 1] = jump(0, this.code.length);
  }
}

/** Three symbols side by side without gaps, one in each section. */
function makeSymbols(tile: number): DataSymbol[] {
  const shape = [16 * Math.ceil(tile / 16), tile];
  const bytes = symbolBytes({ shape, dtype: 'f32' });
  const common = { shape, rowNames: [], colNames: [], doc: '' };
  const span = { file: 'random.lasm', line: 1, column: 1, length: 1 };
  const data = Float32Array.from({ length: bytes / 4 }, (_, i) => (((i * 7) % 13) - 6) / 4);
  const [x, y, z] = [0, 1, 2].map((i) => ({ ...common, address: MEMORY_BASE + i * bytes, span }));
  return [
    { ...x, name: 'X', section: 'data', dtype: 'f32', data },
    { ...y, name: 'Y', section: 'bss', dtype: 'f32', data: undefined },
    { ...z, name: 'Z', section: 'arena', dtype: 'i32', data: undefined },
  ];
}
