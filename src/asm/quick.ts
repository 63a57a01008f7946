/** Arguments straight from the columns of words; the grammar gives the same trees, at a tenth of the speed. */
import type { Argument, BinaryOperator, Expression } from './ast.ts';
import { MAX_INTEGER, PRECEDENCE, negate } from './grammar-parts.ts';
import type { Words } from './scan.ts';
import * as K from './scan.ts';
import { parseNumber, parseText } from './tokens.ts';

/** Brackets in one another; the grammar takes deeper ones. */
const MAX_DEPTH = 32;

/** Digits whose value is exact however it is computed. */
const SHORT_NUMBER = 15;

/**
 * Reads what is right and has no slices; every method gives undefined for all else, of which the grammar can tell
 * more. One reader serves all lines, so that a line costs no more than its tree.
 */
class QuickReader {
  private text = '';
  private words: Words = { kinds: new Uint8Array(), starts: new Int32Array(), ends: new Int32Array() }; // prettier-ignore
  private at = 0;
  private to = 0;
  private depth = 0;

  read(text: string, words: Words, from: number, to: number): Argument[] | undefined {
    this.text = text;
    this.words = words;
    this.at = from;
    this.to = to;
    this.depth = 0;
    if (from === to) return [];
    const list = this.list();
    return this.at === to ? list : undefined;
  }

  /** The kind of the next word; −1 at the end. */
  private kind(): number {
    return this.at < this.to ? this.words.kinds[this.at]! : -1;
  }

  private list(): Argument[] | undefined {
    const list: Argument[] = [];
    for (;;) {
      const value = this.expression(1);
      if (!value) return undefined;
      let assigned: Expression | undefined;
      if (this.kind() === K.ASSIGN) {
        this.at++;
        assigned = this.expression(1);
        if (!assigned) return undefined;
      }
      list.push({ value, assigned });
      if (this.kind() !== K.COMMA) return list;
      this.at++;
    }
  }

  /** Operands joined by operators that bind at least as strongly as `least`. */
  private expression(least: number): Expression | undefined {
    let left = this.operand();
    while (left) {
      const kind = this.kind();
      if (kind !== K.OPERATOR && kind !== K.MINUS) return left;
      const operator = this.image() as BinaryOperator;
      const strength = PRECEDENCE[operator];
      if (strength < least) return left;
      this.at++;
      const right = this.expression(strength + 1);
      if (!right) return undefined;
      left = { kind: 'binary', operator, left, right, start: left.start, end: right.end };
    }
    return undefined;
  }

  private operand(): Expression | undefined {
    if (this.kind() !== K.MINUS) return this.primary();
    const start = this.words.starts[this.at]!;
    let signs = 0;
    for (; this.kind() === K.MINUS; this.at++) signs++;
    const value = this.primary();
    return value && signs % 2 === 1 ? negate(value, start) : value;
  }

  private primary(): Expression | undefined {
    const kind = this.kind();
    if (kind === K.IDENTIFIER) return this.nameOrCall();
    if (kind === K.NUMERIC) return this.number();
    if (kind === K.LEFT_BRACKET) return this.bracketed();
    if (kind === K.LEFT_PAREN) return this.parenthesised();
    if (kind !== K.TEXT) return undefined;
    const { start, end } = this.range();
    const value = parseText(this.image());
    this.at++;
    return { kind: 'text', value, start, end };
  }

  private nameOrCall(): Expression | undefined {
    const { start, end } = this.range();
    const name = this.image();
    this.at++;
    if (this.kind() !== K.LEFT_PAREN) return { kind: 'name', name, start, end };
    this.at++;
    if (++this.depth > MAX_DEPTH) return undefined;
    const list = this.kind() === K.RIGHT_PAREN ? [] : this.list();
    if (!list || this.kind() !== K.RIGHT_PAREN) return undefined;
    this.depth--;
    const closed = this.words.ends[this.at++]!;
    if (this.kind() === K.LEFT_BRACKET) return undefined;
    return { kind: 'call', name, arguments: list, slice: undefined, start, end: closed };
  }

  private bracketed(): Expression | undefined {
    const start = this.words.starts[this.at++]!;
    if (++this.depth > MAX_DEPTH) return undefined;
    const items: Expression[] = [];
    if (this.kind() !== K.RIGHT_BRACKET) {
      for (;;) {
        const item = this.expression(1);
        if (!item) return undefined;
        items.push(item);
        if (this.kind() !== K.COMMA) break;
        this.at++;
      }
      if (this.kind() !== K.RIGHT_BRACKET) return undefined;
    }
    this.depth--;
    return { kind: 'list', items, start, end: this.words.ends[this.at++]! };
  }

  private parenthesised(): Expression | undefined {
    this.at++;
    if (++this.depth > MAX_DEPTH) return undefined;
    const inner = this.expression(1);
    if (!inner || this.kind() !== K.RIGHT_PAREN) return undefined;
    this.at++;
    this.depth--;
    return inner;
  }

  private number(): Expression | undefined {
    const { start, end } = this.range();
    const value = this.digits(start, end) ?? parseNumber(this.image());
    if (value === undefined || value >= MAX_INTEGER) return undefined;
    this.at++;
    return { kind: 'number', value, start, end };
  }

  /** The value of a short number that is nothing but digits, as most are. */
  private digits(start: number, end: number): number | undefined {
    if (end - start > SHORT_NUMBER) return undefined;
    let value = 0;
    for (let at = start; at < end; at++) {
      const digit = this.text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    return value;
  }

  private image(): string {
    return this.text.slice(this.words.starts[this.at], this.words.ends[this.at]);
  }

  private range() {
    return { start: this.words.starts[this.at]!, end: this.words.ends[this.at]! };
  }
}

const reader = new QuickReader();

/** The arguments that the words of a text from `from` up to `to` spell; undefined when only the grammar can tell. */
export function readQuickly(
  text: string,
  words: Words,
  from: number,
  to: number,
): Argument[] | undefined {
  return reader.read(text, words, from, to);
}
