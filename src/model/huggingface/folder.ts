/** The folder of a model: texts that may be missing, and tensor files of which only headers are read. */
import { basename } from 'node:path';
import type { OpenFile } from '../file-inside.ts';
import { realFolder, withFile } from '../file-inside.ts';
import type { SafetensorsFile } from '../safetensors.ts';
import { openSafetensors } from '../safetensors.ts';
import { parseStrictJson } from '../strict-json.ts';
import { FileError } from '../tensor-file.ts';

/** What the importer needs of a folder: every path is relative to it and stays inside it. */
export interface ModelFolder {
  /** The folder's own name, which the model gets too. */
  readonly name: string;
  /** The text of a UTF-8 file; undefined when there is no such file. */
  readText(path: string): string | undefined;
  /** The tensors of a `.safetensors` file; undefined when there is no such file. */
  openTensors(path: string): SafetensorsFile | undefined;
}

/** Tokenizers of large vocabularies have about 20 MB. */
const TEXT_BYTES = 2 ** 28;

/** Published shards have up to 50 GB; only what is asked for is read. */
const TENSOR_BYTES = 2 ** 36;

/** Tokenizers nest about ten deep. */
const JSON_DEPTH = 64;

/**
 * The folder at `root`. Nothing is kept open between calls.
 *
 * @throws FileError, here and from every method, as `openFolder` does; and from reads of tensors
 * when their file is no longer the one whose header was read.
 */
export function openModelFolder(root: string): ModelFolder {
  const realRoot = realFolder(root);
  return {
    name: basename(realRoot),
    readText: (path) =>
      unlessMissing(() => withFile(realRoot, path, TEXT_BYTES, (file) => utf8(file))),
    openTensors: (path) => unlessMissing(() => openTensorFile(realRoot, path)),
  };
}

/**
 * The value of a JSON file; undefined when there is no such file.
 *
 * @throws FileError 'malformed', also for duplicate keys.
 */
export function readJson(folder: ModelFolder, path: string): unknown {
  const text = folder.readText(path);
  if (text === undefined) return undefined;
  try {
    return parseStrictJson(text, JSON_DEPTH);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    // The parser was written for headers of tensor files, and says so.
    const message = error.message.replace('the header', 'the file');
    throw new FileError(error.code, `${path}: ${message}`, error.hint);
  }
}

/** A JSON object by its keys. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object in a JSON file; undefined when there is no such file. */
export function readObject(folder: ModelFolder, path: string): JsonObject | undefined {
  const value = readJson(folder, path);
  if (value === undefined || isObject(value)) return value;
  throw new FileError('malformed', `${path}: the file does not hold a JSON object`);
}

function openTensorFile(root: string, path: string): SafetensorsFile {
  const { tensors, identity } = withFile(root, path, TENSOR_BYTES, (file) => ({
    tensors: openSafetensors(file),
    identity: file.identity,
  }));
  return {
    names: tensors.names,
    info: (name) => tensors.info(name),
    read: (name, slice) =>
      withFile(root, path, TENSOR_BYTES, (file) => {
        if (file.identity !== identity) {
          throw new FileError('malformed', 'the file changed after its header was read');
        }
        return openSafetensors(file).read(name, slice);
      }),
  };
}

function utf8(file: OpenFile): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file.read(0, file.size));
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError('malformed', 'the text is not UTF-8');
  }
}

function unlessMissing<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof FileError && error.code === 'missing') return undefined;
    throw error;
  }
}
