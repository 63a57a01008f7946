/** Macros: their definition lines, and what their uses put in the place of their parameters. */
import type { IToken } from 'chevrotain';
import { findInstruction } from '../../isa/index.ts';
import type { Range, Word } from './ast.ts';
import { wordOf } from './heads.ts';
import type { TokenLine } from './lines.ts';
import { countOf, fail } from './mistakes.ts';
import type { SourceText } from './source.ts';
import * as T from './tokens.ts';

interface Parameter {
  readonly name: string;
  /** Text for a use that leaves the parameter out. */
  readonly byDefault: string | undefined;
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly source: SourceText;
  /** Of the name in the definition. */
  readonly range: Range;
  readonly body: Range;
}

/** Tokens between commas outside brackets; no tokens, no groups. */
function splitAtCommas(tokens: readonly IToken[]): IToken[][] {
  if (tokens.length === 0) return [];
  const groups: IToken[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const type = token.tokenType;
    if (type === T.LeftBracket || type === T.LeftParen) depth++;
    else if (type === T.RightBracket || type === T.RightParen) depth--;
    if (type === T.Comma && depth <= 0) groups.push([]);
    else groups.at(-1)!.push(token);
  }
  return groups;
}

function textOf(tokens: readonly IToken[], source: SourceText): string {
  const [first, last] = [tokens[0], tokens.at(-1)];
  return first && last ? source.text.slice(first.startOffset, T.endOf(last)) : '';
}

function readParameter(tokens: readonly IToken[], source: SourceText, near: Range): Parameter {
  const [name, sign, ...value] = tokens;
  if (name?.tokenType !== T.Identifier) {
    return fail('syntax', source, name ? wordOf(name) : near, 'expected the name of a parameter');
  }
  if (!sign) return { name: name.image, byDefault: undefined };
  if (sign.tokenType === T.Assign) return { name: name.image, byDefault: textOf(value, source) };
  return fail('syntax', source, wordOf(sign), "expected a comma or '=' behind the parameter");
}

/** Reads `.macro NAME a, b=default`. */
export function readMacroHead(
  { source, tokens }: TokenLine,
  rest: number,
  head: Word,
  body: Range,
): Macro {
  const name = tokens[rest];
  if (name?.tokenType !== T.Identifier) {
    return fail('missing-operand', source, name ? wordOf(name) : head, '.macro needs a name');
  }
  const range = wordOf(name);
  if (findInstruction(name.image.toUpperCase())) {
    fail('reserved-name', source, range, `${name.image} is the name of an instruction`);
  }
  const parameters = splitAtCommas(tokens.slice(rest + 1)).map((group) =>
    readParameter(group, source, range),
  );
  return { name: name.image, parameters, source, range, body };
}

export interface MacroArgument extends Range {
  readonly text: string;
}

/** The operands of a use, as texts. */
export function splitArguments({ source, tokens }: TokenLine, rest: number): MacroArgument[] {
  let start = rest < tokens.length ? tokens[rest]!.startOffset : 0;
  return splitAtCommas(tokens.slice(rest)).map((group) => {
    const [first, last] = [group[0], group.at(-1)];
    const range =
      first && last ? { start: first.startOffset, end: T.endOf(last) } : { start, end: start + 1 };
    start = range.end;
    return { text: textOf(group, source), ...range };
  });
}

/** What each parameter stands for in one use. */
export function bindArguments(
  { name, parameters }: Macro,
  operands: readonly MacroArgument[],
  source: SourceText,
  range: Range,
): Map<string, string> {
  const extra = operands[parameters.length];
  if (extra)
    fail('extra-operand', source, extra, `${name} takes ${countOf(parameters.length, 'operand')}`);
  return new Map(
    parameters.map((parameter, i) => {
      const given = operands[i]?.text;
      const value = given === undefined || given === '' ? parameter.byDefault : given;
      if (value !== undefined) return [parameter.name, value];
      return fail('missing-operand', source, range, `${name} needs a value for ${parameter.name}`);
    }),
  );
}
