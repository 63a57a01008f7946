/** Opens what can be estimated: a model, or the configuration of one whose weights nobody has. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Graph, LanguageModel } from '../model/graph.ts';
import type { HuggingFaceModel } from '../model/huggingface/open.ts';
import { openHuggingFaceConfig, showSummary } from '../model/huggingface/open.ts';
import type { HuggingFaceOptions } from '../model/huggingface/source.ts';
import { FileError } from '../model/tensor-file.ts';
import type { SourceOptions } from './source.ts';
import { openSource } from './source.ts';

/** A model of which only the shapes are asked for. */
export type Unweighted = { readonly summary: string } & (
  | { readonly kind: 'language'; readonly model: LanguageModel }
  | { readonly kind: 'graph'; readonly graph: Graph }
);

/** Configurations have about a kilobyte. */
const MAX_CONFIG_BYTES = 2 ** 20;

/** The model at a path, as `openSource`; its weights are not read. */
export function openUnweighted(path: string, options: SourceOptions): Unweighted {
  const source = openSource(path, options);
  const { summary } = source;
  return source.kind === 'language'
    ? { kind: 'language', summary, model: source.model }
    : { kind: 'graph', summary, graph: source.graph };
}

/**
 * The model that a config.json describes; it is called after the file.
 *
 * @throws FileError for what is no configuration or cannot be read, GraphError for sizes that make no model.
 */
export function openConfiguration(path: string, options: HuggingFaceOptions): Unweighted {
  const text = readConfiguration(path);
  requireSizes(text);
  const opened = openHuggingFaceConfig(text, nameOf(path), options);
  const summary = showSummary(opened.summary);
  return opened.kind === 'language'
    ? { kind: 'language', summary, model: opened.model }
    : { kind: 'graph', summary, graph: (opened as HuggingFaceModel & { kind: 'encoder' }).graph };
}

function readConfiguration(path: string): string {
  if (!existsSync(path)) throw new FileError('missing', `${path}: there is no such file`);
  const stat = statSync(path);
  if (!stat.isFile() || stat.size > MAX_CONFIG_BYTES) {
    const hint = 'name a config.json, such as one of programs/configs';
    throw new FileError('unsupported', `${path}: is not a configuration`, hint);
  }
  return readFileSync(path, 'utf8');
}

/**
 * Sizes of which a program is written out, or a graph built piece by piece: without weights nothing
 * else keeps them small. The largest published models have a fraction of each.
 */
const MOST_LAYERS = 1_000;
const MOST_WIDTH = 2 ** 17;
const MOST_HEAD = 2 ** 12;
const MOST: Readonly<Record<string, number>> = {
  num_hidden_layers: MOST_LAYERS,
  n_layer: MOST_LAYERS,
  num_layers: MOST_LAYERS,
  num_decoder_layers: MOST_LAYERS,
  encoder_layers: MOST_LAYERS,
  decoder_layers: MOST_LAYERS,
  hidden_size: MOST_WIDTH,
  n_embd: MOST_WIDTH,
  d_model: MOST_WIDTH,
  head_dim: MOST_HEAD,
  d_kv: MOST_HEAD,
};

/** Width, and number of heads that share it. */
const HEADS = [
  ['hidden_size', 'num_attention_heads'],
  ['n_embd', 'n_head'],
  ['d_model', 'encoder_attention_heads'],
  ['d_model', 'decoder_attention_heads'],
] as const;

/** What is no object, or no number, is left to those who read the rest. */
function requireSizes(text: string): void {
  const sizes = sizesOf(text);
  for (const [key, most] of Object.entries(MOST)) requireSize(key, sizes.get(key) ?? 0, most);
  if (sizes.has('head_dim')) return;
  for (const [width, heads] of HEADS) {
    const [all, count] = [sizes.get(width), sizes.get(heads)];
    if (all && count) requireSize(`${width} ÷ ${heads}`, all / count, MOST_HEAD);
  }
}

function sizesOf(text: string): ReadonlyMap<string, number> {
  try {
    const entries = Object.entries(JSON.parse(text) as object);
    return new Map(entries.filter((entry): entry is [string, number] => isNumber(entry[1])));
  } catch {
    return new Map();
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function requireSize(key: string, value: number, most: number): void {
  if (value <= most) return;
  const hint = `an estimate takes at most ${most}`;
  throw new FileError('unsupported', `config.json: ${key} is ${value}`, hint);
}

const nameOf = (path: string) => basename(path, extname(path));
