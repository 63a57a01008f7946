/** A Hugging Face folder becomes graphs: config.json says which family builds them. */
import type { Graph, LanguageModel } from '../graph.ts';
import { FileError } from '../tensor-file.ts';
import { BART_SPELLING, bartModel } from './bart.ts';
import { BERT_SPELLING, bertClassifier, bertMasked } from './bert.ts';
import type { Spelling, Weights } from './checkpoint.ts';
import { Checkpoint } from './checkpoint.ts';
import { Config } from './config.ts';
import type { ModelFolder } from './folder.ts';
import { openModelFolder, readObject } from './folder.ts';
import { GPT2_SPELLING, gpt2Model } from './gpt2.ts';
import { LLAMA_SPELLING, llamaModel } from './llama.ts';
import { NoCheckpoint } from './no-checkpoint.ts';
import type { HuggingFaceOptions, Source } from './source.ts';
import { T5_SPELLING, t5Model } from './t5.ts';
import type { TextTokenizer } from './tokenizer.ts';
import { openTokenizer } from './tokenizer.ts';

/** What there is to say of a model before anything is computed. */
export interface ModelSummary {
  /** The folder's name. */
  readonly name: string;
  /** `GPT-2`, `Llama` and so on. */
  readonly family: string;
  /** The architecture's name in config.json. */
  readonly architecture: string;
  /** Numbers that were trained, shared ones counted once. */
  readonly parameters: number;
  /** Bytes of the weights as the files keep them. */
  readonly bytes: number;
}

interface Opened {
  readonly summary: ModelSummary;
  readonly tokenizer: TextTokenizer;
}

/** A model that generates text, or an encoder whose graph is all there is to run. */
export type HuggingFaceModel =
  | (Opened & { readonly kind: 'language'; readonly model: LanguageModel })
  | (Opened & { readonly kind: 'encoder'; readonly graph: Graph });

interface Family {
  readonly name: string;
  /** What config.json calls it where it does not name an architecture. */
  readonly modelType?: string;
  readonly spelling: Spelling;
  readonly build: (source: Source) => LanguageModel | Graph;
}

const FAMILIES: Readonly<Record<string, Family>> = {
  GPT2LMHeadModel: { name: 'GPT-2', modelType: 'gpt2', spelling: GPT2_SPELLING, build: gpt2Model },
  LlamaForCausalLM: {
    name: 'Llama',
    modelType: 'llama',
    spelling: LLAMA_SPELLING,
    build: llamaModel,
  },
  MistralForCausalLM: {
    name: 'Mistral',
    modelType: 'mistral',
    spelling: LLAMA_SPELLING,
    build: llamaModel,
  },
  Qwen2ForCausalLM: {
    name: 'Qwen2',
    modelType: 'qwen2',
    spelling: LLAMA_SPELLING,
    build: llamaModel,
  },
  BertForSequenceClassification: { name: 'BERT', spelling: BERT_SPELLING, build: bertClassifier },
  BertForMaskedLM: { name: 'BERT', spelling: BERT_SPELLING, build: bertMasked },
  BartForConditionalGeneration: {
    name: 'BART',
    modelType: 'bart',
    spelling: BART_SPELLING,
    build: bartModel,
  },
  T5ForConditionalGeneration: {
    name: 'T5',
    modelType: 't5',
    spelling: T5_SPELLING,
    build: t5Model,
  },
};

const CONFIG = 'config.json';

const DTYPES = ['float32', 'float16', 'bfloat16', 'float64'];

/**
 * The model in a folder: config.json, model.safetensors or its shards, and, if they are there,
 * generation_config.json, tokenizer.json and tokenizer_config.json. Weights are not read yet.
 *
 * @throws FileError for a file that is missing, broken or beyond what is supported, and for options
 * that the model has no positions for; GraphError where config.json contradicts the weights.
 */
