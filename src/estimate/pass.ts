/** One pass over a model as a program without values: who calls it, and which row each instruction counts for. */
import type { Instruction } from '../../isa/instruction.ts';
import { halt } from '../../isa/instructions/halt.ts';
import { iadd } from '../../isa/instructions/iadd.ts';
import { jal } from '../../isa/instructions/jal.ts';
import { li } from '../../isa/instructions/li.ts';
import { line } from '../compiler/emit/kernel.ts';
import type { GenerationProgram } from '../compiler/generation/program.ts';
import { COUNT_REGISTERS, LAYER, LINK } from '../compiler/registers.ts';
import type { BuildOptions } from '../inference/build.ts';
import { buildDriven, buildGraph } from '../inference/build.ts';
import { rowLayout } from '../inference/phases.ts';
import type { Count, Graph, LanguageModel } from '../model/graph.ts';
import { COUNTS } from '../model/graph.ts';
import type { Program } from '../program/program.ts';
import type { WalkSegments } from '../walk/walker.ts';

/** A program of one pass. */
export interface PassProgram {
  readonly program: Program;
  /** `embed`, `layer 0` and so on, in the order of the model. */
  readonly rows: readonly string[];
  readonly segments: WalkSegments;
}

/** The values of the counts in a pass, and the routines that it calls. */
export interface Pass {
  readonly routines: readonly ('encode' | 'decode')[];
  readonly counts: Readonly<Partial<Record<Count, number>>>;
}

/** A pass of a language model. */
export function languagePass(model: LanguageModel, pass: Pass, options: BuildOptions): PassProgram {
  const { program } = buildDriven(model, driverOf(pass), { ...options, withoutWeights: true });
  return withRows(program);
}

/** The only pass of a graph that generates nothing. */
export function graphPass(graph: Graph, options: BuildOptions): PassProgram {
  return withRows(buildGraph(graph, { ...options, withoutWeights: true }).program);
}

/** Puts the counts into their registers, and calls. */
function driverOf({ routines, counts }: Pass): GenerationProgram {
  const given = COUNTS.filter((count) => counts[count] !== undefined);
  const text = [
    '.part "generation/call"',
    ...given.map((count) => line(li, [`r${COUNT_REGISTERS[count].register}`, counts[count]!])),
    ...routines.map((routine) => line(jal, [LINK, routine])),
    line(halt, []),
    '.part ""',
  ];
  return { head: [], data: [], bss: [], text };
}

function withRows(program: Program): PassProgram {
  const { rows, rowOf, loops } = rowLayout(program);
  const first = Int32Array.from(rowOf);
  const isCounted = new Uint8Array(rowOf.length);
  for (const { headPc, tailPc, rows: rounds } of loops) {
    if (rounds.some((row, i) => row !== rounds[0]! + i)) {
      throw new Error('invariant: the layers of a loop are not one behind the other');
    }
    isCounted.fill(1, headPc, tailPc + 1);
    // From where the number of the layer rises, it is one ahead.
    const risesPc = program.code.findLastIndex((one, pc) => pc < tailPc && raisesLayer(one));
    for (let pc = risesPc; pc <= tailPc; pc++) first[pc]! -= 1;
  }
  const { register } = LAYER;
  return { program, rows, segments: { count: rows.length, first, isCounted, register: register! } };
}

function raisesLayer({ definition, operands: [target] }: Instruction): boolean {
  return definition === iadd && target?.kind === 'scalar' && target.register === LAYER.register;
}
