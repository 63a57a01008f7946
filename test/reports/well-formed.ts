/** A small reader of markup: balanced elements, quoted attributes, known entities, unique names. */

const TOKEN =
  /<!--[\s\S]*?-->|<!doctype html>|<\/([\w-]+)>|<([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g;

export interface Outline {
  /** Every element, in order of its opening. */
  readonly elements: readonly string[];
  readonly ids: readonly string[];
  /** What is not markup, entities resolved. */
  readonly text: string;
}

/** Throws at the first thing that is not well-formed. */
export function outlineOf(document: string): Outline {
  const open: string[] = [];
  const elements: string[] = [];
  const texts: string[] = [];
  let end = 0;
  for (const match of document.matchAll(TOKEN)) {
    texts.push(plain(document.slice(end, match.index), open.at(-1)));
    end = match.index + match[0].length;
    const [, closed, opened, , isEmpty] = match;
    if (closed !== undefined && open.pop() !== closed) throw new Error(`stray </${closed}>`);
    if (opened === undefined) continue;
    elements.push(opened);
    if (isEmpty !== '/') open.push(opened);
  }
  texts.push(plain(document.slice(end), open.at(-1)));
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`);
  const ids = [...document.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!);
  return { elements, ids, text: texts.join('') };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

function plain(text: string, parent = ''): string {
  if (['style', 'script'].includes(parent)) return '';
  if (text.includes('<')) throw new Error(`a stray < in ${text.slice(0, 80)}`);
  return text.replace(/&[^;\s]*;?/g, (entity) => {
    const found = ENTITIES[entity];
    if (found === undefined) throw new Error(`the unknown entity ${entity}`);
    return found;
  });
}
