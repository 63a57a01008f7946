/** Finds the passes, layers and other parts of a compiled language model in its program. */
import type { Instruction } from '../../isa/instruction.ts';
import { blt } from '../../isa/instructions/blt.ts';
import { li } from '../../isa/instructions/li.ts';
import { LAYER } from '../compiler/registers.ts';
import type { Program } from '../program/program.ts';
import type { LayerLoop, PhaseLayout, RowLayout } from '../reports/phases-layout.ts';

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
  const stepPc = targetOf(program, 'step');
  if (stepPc === undefined) throw new Error('invariant: the program has no label step');
  return { ...rowLayout(program), stepPc };
}

/** The rows of a compiled program, whatever is around the model in it. */
export function rowLayout(program: Program): RowLayout {
  return new LayoutBuilder(program).layout();
}

function targetOf({ labels }: Program, name: string): number | undefined {
  return labels.find((label) => label.name === name)?.target;
}

class LayoutBuilder {
  readonly #program: Program;
  /** Code address → name of its row; inside a loop that of its first round. */
  readonly #names: string[] = [];
  readonly #loops: {
    readonly headPc: number;
    readonly tailPc: number;
    readonly names: string[];
  }[] = [];
  /** Name of a layer without its number → the number of the next one. */
  readonly #nextLayer = new Map<string, number>();

  constructor(program: Program) {
    this.#program = program;
  }

  layout(): RowLayout {
    this.#nameAll();
    const rows = this.#rows();
    const rowOf = (name: string) => rows.indexOf(name);
    const loops = this.#loops.map(({ headPc, tailPc, names }): LayerLoop => ({
      headPc,
      tailPc,
      rows: names.map(rowOf),
    }));
    return { rows, rowOf: this.#names.map(rowOf), loops };
  }

  #nameAll(): void {
    const { code } = this.#program;
    const routines = new Set(ROUTINES.map((name) => targetOf(this.#program, name)));
    while (this.#names.length < code.length) {
      const pc = this.#names.length;
      if (routines.has(pc)) this.#nextLayer.clear();
      if (setsLayer(code[pc]!) && this.#isModel(pc)) this.#addLoop(pc);
      else this.#names.push(this.#nameAt(pc));
    }
  }

  /** The code around the model uses the register of the layers for other things. */
  #isModel(pc: number): boolean {
    return !this.#program.parts[pc]!.startsWith('generation/');
  }

  #nameAt(pc: number): string {
    const [name, below] = this.#program.parts[pc]!.split('/') as [string, string | undefined];
    if (name === '') return AROUND;
    if (name === 'generation') return below === 'choice' ? CHOICE : AROUND;
    const layer = /^(.*?)\s*(\d+)$/.exec(name);
    if (layer) this.#nextLayer.set(layer[1]!, Number(layer[2]) + 1);
    return name;
  }

  /** A loop over layers: the layer number becomes 0, and the branch back compares it. */
  #addLoop(pc: number): void {
    const { code, parts } = this.#program;
    const headPc = pc + 1;
    const tailPc = code.findIndex((one, at) => at > pc && branchesOnLayer(one, headPc));
    const count = code[tailPc]?.operands[1];
    if (count?.kind !== 'constant') throw new Error(`invariant: ${parts[pc]} is no loop`);
    const word = parts[pc]!;
    const first = this.#nextLayer.get(word) ?? 0;
    this.#nextLayer.set(word, first + count.value);
    const names = Array.from({ length: count.value }, (_, i) => `${word} ${first + i}`);
    this.#loops.push({ headPc, tailPc, names });
    this.#names.push(...new Array<string>(tailPc - pc + 1).fill(names[0]!));
  }

  /** In the order of the model: what the encoder alone has, then the decoder, then the rest. */
  #rows(): string[] {
    const decodePc = targetOf(this.#program, 'decode') ?? 0;
    const own = (name: string) => name !== AROUND && name !== CHOICE;
    const inOrder = this.#names.flatMap((name, pc) => {
      const loop = this.#loops.find(({ headPc }) => headPc === pc);
      return (loop?.names ?? [name]).filter(own).map((row) => ({ row, pc }));
    });
    const decoded = inOrder.filter(({ pc }) => pc >= decodePc).map(({ row }) => row);
    const encoded = inOrder.map(({ row }) => row).filter((row) => !decoded.includes(row));
    return [...new Set([...encoded, ...decoded, CHOICE, AROUND])];
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
