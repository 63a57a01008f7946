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
  const opened = openHuggingFaceConfig(readConfiguration(path), nameOf(path), options);
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

const nameOf = (path: string) => basename(path, extname(path));
