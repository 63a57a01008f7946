/** From a model to a program that can run: compiled, and assembled with its weights in memory. */
import { assemble } from '../asm/assemble.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import type { Compiled } from '../compiler/compile.ts';
import type { CompileOptions, NamedGraph, PassName } from '../compiler/options.ts';
import { compile } from '../compiler/compile.ts';
import type { Sampling } from '../compiler/generation/options.ts';
import type { GenerationProgram } from '../compiler/generation/program.ts';
import { generationProgram } from '../compiler/generation/program.ts';
import type { Level } from '../compiler/lower/context.ts';
import type { Graph, HalfFormat, LanguageModel } from '../model/graph.ts';
import type { Program } from '../program/program.ts';

export interface BuildOptions {
  readonly level: Level;
  /** Edge of a tile, that of the machine. */
  readonly tile: number;
  /** Name of the program's file; its weights stand beside it. */
  readonly file?: string;
  /** Leave weights out of the program: it has their places, not their values, and no limit of memory. */
  readonly withoutWeights?: boolean;
  /** Every layer and every tensor apart, so that each can be looked at. */
  readonly apart?: boolean;
  /** Weights of linear maps as int8 or as 16-bit floats; a share of their tiles dropped. */
  readonly quantize?: 'int8' | undefined;
  readonly narrow?: HalfFormat | undefined;
  readonly prune?: number | undefined;
  /** Sequences that one pass of a decoder works on, each with a row of its own; 1 unless given. */
  readonly batch?: number | undefined;
  readonly onPass?: (name: PassName, print: () => string) => void;
}

/** How weights are kept where it is not as they are published. */
export type LighterWeights = Pick<BuildOptions, 'quantize' | 'narrow' | 'prune'>;

/** How a language model's program chooses tokens, and how many; it writes one text at a time. */
export interface GenerationBuildOptions extends Omit<BuildOptions, 'batch'> {
  readonly sampling: Sampling;
  readonly maxNewTokens: number;
}

export interface Build extends Compiled {
  readonly program: Program;
}

/** Memory for weights, tensors and caches together. */
const MAX_MEMORY_BYTES = 2 ** 31;

const DEFAULT_FILE = 'model.lasm';

/** The program of a graph: its inputs and outputs are symbols. */
export function buildGraph(graph: Graph, options: BuildOptions): Build {
  return build([{ name: 'main', graph }], options, { title: [graph.name] });
}

/** The program of a language model, generation loop and all. */
export function buildLanguageModel(model: LanguageModel, options: GenerationBuildOptions): Build {
  const { decode, encode, generation } = model;
  const driver = generationProgram({
    model: generation,
    tile: options.tile,
    rowLimit: limitOf(decode, 'rows'),
    sourceLimit: encode && limitOf(encode, 'source'),
    maxNewTokens: options.maxNewTokens,
    sampling: options.sampling,
  });
  return buildDriven(model, driver, options);
}

/** The program of a language model around which another does what it wants of it. */
export function buildDriven(
  { name, decode, encode }: LanguageModel,
  { head, data, bss, text }: GenerationProgram,
  options: BuildOptions,
): Build {
  const graphs: NamedGraph[] = [{ name: 'decode', graph: decode }];
  if (encode) graphs.unshift({ name: 'encode', graph: encode });
  return build(graphs, options, {
    title: [name],
    driver: { data, bss, text },
    head,
  });
}

function limitOf({ limits, name }: Graph, count: 'rows' | 'source'): number {
  const limit = limits[count];
  if (limit === undefined) throw new Error(`invariant: ${name} has no limit of ${count}`);
  return limit;
}

function build(
  graphs: readonly NamedGraph[],
  { level, tile, file = DEFAULT_FILE, apart = false, onPass, ...options }: BuildOptions,
  extra: Partial<CompileOptions>,
): Build {
  const { withoutWeights = false } = options;
  const weightsFile = withoutWeights ? undefined : file.replace(/(\.lasm)?$/, '.safetensors');
  const compiled = compile(graphs, {
    level,
    tile,
    weightsFile,
    apart,
    quantize: options.quantize,
    narrow: options.narrow,
    prune: options.prune,
    batch: options.batch,
    ...(onPass ? { onPass } : {}),
    ...extra,
  });
  const maxMemoryBytes = withoutWeights ? Number.MAX_SAFE_INTEGER : MAX_MEMORY_BYTES;
  return { ...compiled, program: assembleCompiled(file, compiled, maxMemoryBytes) };
}

/** What the compiler has written must assemble; if it does not, that is our mistake. */
function assembleCompiled(
  file: string,
  { text, weights }: Compiled,
  maxMemoryBytes: number,
): Program {
  let failure: unknown;
  const host = {
    readText: (path: string): string => {
      throw new Error(`there is no ${path}`);
    },
    readTensor(_path: string, name: string | undefined) {
      try {
        return weights.get(name ?? '')!.read();
      } catch (error) {
        // For the assembler it is a mistake in the text; for us it is what is wrong with the model.
        throw (failure = error);
      }
    },
  };
  const limits = { maxMemoryBytes };
  const { program, diagnostics, sources } = assemble(file, text, host, limits);
  if (failure) throw failure;
  if (program) return program;
  throw new Error(
    `invariant: ${renderDiagnostics(diagnostics.slice(0, 3), sources, { colour: false })}`,
  );
}
