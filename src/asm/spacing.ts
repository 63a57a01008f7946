/** Where spaces stand between the words of a line in the canonical layout. */
import type { IToken, TokenType } from 'chevrotain';
import { DATA_DIRECTIVES } from './data-directives.ts';
import * as T from './tokens.ts';

export interface SpacingContext {
  /** The directive whose operands these are, if they are. */
  readonly directive: string | undefined;
  /** Whether the words stand inside brackets that an earlier line opened. */
  readonly inside?: boolean;
}

/** Directives whose `=` divides a definition from its value, and is no `key=`. */
const DEFINING: ReadonlySet<string> = new Set(['.param', ...DATA_DIRECTIVES.keys()]);

/** Behind one of these a minus is a sign. */
const BEFORE_SIGN: ReadonlySet<TokenType | undefined> = new Set([
  undefined,
  T.Operator,
  T.Minus,
  T.Assign,
  T.Comma,
  T.Colon,
  T.LeftParen,
  T.LeftBracket,
]);

const OPENS: ReadonlySet<TokenType> = new Set([T.LeftParen, T.LeftBracket]);
const CLOSES: ReadonlySet<TokenType> = new Set([T.RightParen, T.RightBracket]);

/** The words with the spaces of the canonical layout between them. */
export function spaced(tokens: readonly IToken[], { directive, inside }: SpacingContext): string {
  let text = '';
  let depth = inside ? 1 : 0;
  let sign = false;
  tokens.forEach((token, i) => {
    const before = tokens[i - 1];
    const type = token.tokenType;
    if (CLOSES.has(type)) depth--;
    const definition = depth === 0 && directive !== undefined && DEFINING.has(directive);
    if (
      before &&
      hasSpace(before, token, { definition, sign, machine: isMachine(tokens, i, directive) })
    ) {
      text += ' ';
    }
    text += token.image;
    sign = type === T.Minus && BEFORE_SIGN.has(before?.tokenType);
    if (OPENS.has(type)) depth++;
  });
  return text;
}

/** Whether a token is part of the name in `.expect cycles(classic5-fwd)`, where spaces mean nothing. */
function isMachine(tokens: readonly IToken[], i: number, directive: string | undefined): boolean {
  const named = directive === '.expect' && tokens[0]!.image === 'cycles';
  return named && i > 1 && !tokens.slice(2, i + 1).some((t) => t.tokenType === T.RightParen);
}

interface Surroundings {
  /** Whether an `=` here divides a definition from its value. */
  readonly definition: boolean;
  /** Whether the token before is the sign of this one. */
  readonly sign: boolean;
  readonly machine: boolean;
}

function hasSpace(
  before: IToken,
  token: IToken,
  { definition, sign, machine }: Surroundings,
): boolean {
  const [left, right] = [before.tokenType, token.tokenType];
  const written = T.endOf(before) !== token.startOffset;
  if (left === T.Escape || right === T.Escape || right === T.Dotted) return written;
  if (machine) return false;
  if (left === T.Comma) return true;
  if (right === T.Comma || CLOSES.has(right) || OPENS.has(left)) return false;
  if (left === T.Colon || right === T.Colon) return false;
  if (left === T.Assign || right === T.Assign) return definition;
  if (sign) return false;
  if (isOperator(left) || isOperator(right)) return true;
  if (right === T.LeftParen) return written && left !== T.Identifier;
  if (right === T.LeftBracket && left === T.RightParen) return false;
  return written;
}

function isOperator(type: TokenType): boolean {
  return type === T.Operator || type === T.Minus;
}
