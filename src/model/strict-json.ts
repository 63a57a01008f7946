/** JSON from a stranger: as JSON.parse reads it, but without duplicate keys or deep nesting. */

import { describe, FileError } from './tensor-file.ts';

/**
 * The value of a JSON text whose objects and lists nest at most `maxDepth` deep.
 *
 * JSON.parse keeps the last of two equal keys without a word, so that two readers of one file may
 * see different tensors; here that is an error.
 *
 * @throws FileError 'malformed'.
 */
export function parseStrictJson(text: string, maxDepth: number): unknown {
  try {
    checkStructure(text, maxDepth);
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FileError('malformed', 'the header is not valid JSON');
  }
}

/**
 * Looks at strings and brackets only; whatever else is wrong is left for JSON.parse to find.
 * A string is a key when a colon follows it.
 */
function checkStructure(text: string, maxDepth: number): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    if (mark === '{' || mark === '[') {
      if (open.length === maxDepth) tooDeep(maxDepth);
      open.push(new Set());
    } else if (mark === '}' || mark === ']') {
      open.pop();
    } else if (mark === '"') {
      const end = stringEnd(text, at);
      if (isKey(text, end)) addKey(open.at(-1), JSON.parse(text.slice(at, end)) as string);
      at = end - 1;
    }
  }
}

/** The position behind the string that opens at `at`. */
function stringEnd(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

function isKey(text: string, at: number): boolean {
  let next = at;
  while (/[ \t\r\n]/.test(text.charAt(next))) next++;
  return text[next] === ':';
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw new FileError('malformed', `the name ${describe(key)} appears twice`);
  keys?.add(key);
}

function tooDeep(maxDepth: number): never {
  throw new FileError('malformed', `the header nests more than ${maxDepth} deep`);
}
