/** Text to tokens and back, by the tokenizer.json of a folder. */
import { Tokenizer as Library } from '@huggingface/tokenizers';
import { FileError, describe, nameHint } from '../tensor-file.ts';
import type { JsonObject, ModelFolder } from './folder.ts';
import { isObject, readObject } from './folder.ts';

const FILE = 'tokenizer.json';
const CONFIG = 'tokenizer_config.json';

export interface TextTokenizer {
  /** Whether the folder has a tokenizer.json; without it the methods throw FileError 'missing'. */
  readonly available: boolean;
  /**
   * The tokens of a text, begin- and end-of-text added as the tokenizer says: the prompt as it is
   * given to the model. Throws FileError for a text of which the vocabulary cannot write a part.
   */
  encode(text: string): readonly number[];
  /** The text of tokens, special ones left out; ids that only the model has are left out too. */
  decode(ids: readonly number[]): string;
}

/**
 * The tokenizer of a folder, for a model whose ids are 0 … vocabulary − 1. Its files are read at
 * first use: a compiler has no need of them.
 */
export function openTokenizer(folder: ModelFolder, vocabulary: number): TextTokenizer {
  let opened: Opened | undefined;
  const open = (): Opened => (opened ??= readTokenizer(folder));
  return {
    get available() {
      return folder.readText(FILE) !== undefined;
    },
    encode: (text) => encode(open(), text, vocabulary),
    decode: (ids) => decode(open(), ids, vocabulary),
  };
}

interface Opened {
  readonly library: Library;
  /** Whether characters that the vocabulary lacks would vanish without a word. */
  readonly losesCharacters: boolean;
}

function readTokenizer(folder: ModelFolder): Opened {
  const json = readObject(folder, FILE);
  if (!json) {
    const hint = 'give tokens as numbers, or put the tokenizer beside the weights';
    throw new FileError('missing', `the folder has no ${FILE}, so text cannot be read`, hint);
  }
  const given = readObject(folder, CONFIG) ?? {};
  // The library's default is true, which eats spaces; that of transformers is false.
  const config = { clean_up_tokenization_spaces: false, ...given };
  try {
    const library = new Library({ added_tokens: [], ...json }, config);
    return { library, losesCharacters: losesCharacters(json) };
  } catch (error) {
    // The library throws plain errors, of any kind, for what it does not understand.
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError('malformed', `${FILE}: ${reason}`);
  }
}

/** BPE over plain characters: no token for what is unknown, no bytes to write it with. */
function losesCharacters({ model, normalizer, pre_tokenizer: cutter }: JsonObject): boolean {
  const isAbsent = (value: unknown) => value === undefined || value === null;
  if (!isObject(model) || model.type !== 'BPE') return false;
  return [model.unk_token, normalizer, cutter].every(isAbsent) && model.byte_fallback !== true;
}

function encode({ library, losesCharacters }: Opened, text: string, vocabulary: number): number[] {
  if (losesCharacters) checkCharacters(library, text);
  const { ids, tokens } = library.encode(text);
  ids.forEach((id: number | undefined, i) => {
    if (id !== undefined && Number.isInteger(id) && id >= 0 && id < vocabulary) return;
    const who = `${FILE}: the token ${describe(tokens[i])} has`;
    const message = id === undefined ? `${who} no id` : `${who} the id ${id}`;
    throw new FileError('malformed', message, `the model has ids 0 to ${vocabulary - 1}`);
  });
  return ids;
}

function checkCharacters(library: Library, text: string): void {
  let plain = text;
  for (const { content } of library.get_added_tokens_decoder().values()) {
    plain = plain.replaceAll(content, '');
  }
  const lost = [...new Set(plain)].find((character) => library.tokenize(character).length === 0);
  if (lost === undefined) return;
  const known = [...library.get_vocab(false).keys()].filter((token) => token !== undefined);
  const message = `${FILE}: there is no token for ${describe(lost)}`;
  throw new FileError('missing', message, nameHint('', known));
}

function decode({ library }: Opened, ids: readonly number[], vocabulary: number): string {
  const bad = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabulary));
  if (bad !== undefined) throw new FileError('outside', `${bad} is no token of the model`);
  const known = ids.filter((id) => library.id_to_token(id) !== undefined);
  return known.length === 0 ? '' : library.decode(known, { skip_special_tokens: true });
}
