/** Finds the passes, layers and other parts of a compiled language model in its program. */
import type { Instruction } from '../../isa/instruction.ts';
import { blt } from '../../isa/instructions/blt.ts';
import { li } from '../../isa/instructions/li.ts';
import { LAYER } from '../compiler/registers.ts';
import type { Program } from '../program/program.ts';
import type { LayerLoop, PhaseLayout } from '../reports/phases-layout.ts';

/** What the code around the model is called: reading the prompt, moving tokens, calling. */
const AROUND = 'generation loop';
const CHOICE = 'choice';

/** Labels at which a subroutine begins, and counts its layers anew. */
const ROUTINES = ['encode', 'decode'];

/**
 * The layout of a program that buildLanguageModel has made. Rows are named as the parts of the
 * model; a loop over layers gives a row to each of its rounds, numbered on from the layers of the
 * same name before it in its subroutine.
 */
export function phaseLayout(program: Program): PhaseLayout {
  return new LayoutBuilder(program).layout();
}

class LayoutBuilder {
  readonly #program: Program;
  readonly #rows: string[] = [];
  /** Name of a layer without its number → the number of the next one. */
  readonly #nextLayer = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
  }

  layout(): PhaseLayout {
    const { code, labels } = this.#program;
    const loops: LayerLoop[] = [];
    const names: string[] = [];
    const routines = new Set(ROUTINES.map((name) => this.#target(name)));
    for (let pc = 0; pc < code.length; pc++) {
      if (routines.has(pc)) this.#nextLayer.clear();
      const loop = this.#loopAt(pc);
      if (loop) {
        loops.push(loop);
        const length = loop.tailPc - pc + 1;
        names.push(...new Array<string>(length).fill(this.#rows[loop.rows[0]!]!));
        pc = loop.tailPc;
      } else {
        names.push(this.#nameAt(pc));
      }
    }
    const stepPc = this.#target('step');
    if (stepPc < 0) throw new Error(`invariant: ${labels.length} labels, and no step among them`);
    for (const name of [CHOICE, AROUND]) this.#row(name);
    return { rows: this.#rows, rowOf: names.map((name) => this.#row(name)), loops, stepPc };
  }

  #target(name: string): number {
    return this.#program.labels.find((label) => label.name === name)?.target ?? -1;
  }

  /** Rows come in the order in which they are asked for first. */
  #row(name: string): number {
    const at = this.#rows.indexOf(name);
    return at >= 0 ? at : this.#rows.push(name) - 1;
  }

  #nameAt(pc: number): string {
    const [name, below] = this.#program.parts[pc]!.split('/') as [string, string | undefined];
    if (name === '') return AROUND;
    if (name === 'generation') return below === 'choice' ? CHOICE : AROUND;
    const layer = /^(.*?)\s*(\d+)$/.exec(name);
    if (layer) this.#nextLayer.set(layer[1]!, Number(layer[2]) + 1);
    this.#row(name);
    return name;
  }

  /** A loop over layers: the layer number becomes 0, and the branch back compares it. */
  #loopAt(pc: number): LayerLoop | undefined {
    const { code, parts } = this.#program;
    if (!setsLayer(code[pc]!)) return undefined;
    const tailPc = code.findIndex((one, at) => at > pc && branchesOnLayer(one, pc + 1));
    const count = code[tailPc]?.operands[1];
    if (count?.kind !== 'constant') throw new Error(`invariant: ${parts[pc]} is no loop`);
    const word = parts[pc]!;
    const first = this.#nextLayer.get(word) ?? 0;
    this.#nextLayer.set(word, first + count.value);
    const rows = Array.from({ length: count.value }, (_, i) => this.#row(`${word} ${first + i}`));
    return { headPc: pc + 1, tailPc, rows };
  }
}

function setsLayer({ definition, operands }: Instruction): boolean {
  const [target] = operands;
  return definition === li && target?.kind === 'scalar' && target.register === LAYER.register;
}

function branchesOnLayer({ definition, operands }: Instruction, head: number): boolean {
  const [layer, , target] = operands;
  if (definition !== blt || layer?.kind !== 'scalar' || target?.kind !== 'label') return false;
  return layer.register === LAYER.register && target.target === head;
}
