/** Opens what a person calls a model: a Hugging Face folder, an ONNX file or a graph in JSON. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { readGraph } from '../model/graph-json.ts';
import type { Graph, LanguageModel } from '../model/graph.ts';
import { openModelFolder } from '../model/huggingface/folder.ts';
import type { HuggingFaceModel } from '../model/huggingface/open.ts';
import { openHuggingFace, showSummary } from '../model/huggingface/open.ts';
import type { HuggingFaceOptions } from '../model/huggingface/source.ts';
import type { TextTokenizer } from '../model/huggingface/tokenizer.ts';
import { importOnnx } from '../model/onnx/import.ts';
import { readModel } from '../model/onnx/model-proto.ts';
import type { Folder } from '../model/sandbox.ts';
import { openFolder } from '../model/sandbox.ts';
import { FileError } from '../model/tensor-file.ts';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { encoderDefaults, encoderInputs, encoderLength } from './inputs-encoder.ts';
import { readInputs } from './inputs.ts';

export interface SourceOptions extends HuggingFaceOptions {
  /** Input name → file with its values, for sources that have inputs. */
  readonly inputs?: ReadonlyMap<string, string> | undefined;
  /** A text to be read in place of `inputs`, where the folder has a tokenizer. */
  readonly text?: string | undefined;
  /** Sizes of parameters of ONNX models, such as `batch`. */
  readonly dims?: ReadonlyMap<string, number> | undefined;
}

/** A model that generates text. */
export interface LanguageSource {
  readonly kind: 'language';
  readonly name: string;
  /** One line: what it is, and how large. */
  readonly summary: string;
  readonly model: LanguageModel;
  readonly tokenizer: TextTokenizer;
}

/** A graph from inputs to outputs. */
export interface GraphSource {
  readonly kind: 'graph';
  readonly name: string;
  readonly summary: string;
  readonly graph: Graph;
  /** The values that were given, by the name of their input, as the graph declares them. */
  readonly inputs: ReadonlyMap<string, HostTensor>;
  /** Values for inputs that nobody gave. */
  readonly examples: ReadonlyMap<string, () => HostTensor>;
}

export type ModelSource = LanguageSource | GraphSource;

/** As much as one protobuf file may have. */
const MAX_ONNX_BYTES = 2 ** 31;
const LIMITS = { textBytes: 2 ** 26, tensorBytes: MAX_ONNX_BYTES };

/**
 * The model at a path.
 *
 * @throws FileError for what is no model or cannot be read, GraphError for a model that makes no
 * graph and for inputs that do not fit: message and hint are for the person who named them.
 */
export function openSource(path: string, options: SourceOptions = {}): ModelSource {
  if (!existsSync(path)) throw new FileError('missing', `${path}: there is no such file or folder`);
  if (statSync(path).isDirectory()) return openFolderSource(path, options);
  const extension = extname(path).toLowerCase();
  if (extension === '.onnx') return openOnnx(path, options);
  if (extension === '.json' && basename(path) !== 'config.json') return openJson(path, options);
  const message = `${path}: is not a model that can be read`;
  throw new FileError('unsupported', message, HINTS[extension] ?? KINDS);
}

const KINDS = 'name a Hugging Face folder, an .onnx file or a graph in .json';
const FOLDER = 'name the folder that has config.json and model.safetensors in it';
const EXPORT = 'save it as a Hugging Face folder with model.safetensors, or export it to ONNX';

/** What to do about files that people may well try. */
const HINTS: Readonly<Record<string, string>> = {
  '.json': FOLDER,
  '.safetensors': FOLDER,
  '.lasm': 'it is a program already: lasm run',
  '.lbin': 'it is a program already: lasm run',
  '.bin': EXPORT,
  '.gguf': EXPORT,
  '.h5': EXPORT,
  '.pb': EXPORT,
  '.pt': EXPORT,
  '.pth': EXPORT,
};

