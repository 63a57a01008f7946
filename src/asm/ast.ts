/** The syntax tree: what a line says, before any name has a meaning. */
import type { Range, SourceText } from './source.ts';

export type { Range } from './source.ts';

export type BinaryOperator =
  '+' | '-' | '*' | '/' | '//' | '%' | '==' | '!=' | '<=' | '>=' | '<' | '>' | '~=';

export type Expression =
  NumberNode | NameNode | TextNode | NegationNode | BinaryNode | CallNode | ListNode | BoundsNode;

export interface NumberNode extends Range {
  readonly kind: 'number';
  readonly value: number;
}

export interface NameNode extends Range {
  readonly kind: 'name';
  readonly name: string;
}

export interface TextNode extends Range {
  readonly kind: 'text';
  readonly value: string;
}

export interface NegationNode extends Range {
  readonly kind: 'negation';
  readonly operand: Expression;
}

export interface BinaryNode extends Range {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `name(arguments)`, and `name(arguments)[from:to, …]`. */
export interface CallNode extends Range {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly slice: ListNode | undefined;
}

/** `[a, b, …]`: an address, a literal or a slice. */
export interface ListNode extends Range {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

/** `from:to` of a slice. */
export interface BoundsNode extends Range {
  readonly kind: 'bounds';
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
}

/** `value`, or `value = assigned`. */
export interface Argument {
  readonly value: Expression;
  readonly assigned: Expression | undefined;
}

/** A word and where it stands. */
export interface Word extends Range {
  readonly text: string;
}

/** One line: `label: HEAD.FLAG arguments`. The range is that of the head and the arguments. */
export interface Statement extends Range {
  readonly source: SourceText;
  readonly label: Word | undefined;
  /** A mnemonic, or a directive with its dot in lower case. */
  readonly head: Word | undefined;
  /** What follows a mnemonic, without the dots. */
  readonly flags: readonly Word[];
  /** Undefined when they could not be read, which has been reported. */
  readonly arguments: readonly Argument[] | undefined;
  /** The first word behind the head, which names what an unreadable line would have defined. */
  readonly subject: Word | undefined;
  /** The `;;` comments above. */
  readonly doc: string;
}

/** The range from the start of an argument to its end. */
export function rangeOf(argument: Argument): Range {
  return { start: argument.value.start, end: (argument.assigned ?? argument.value).end };
}
