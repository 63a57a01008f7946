/** Markup that cannot be broken out of: texts are escaped, and only markup is passed as it is. */

/** A piece of XML or HTML that is well-formed. */
export interface Markup {
  readonly markup: string;
}

export type Child = Markup | string;

/** Numbers are written with at most two decimals, the same on every host. */
export type Attributes = Readonly<Record<string, string | number>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What no XML document may contain, escaped or not (XML 1.0, production 2). */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** A text as content or attribute value; characters that XML forbids become U+FFFD. */
export function escaped(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (found) => ENTITIES[found]!);
}

/** Elements that have no content and are closed at once. */
const EMPTY = new Set(['circle', 'line', 'meta', 'path', 'rect']);

/** `<name attributes>children</name>`, on one line: white space between children would show. */
export function tag(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  return element(name, attributes, children.map(written).join(''));
}

/** The same with each child on a line of its own. */
export function block(name: string, attributes: Attributes, ...children: readonly Child[]): Markup {
  return element(name, attributes, `\n${children.map(written).join('\n')}\n`);
}

/** Several pieces, one behind the other. */
export function group(...children: readonly Child[]): Markup {
  return { markup: children.map(written).join('\n') };
}

function element(name: string, attributes: Attributes, content: string): Markup {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(value)}"`);
  const opening = `<${name}${pairs.join('')}`;
  return { markup: EMPTY.has(name) ? `${opening}/>` : `${opening}>${content}</${name}>` };
}

function written(child: Child): string {
  return typeof child === 'string' ? escaped(child) : child.markup;
}

function attribute(value: string | number): string {
  return typeof value === 'string' ? escaped(value) : coordinate(value);
}

/** `12`, `12.35`. */
export function coordinate(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
