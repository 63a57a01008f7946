/** What the manifest speaks of: the programs that come with Lasm, and what its compiler makes of models. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assemble } from '../../src/asm/assemble.ts';
import type { Level } from '../../src/compiler/lower/context.ts';
import { buildGraph, buildLanguageModel } from '../../src/inference/build.ts';
import { symbolInputs } from '../../src/inference/infer.ts';
import type { GraphSource, SourceOptions } from '../../src/inference/source.ts';
import { openSource } from '../../src/inference/source.ts';
import { staticShape } from '../../src/model/graph.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import type { Program } from '../../src/program/program.ts';
import type { RunOptions } from '../../src/run/run.ts';
import type { HostTensor } from '../../src/tensor/host-tensor.ts';

/** Holds programs, models and graphs. */
export const PROGRAMS = new URL('../../programs/', import.meta.url).pathname;

/** Edge of a tile: that of most machines. */
const TILE = 16;
const LEVELS: readonly Level[] = [0, 1, 2];
/** Enough to go through prefill, choice and decode. */
const NEW_TOKENS = 2;

export interface Subject {
  readonly name: string;
  readonly program: Program;
  readonly options: RunOptions;
}

/** Every `.lasm` file below a folder that ends in a slash; all of them get the same prompt. */
export function* writtenPrograms(
  folder: string,
  promptTokens: readonly number[] = [],
): Generator<Subject> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of files.filter((file) => file.endsWith('.lasm')).toSorted()) {
    const path = join(folder, name);
    const host = openFolder(dirname(path));
    const { program, diagnostics } = assemble(name, readFileSync(path, 'utf8'), host);
    if (!program) throw new Error(`${path}: ${diagnostics[0]?.message}`);
    yield { name, program, options: { promptTokens } };
  }
}

interface Model {
  readonly path: string;
  readonly promptTokens?: readonly number[];
  readonly options?: SourceOptions;
}

/** Models that generate, with a prompt each; and graphs. */
const MODELS: readonly Model[] = [
  { path: 'models/adder-gpt2', promptTokens: [7, 9, 10, 3, 2, 11] },
  { path: 'models/bert-random', options: { length: 6 } },
  { path: 'models/brackets-gru/model.onnx' },
  { path: 'models/brackets-lstm/model.onnx' },
  { path: 'models/brackets-rnn/model.onnx' },
  { path: 'models/dates-bart', promptTokens: [6, 8, 43, 9, 43, 6, 4, 9, 13, 2] },
  { path: 'models/verse-llama', promptTokens: [65, 20, 13, 25, 24] },
  ...readdirSync(`${PROGRAMS}graphs`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ path: `graphs/${file}` })),
];

export interface CompiledModel extends Subject {
  readonly level: Level;
  readonly text: string;
}

/** Each model at each level of optimisation. */
export function* compiledModels(): Generator<CompiledModel> {
  for (const model of MODELS) {
    for (const level of LEVELS) yield compiled(model, level);
  }
}

function compiled({ path, promptTokens, options }: Model, level: Level): CompiledModel {
  const source = openSource(PROGRAMS + path, options);
  const how = { level, tile: TILE };
  const name = `${path}:-O${level}`;
  if (source.kind === 'language') {
    if (!promptTokens) throw new Error(`${path} has no prompt`);
    const sampling = { temperature: 0 };
    const built = buildLanguageModel(source.model, { ...how, sampling, maxNewTokens: NEW_TOKENS });
    return { name, level, text: built.text, program: built.program, options: { promptTokens } };
  }
  const built = buildGraph(source.graph, how);
  const inputs = symbolInputs(source.graph, built, valuesFor(source));
  return { name, level, text: built.text, program: built.program, options: { inputs } };
}

/** The examples that a graph comes with; inputs without one are tokens, and get these. */
function valuesFor({ graph, examples }: GraphSource): Map<string, HostTensor> {
  return new Map(
    graph.inputs.map((input) => {
      const example = examples.get(input.name);
      if (example) return [input.name, example()];
      const shape = staticShape(input, input.name);
      const size = shape.reduce((product, n) => product * n, 1);
      return [
        input.name,
        { dtype: 'i32', shape, data: Int32Array.from({ length: size }, (_, i) => i % 3) },
      ];
    }),
  );
}
