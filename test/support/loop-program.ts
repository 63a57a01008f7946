/**
 * Random programs made of nested loops that move through memory, written to deceive whoever repeats
 * rounds: strides that are and are not multiples of a row, registers that toggle or are computed on
 * some paths only, ragged tails, branches on what varies. Some of them trap.
 */
import fc from 'fast-check';
import type { Program } from '../../src/program/program.ts';
import { Draws } from './random-context.ts';
import { assembleText } from './run.ts';

export interface LoopProgram {
  readonly program: Program;
  readonly text: string;
}

/** Bytes of the one symbol that accesses move through; they begin in its middle. */
const BYTES = 2 ** 16;
const STRIDES = [4, 8, 16, 16, 32, 64, 64, 128, 256, 256, 1024, 0, -4, -16, -64, -256, 60];
const OFFSETS = [0, 0, 4, 16, 64, 128, 256, 1024, -64, -256, -1024];
/** Walk through memory; count for segments. */
const MOVING = [4, 5, 6, 7];
/** Hold a count, or toggle; computed anew or carried. */
const OTHERS = [10, 11, 12, 13, 14];
export const SEGMENT_REGISTER = 20;
const DEPTH = 3;

class Writer {
  readonly lines: string[] = [];
  private readonly draws: Draws;
  private labels = 0;
  private budget: number;
  private readonly routines: string[] = [];

  constructor(seed: number, size: number) {
    this.draws = new Draws(seed);
    this.budget = size;
  }

  write(): string {
    for (const t of [0, 1, 2, 3]) this.lines.push(`FILL t${t}, 0.5, rows=4, cols=4`);
    for (const t of [4, 5]) this.lines.push(`FILL t${t}, 1, rows=2, cols=3`);
    this.lines.push('FILL t6, 1, rows=1, cols=4');
    this.lines.push(`LI r${SEGMENT_REGISTER}, 0`);
    for (const r of MOVING) this.lines.push(`LI r${r}, ${BYTES / 2 + 4 * this.draws.below(64)}`);
    for (const r of OTHERS) this.lines.push(`LI r${r}, ${this.draws.below(40)}`);
    for (const r of [1, 2, 3]) this.lines.push(`LI r${r}, 0`);
    const nests = 1 + this.draws.below(2);
    for (let i = 0; i < nests; i++) this.loop(0);
    const { lines } = this;
    return [
      '.tile 8',
      '.data',
      `X: .f32 ${BYTES / 32}, 8 = zeros()`,
      'T: .i32 16 = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3]',
      '.text',
      ...lines,
      'HALT',
      ...this.routines,
      '',
    ].join('\n');
  }

  private label(): string {
    return `L${this.labels++}`;
  }

  private loop(depth: number): void {
    const { draws } = this;
    const counter = depth + 1;
    const trips = depth === 0 ? 2 + draws.below(draws.pick([40, 300])) : 1 + draws.below(10);
    const step = draws.pick([1, 1, 4, 16, 3]);
    const head = this.label();
    const isDown = draws.below(3) === 0;
    const end = trips * step;
    this.lines.push(`LI r${counter}, ${isDown ? end : 0}`, `${head}:`);
    this.body(depth, 1 + draws.below(depth === 0 ? 7 : 5));
    if (depth === 0 && draws.below(3) > 0) {
      this.lines.push(`IADD r${SEGMENT_REGISTER}, r${SEGMENT_REGISTER}, 1`);
    }
    if (isDown) {
      this.lines.push(`ISUB r${counter}, r${counter}, ${step}`);
      const back = draws.pick([
        `BNE r${counter}, 0`,
        `BGE r${counter}, 1`,
        `BGE r${counter}, ${step}`,
      ]);
      this.lines.push(`${back}, ${head}`);
    } else {
      this.lines.push(`IADD r${counter}, r${counter}, ${step}`);
      this.lines.push(`${draws.pick(['BLT', 'BLT', 'BNE'])} r${counter}, ${end}, ${head}`);
    }
  }

  private body(depth: number, count: number): void {
    for (let i = 0; i < count && this.budget > 0; i++) this.statement(depth);
  }

  private statement(depth: number): void {
    const { draws } = this;
    this.budget--;
    switch (draws.below(16)) {
      case 0:
      case 1:
      case 2:
        return this.load();
      case 3:
        return this.store();
      case 4:
      case 5:
        return this.tiles();
      case 6:
      case 7:
      case 8:
        return this.move();
      case 9:
      case 10:
      case 11:
        return this.compute();
      case 12:
        return this.ragged(depth);
      case 13:
        return this.branch(depth);
      case 14:
        return depth + 1 < DEPTH ? this.loop(depth + 1) : this.move();
      default:
        return draws.below(6) === 0 ? this.call(depth) : this.toggle();
    }
  }

  private address(): string {
    const { draws } = this;
    const symbol = draws.below(8) === 0 ? `X + ${BYTES / 2}` : `X + r${draws.pick(MOVING)}`;
    const offset = draws.pick(OFFSETS);
    return `[${symbol} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}]`;
  }

  private load(): void {
    const { draws } = this;
    const stride = draws.pick([16, 16, 32, 64, 256, -16, 4]);
    if (draws.below(5) === 0) {
      const [rows, cols] = [1 + draws.below(4), 1 + draws.below(4)];
      this.lines.push(`LOAD t4, ${this.address()}, rows=${rows}, cols=${cols}, stride=${stride}`);
    } else {
      const tile = draws.below(4);
      this.lines.push(`LOAD t${tile}, ${this.address()}, rows=4, cols=4, stride=${stride}`);
    }
  }

  private store(): void {
    const { draws } = this;
    const stride = draws.pick([16, 16, 32, 64, -16]);
    this.lines.push(`STORE ${this.address()}, t${draws.below(6)}, stride=${stride}`);
  }