function openFolderSource(path: string, options: SourceOptions): ModelSource {
  const folder = openModelFolder(path);
  if (folder.readText('config.json') === undefined) {
    const other = ['model.onnx', 'graph.json'].find((file) => existsSync(join(path, file)));
    const hint = other === undefined ? KINDS : `did you mean ${join(path, other)}?`;
    throw new FileError('missing', `${path}: the folder has no config.json`, hint);
  }
  const opened = openHuggingFace(folder, lengths(options));
  if (opened.kind === 'language') return languageSource(opened, options);
  const given = encoderInputs(opened.graph, opened.tokenizer, options);
  const length = encoderLength(opened.graph, given);
  const fitting =
    length === undefined ? opened : openHuggingFace(folder, { ...lengths(options), length });
  if (fitting.kind !== 'encoder') throw new Error('invariant: the folder changed');
  const { summary, graph } = fitting;
  return {
    kind: 'graph',
    name: summary.name,
    summary: showSummary(summary),
    graph,
    inputs: given,
    examples: encoderDefaults(graph),
  };
}

function lengths({ rows, context, source, length, allLogits }: SourceOptions): HuggingFaceOptions {
  return Object.fromEntries(
    Object.entries({ rows, context, source, length, allLogits }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

function languageSource(
  { summary, model, tokenizer }: HuggingFaceModel & { kind: 'language' },
  { inputs }: SourceOptions,
): LanguageSource {
  if (inputs?.size) {
    const message = `${summary.name} generates text: its only input is the prompt`;
    throw new FileError('unsupported', message, 'leave --input out');
  }
  return { kind: 'language', name: summary.name, summary: showSummary(summary), model, tokenizer };
}

function folderOf(path: string): Folder {
  return openFolder(dirname(path), LIMITS);
}

function openOnnx(path: string, options: SourceOptions): GraphSource {
  refuseText(path, options);
  const folder = folderOf(path);
  const bytes = folder.readBytes(basename(path), MAX_ONNX_BYTES);
  const model = readModel(bytes, folder);
  const declared = model.inputs
    .filter(({ name }) => !model.initializers.has(name))
    .flatMap(({ name, type, shape }) =>
      type ? [{ name, dtype: type.dtype, shape: undefined, rank: shape?.length }] : [],
    );
  const inputs = readInputs(declared, options.inputs);
  const dims = options.dims ?? new Map<string, number>();
  const { graph, specialised } = importOnnx(bytes, { folder, inputs, dims });
  const fixed = specialised.length > 0 ? `, made for this value of ${specialised.join(', ')}` : '';
  const stem = basename(path, extname(path));
  const name = stem === 'model' ? basename(dirname(resolve(path))) : stem;
  const left = new Map([...inputs].filter(([input]) => !specialised.includes(input)));
  const summary = `${name}: ONNX, ${sizeOf(graph)}${fixed}`;
  return { kind: 'graph', name, summary, graph, inputs: left, examples: new Map() };
}

function openJson(path: string, options: SourceOptions): GraphSource {
  refuseText(path, options);
  const folder = folderOf(path);
  const graph = readGraph(folder.readText(basename(path)), path, folder);
  const inputs = readInputs(graph.inputs, options.inputs);
  const examples = new Map(
    graph.inputs.flatMap(({ name, example }) => (example ? [[name, example] as const] : [])),
  );
  const { name } = graph;
  return { kind: 'graph', name, summary: `${name}: ${sizeOf(graph)}`, graph, inputs, examples };
}

function refuseText(path: string, { text }: SourceOptions): void {
  if (text === undefined) return;
  const hint = 'give its inputs with --input NAME=FILE';
  throw new FileError('unsupported', `${path}: has no tokenizer to read a text with`, hint);
}

/** `12 nodes, 3,520 numbers in weights`. */
function sizeOf({ nodes, weights }: Graph): string {
  const count = weights.reduce((sum, { shape }) => sum + shape.reduce((n, dim) => n * dim, 1), 0);
  return `${nodes.length} nodes, ${count.toLocaleString('en-US')} numbers in weights`;
}
