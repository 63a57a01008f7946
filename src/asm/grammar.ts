/** The grammar of what follows a mnemonic or a directive: arguments and expressions. */
import type { IParserErrorMessageProvider, IToken } from 'chevrotain';
import { EOF, EmbeddedActionsParser, tokenLabel } from 'chevrotain';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import type { Argument, BinaryOperator, Expression, ListNode, Range } from './ast.ts';
import { MAX_INTEGER, PRECEDENCE, negate } from './grammar-parts.ts';
import { endOf } from './tokens.ts';
import * as T from './tokens.ts';

/** The tree of `operands[0] operators[0] operands[1] …` (E. W. Dijkstra's shunting yard, 1961). */
function joinOperands(operands: Expression[], operators: BinaryOperator[]): Expression {
  const values = [operands[0]!];
  const waiting: BinaryOperator[] = [];
  const reduce = () => {
    const right = values.pop()!;
    const left = values.pop()!;
    const operator = waiting.pop()!;
    values.push({ kind: 'binary', operator, left, right, start: left.start, end: right.end });
  };
  operators.forEach((operator, i) => {
    while (waiting.length > 0 && PRECEDENCE[waiting.at(-1)!] >= PRECEDENCE[operator]) reduce();
    waiting.push(operator);
    values.push(operands[i + 1]!);
  });
  while (waiting.length > 0) reduce();
  return values[0]!;
}

/** What a token is called in a message. */
export function describeToken(token: IToken): string {
  return token.tokenType === EOF ? 'the end of the line' : `'${token.image}'`;
}

const MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual }) =>
    `expected ${tokenLabel(expected)}, found ${describeToken(actual)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `expected a comma or the end of the line, found ${describeToken(firstRedundant)}`,
  buildNoViableAltMessage: ({ actual }) => `expected a value, found ${describeToken(actual[0]!)}`,
  buildEarlyExitMessage: ({ actual }) => `unexpected ${describeToken(actual[0]!)}`,
};

/** What is wrong with a line, before it is known which. */
export interface SyntaxProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly range: Range;
  readonly hint?: string;
}

export class ArgumentParser extends EmbeddedActionsParser {
  /** A mistake inside a word, which the grammar does not see. */
  wordProblem: SyntaxProblem | undefined;

  constructor() {
    super(T.TOKENS, { maxLookahead: 1, errorMessageProvider: MESSAGES, recoveryEnabled: false });
    this.performSelfAnalysis();
  }

  readonly list = this.RULE('list', (): Argument[] => {
    const list: Argument[] = [];
    this.OPTION(() => {
      list.push(this.SUBRULE(this.argument));
      this.MANY(() => {
        this.CONSUME(T.Comma);
        list.push(this.SUBRULE2(this.argument));
      });
    });
    return list;
  });

  private readonly argument = this.RULE('argument', (): Argument => {
    const value = this.SUBRULE(this.expression);
    let assigned: Expression | undefined;
    this.OPTION(() => {
      this.CONSUME(T.Assign);
      assigned = this.SUBRULE2(this.expression);
    });
    return { value, assigned };
  });

  private readonly expression = this.RULE('expression', (): Expression => {
    const first = this.SUBRULE(this.operand);
    let rest: { operands: Expression[]; operators: BinaryOperator[] } | undefined;
    this.MANY(() => {
      const operator = this.OR([
        { ALT: () => this.CONSUME(T.Operator) },
        { ALT: () => this.CONSUME(T.Minus) },
      ]);
      rest ??= { operands: [first], operators: [] };
      rest.operators.push(operator.image as BinaryOperator);
      rest.operands.push(this.SUBRULE2(this.operand));
    });
    return this.ACTION(() => (rest ? joinOperands(rest.operands, rest.operators) : first));
  });

  private readonly operand = this.RULE('operand', (): Expression => {
    let signs = 0;
    let start = 0;
    this.MANY(() => {
      const sign = this.CONSUME(T.Minus);
      if (signs++ === 0) start = sign.startOffset;
    });
    const value = this.SUBRULE(this.primary);
    return this.ACTION(() => (signs % 2 === 1 ? negate(value, start) : value));
  });

  private readonly primary = this.RULE('primary', (): Expression =>
    this.OR<Expression>([
      { ALT: () => this.numberNode(this.CONSUME(T.Numeric)) },
      { ALT: () => this.SUBRULE(this.nameOrCall) },
      { ALT: () => this.SUBRULE(this.bracketed) },
      { ALT: () => textNode(this.CONSUME(T.Text)) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
    ]),
  );

  private readonly parenthesised = this.RULE('parenthesised', (): Expression => {
    this.CONSUME(T.LeftParen);
    const inner = this.SUBRULE(this.expression);
    this.CONSUME(T.RightParen);
    return inner;
  });

  private readonly nameOrCall = this.RULE('nameOrCall', (): Expression => {
    const word = this.CONSUME(T.Identifier);
    let node: Expression = { kind: 'name', name: word.image, ...rangeOfToken(word) };
    this.OPTION(() => {
      this.CONSUME(T.LeftParen);
      const list = this.SUBRULE(this.list);
      let end = endOf(this.CONSUME(T.RightParen));
      let slice: ListNode | undefined;
      this.OPTION2(() => {
        slice = this.SUBRULE(this.bracketed) as ListNode;
        end = slice.end;
      });
      const start = word.startOffset;
      node = { kind: 'call', name: word.image, arguments: list, slice, start, end };
    });
    return node;
  });

  private readonly bracketed = this.RULE('bracketed', (): Expression => {
    const open = this.CONSUME(T.LeftBracket);
    const items: Expression[] = [];
    this.OPTION(() => {
      items.push(this.SUBRULE(this.item));
      this.MANY(() => {
        this.CONSUME(T.Comma);
        items.push(this.SUBRULE2(this.item));
      });
    });
    const close = this.CONSUME(T.RightBracket);
    return { kind: 'list', items, start: open.startOffset, end: close.startOffset + 1 };
  });

  /** An element of a literal, an address, or an entry `from:to` of a slice. */
  private readonly item = this.RULE('item', (): Expression =>
    this.OR<Expression>([
      {
        ALT: () => {
          const from = this.SUBRULE(this.expression);
          let node = from;
          this.OPTION(() => {
            node = this.SUBRULE(this.boundsFrom, { ARGS: [from] });
          });
          return node;
        },
      },
      { ALT: () => this.SUBRULE2(this.boundsFrom, { ARGS: [undefined] }) },
    ]),
  );

  private readonly boundsFrom = this.RULE('boundsFrom', (from?: Expression): Expression => {
    const colon = this.CONSUME(T.Colon);
    let to: Expression | undefined;
    this.OPTION(() => {
      to = this.SUBRULE(this.expression);
    });
    const start = from?.start ?? colon.startOffset;
    return { kind: 'bounds', from, to, start, end: to?.end ?? colon.startOffset + 1 };
  });

  private numberNode(token: IToken): Expression {
    const range = rangeOfToken(token);
    const value = T.parseNumber(token.image);
    if (value === undefined) {
      const message = `${token.image} is not a number`;
      this.wordProblem ??= { code: 'syntax', message, range };
    } else if (value >= MAX_INTEGER && isInexactInteger(token.image, value)) {
      const message = `${token.image} is beyond 2^53, the largest exact integer`;
      this.wordProblem ??= { code: 'overflow', message, range };
    }
    return { kind: 'number', value: value ?? 0, ...range };
  }
}

/** Whether an integer of 2^53 or more is written that a float64 cannot hold for certain. */
function isInexactInteger(image: string, value: number): boolean {
  if (!/^(?:0[xXbB]\w+|[\d_]+)$/.test(image)) return false;
  return value > MAX_INTEGER || BigInt(image.replaceAll('_', '')) > BigInt(MAX_INTEGER);
}

function textNode(token: IToken): Expression {
  return { kind: 'text', value: T.parseText(token.image), ...rangeOfToken(token) };
}

export function rangeOfToken(token: IToken): Range {
  return { start: token.startOffset, end: endOf(token) };
}
