/** Where the passes and layers of a generating program are in its code. */

/** Which instruction belongs to what. */
export interface RowLayout {
  /** `embed`, `layer 0` and so on, as a table lists them. */
  readonly rows: readonly string[];
  /** Code address → row; inside a loop over layers that of its first round. */
  readonly rowOf: readonly number[];
  readonly loops: readonly LayerLoop[];
}

/** The same of a program that generates. */
export interface PhaseLayout extends RowLayout {
  /** Code address at which the pass for a further token begins. */
  readonly stepPc: number;
}

/** A loop of which each round is a layer. */
export interface LayerLoop {
  /** Code addresses of its first instruction, and of the branch back. */
  readonly headPc: number;
  readonly tailPc: number;
  /** Round → row. */
  readonly rows: readonly number[];
}

/** Follows control through the code, and says in which row of which pass it is. */
export class PhaseWalk {
  readonly #layout: PhaseLayout;
  /** By code address; undefined outside loops. */
  readonly #loopAt: readonly (LayerLoop | undefined)[];
  #previousPc = -1;
  #round = 0;
  #row = 0;
  #isNewPass = false;

  constructor(layout: PhaseLayout) {
    this.#layout = layout;
    this.#loopAt = layout.rowOf.map((_, pc) =>
      layout.loops.find(({ headPc, tailPc }) => pc >= headPc && pc <= tailPc),
    );
  }

  /** The row of the last instruction. */
  get row(): number {
    return this.#row;
  }

  /** Whether a pass begins with it. */
  get isNewPass(): boolean {
    return this.#isNewPass;
  }

  /** The next instruction in program order. The parts of a cracked one have one code address. */
  visit(pc: number): void {
    const previous = this.#previousPc;
    this.#previousPc = pc;
    if (pc === previous) {
      this.#isNewPass = false;
      return;
    }
    this.#isNewPass = pc === this.#layout.stepPc;
    this.#row = this.#rowAt(pc, previous);
  }

  #rowAt(pc: number, previous: number): number {
    const loop = this.#loopAt[pc];
    if (!loop) return this.#layout.rowOf[pc]!;
    if (pc === loop.headPc) this.#round = previous === loop.tailPc ? this.#round + 1 : 0;
    return loop.rows[this.#round]!;
  }
}