  private tiles(): void {
    const { draws } = this;
    const [a, b, c] = [draws.below(4), draws.below(4), draws.below(4)];
    this.lines.push(
      draws.pick([
        `MATMUL t${a}, t${b}, t${c}`,
        `MATMUL.ACC t${a}, t${b}, t${c}`,
        `ADD t${a}, t${b}, t${c}`,
        `SOFTMAX t${a}, t${b}`,
        `EXP t${a}, t${b}`,
        `RELU t5, t4`,
        `ADD t4, t5, t5`,
        `SOFTMAX t${a}, t${b}, causal=r${draws.pick(OTHERS)}`,
        `ARGMAX r${draws.pick(OTHERS)}, t6`,
      ]),
    );
  }

  private move(): void {
    const { draws } = this;
    const r = draws.pick(MOVING);
    const stride = draws.pick(STRIDES);
    const from = draws.below(6) === 0 ? draws.pick(MOVING) : r;
    this.lines.push(`IADD r${r}, r${from}, ${stride}`);
  }

  private compute(): void {
    const { draws } = this;
    const r = draws.pick(OTHERS);
    const from = draws.pick([...OTHERS, 1, 2, 3, SEGMENT_REGISTER, 0]);
    const other = draws.pick([...OTHERS, 1, 2, 3]);
    const m = draws.pick(MOVING);
    this.lines.push(
      draws.pick([
        `IADD r${r}, r${from}, ${draws.below(9) - 4}`,
        `IADD r${r}, r${from}, r${other}`,
        `ISUB r${r}, r${from}, r${other}`,
        `IMUL r${r}, r${from}, ${draws.pick([2, 3, 0, -1, 16])}`,
        `IMUL r${r}, r${from}, r${other}`,
        `IDIV r${r}, r${from}, ${draws.pick([2, 3, 16])}`,
        `IDIV r${r}, r${from}, r${other}`,
        `IREM r${r}, r${from}, ${draws.pick([2, 3, 7, 64])}`,
        `IMIN r${r}, r${from}, ${draws.below(64)}`,
        `IMAX r${r}, r${from}, r${other}`,
        `LI r${r}, ${draws.below(20)}`,
        `IMIN r${m}, r${draws.pick(MOVING)}, r${draws.pick(MOVING)}`,
        `IMAX r${m}, r${m}, ${BYTES / 2}`,
        `IMIN r${m}, r${draws.pick(MOVING)}, ${BYTES / 2 + 256 * draws.below(12)}`,
        `IREM r${r}, r${from}, 16\nIMUL r${r}, r${r}, 4\nILOAD r${r}, [T + r${r}]`,
        `IREM r${r}, r${from}, ${draws.pick([2, 3, 5])}\nIMUL r${r}, r${r}, 64\nIADD r${m}, r${r}, ${BYTES / 2}`,
      ]),
    );
  }

  /** The rows of a tile that a counter still leaves. */
  private ragged(depth: number): void {
    const { draws } = this;
    const r = draws.pick(OTHERS);
    const counter = 1 + draws.below(depth + 1);
    this.lines.push(
      draws.pick([
        `ISUB r${r}, r0, r${counter}\nIADD r${r}, r${r}, ${10 + draws.below(300)}`,
        `IADD r${r}, r${counter}, ${draws.below(3)}`,
        `IREM r${r}, r${counter}, 3`,
      ]),
      `IMIN r${r}, r${r}, ${1 + draws.below(4)}`,
      `IMAX r${r}, r${r}, 1`,
      `LOAD t5, ${this.address()}, rows=r${r}, cols=3, stride=16`,
    );
  }

  private branch(depth: number): void {
    const { draws } = this;
    const over = this.label();
    const kind = draws.pick(['BLT', 'BGE', 'BEQ', 'BNE']);
    const r = draws.pick([...OTHERS, 1, 1, depth + 1, depth + 1, SEGMENT_REGISTER]);
    const against =
      draws.below(4) === 0 ? `r${draws.pick([1, 2, ...OTHERS])}` : `${draws.below(50)}`;
    this.lines.push(`${kind} r${r}, ${against}, ${over}`);
    this.body(depth, 1 + draws.below(3));
    this.lines.push(`${over}:`);
  }

  private toggle(): void {
    const { draws } = this;
    const r = draws.pick(OTHERS);
    this.lines.push(`ISUB r${r}, r${draws.pick(OTHERS)}, r${r}`);
  }

  /** A routine behind the end; it may have a loop of its own. */
  private call(depth: number): void {
    const name = this.label();
    this.lines.push(`JAL r31, ${name}`);
    const before = this.lines.length;
    if (depth + 1 < DEPTH) this.loop(depth + 1);
    else this.move();
    const inner = this.lines.splice(before);
    if (inner.some((line) => line.startsWith('JAL'))) this.lines.pop();
    else this.routines.push(`${name}:`, ...inner, 'JR r31');
  }
}

/** What the assembler refuses is no program: it sees some divisions by zero, and some overflows. */
function assembled(text: string): Program | undefined {
  try {
    return assembleText(text);
  } catch {
    return undefined;
  }
}

/** Random programs of loops; a counterexample shows its text. */
export function loopProgram(size = 14): fc.Arbitrary<LoopProgram> {
  return fc
    .tuple(fc.nat(0x7fffffff), fc.integer({ min: 1, max: size }))
    .map(([seed, budget]) => {
      const text = new Writer(seed, budget).write();
      return { text, program: assembled(text), [fc.toStringMethod]: () => text };
    })
    .filter((drawn): drawn is LoopProgram & { [fc.toStringMethod]: () => string } => {
      return drawn.program !== undefined;
    });
}
