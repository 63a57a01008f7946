/** Lays JSON out for people, as prettier does: short things on one line, numbers side by side. */

/** The longest line, in characters. */
const WIDTH = 100;

/** The text of a plain value, with a newline behind it. A Map is an object whose keys keep their order. */
export function layOut(value: unknown): string {
  return `${lay(value, '', 0)}\n`;
}

/** The value's text; its first line begins behind `indent` and what stands before it already. */
function lay(value: unknown, indent: string, before: number, after = 0): string {
  const flat = onOneLine(value);
  const fits = indent.length + before + flat.length + after <= WIDTH;
  if (typeof value !== 'object' || value === null || (fits && !mustBreak(value))) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value as unknown[];
    const isNumbers = items.every((item) => typeof item === 'number');
    const body = isNumbers
      ? filled(items.map(onOneLine), inner)
      : items
          .map((item, i) => inner + lay(item, inner, 0, i < items.length - 1 ? 1 : 0))
          .join(',\n');
    return `[\n${body}\n${indent}]`;
  }
  const members = membersOf(value);
  const lines = members.map(([key, member], i) => {
    const name = `${JSON.stringify(key)}: `;
    return inner + name + lay(member, inner, name.length, i < members.length - 1 ? 1 : 0);
  });
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function onOneLine(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = membersOf(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** As JSON writes numbers, but minus zero, which JSON can read, keeps its sign. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : JSON.stringify(value).replace('e+', 'e');
}

/** A list of lists or of objects, each of more than one thing, is a table: a line for each. */
function mustBreak(value: object): boolean {
  const members: unknown[] = Array.isArray(value)
    ? value
    : membersOf(value).map(([, member]) => member);
  const isTable = (of: (item: unknown) => boolean): boolean =>
    Array.isArray(value) && value.length > 1 && value.every((item) => of(item) && size(item) > 1);
  const isObject = (item: unknown): boolean => typeof item === 'object' && item !== null;
  if (isTable(Array.isArray) || isTable((item) => isObject(item) && !Array.isArray(item))) {
    return true;
  }
  return members.some((item) => isObject(item) && mustBreak(item as object));
}

const membersOf = (value: object): (readonly [string, unknown])[] =>
  value instanceof Map ? [...(value as Map<string, unknown>)] : Object.entries(value);

const size = (item: unknown): number => membersOf(item as object).length;

/** As many on each line as fit. */
function filled(items: readonly string[], indent: string): string {
  const lines: string[] = [];
  items.forEach((item, i) => {
    const text = i < items.length - 1 ? `${item},` : item;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + text.length <= WIDTH) {
      lines[lines.length - 1] = `${last} ${text}`;
    } else lines.push(indent + text);
  });
  return lines.join('\n');
}