export function openHuggingFace(
  folder: ModelFolder,
  options: HuggingFaceOptions = {},
): HuggingFaceModel {
  return open(folder, options, (config, spelling) => new Checkpoint(folder, config, spelling));
}

/**
 * The model that a config.json describes, without weights: it can be compiled, but not run with
 * values. `name` is what it is called. Throws as `openHuggingFace` does.
 */
export function openHuggingFaceConfig(
  text: string,
  name: string,
  options: HuggingFaceOptions = {},
): HuggingFaceModel {
  const readText = (path: string) => (path === CONFIG ? text : undefined);
  const folder: ModelFolder = { name, readText, openTensors: () => undefined };
  return open(folder, options, (config) => new NoCheckpoint(config));
}

function open(
  folder: ModelFolder,
  options: HuggingFaceOptions,
  weightsOf: (config: Config, spelling: Spelling) => Weights,
): HuggingFaceModel {
  const config = readConfig(folder, CONFIG);
  if (!config) {
    throw new FileError('missing', `${folder.name}: there is no config.json`, 'is it a model?');
  }
  const architecture = chooseArchitecture(config);
  const { name: family, spelling, build } = FAMILIES[architecture]!;
  checkStorage(config);
  const checkpoint = weightsOf(config, spelling);
  const generation =
    readConfig(folder, 'generation_config.json') ?? new Config('generation_config.json', {});
  const { name } = folder;
  const built = build({ name, architecture, config, generation, checkpoint, options });
  checkpoint.checkAllTaken();
  const { parameters, bytes } = checkpoint;
  const summary = { name, family, architecture, parameters, bytes };
  const vocabulary = 'decode' in built ? built.generation.vocabulary : vocabularyOf(built);
  const tokenizer = openTokenizer(folder, vocabulary);
  return 'decode' in built
    ? { kind: 'language', model: built, summary, tokenizer }
    : { kind: 'encoder', graph: built, summary, tokenizer };
}

/** The model in the folder at this path of the disk; as `openHuggingFace`. */
export function openHuggingFacePath(root: string, options?: HuggingFaceOptions): HuggingFaceModel {
  return openHuggingFace(openModelFolder(root), options);
}

/** `verse-llama: Llama, 398,880 parameters, 1.6 MB`. */
export function showSummary({ name, family, parameters, bytes }: ModelSummary): string {
  const grouped = String(parameters).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${name}: ${family}, ${grouped} parameters, ${showBytes(bytes)}`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

function showBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]!}`;
}

function readConfig(folder: ModelFolder, path: string): Config | undefined {
  const values = readObject(folder, path);
  return values && new Config(path, values);
}

/** The first architecture that is supported, or the one of the model's type. */
function chooseArchitecture(config: Config): string {
  const names = config.texts('architectures');
  const found = names.find((name) => Object.hasOwn(FAMILIES, name));
  if (found !== undefined) return found;
  const known = `there are ${Object.keys(FAMILIES).join(', ')}`;
  if (names.length > 0) return config.unsupported('architectures', known);
  const type = config.optionalText('model_type');
  const one = Object.keys(FAMILIES).find((name) => FAMILIES[name]!.modelType === type);
  if (type !== undefined && one !== undefined) return one;
  return config.malformed('architectures', known);
}

/** Refuses weights that are not plain numbers: their tensors would read as something else. */
function checkStorage(config: Config): void {
  if (config.has('quantization_config')) {
    config.unsupported('quantization_config', 'only plain float weights are read');
  }
  const key = config.has('dtype') ? 'dtype' : 'torch_dtype';
  const name = config.text(key, 'float32').replace(/^torch\./, '');
  if (name !== 'auto' && !DTYPES.includes(name)) {
    config.unsupported(key, `there are ${DTYPES.join(', ')}`);
  }
}

/** The rows of an encoder's table of words. */
function vocabularyOf(graph: Graph): number {
  return graph.types.get('embed/tokens')!.shape[0] as number;
}
