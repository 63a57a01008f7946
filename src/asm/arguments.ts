/** Checks of argument lists that directives and functions share. */
import type { Argument, CallNode, Expression, Word } from './ast.ts';
import { rangeOf } from './ast.ts';
import { countOf, fail } from './mistakes.ts';
import type { SourceText } from './source.ts';

/** The arguments of a directive without keys, `least` to `most` of them. */
export function expectArguments(
  list: readonly Argument[],
  least: number,
  most: number,
  source: SourceText,
  head: Word,
): readonly Argument[] {
  if (list.length < least) {
    fail('missing-operand', source, head, `${head.text} needs ${countOf(least, 'operand')}`);
  }
  const extra = list[most];
  if (extra) {
    fail('extra-operand', source, rangeOf(extra), `${head.text} takes ${countOf(most, 'operand')}`);
  }
  return list;
}

/** The arguments of a call that takes no keys, `least` to `most` of them. */
export function plainArguments(
  node: CallNode,
  source: SourceText,
  least: number,
  most: number,
): Expression[] {
  const count = node.arguments.length;
  if (count < least || count > most) {
    const code = count < least ? 'missing-operand' : 'extra-operand';
    const takes = countOf(count < least ? least : most, 'argument');
    const bound = least === most ? '' : 'at least ';
    fail(code, source, node, `${node.name} takes ${bound}${takes}, found ${count}`);
  }
  if (node.slice) fail('syntax', source, node.slice, 'only a file can be cut to a part');
  return node.arguments.map(({ value, assigned }) => {
    if (!assigned) return value;
    return fail('unknown-key', source, value, `${node.name} takes no keys`);
  });
}

/** The name that an expression consists of. */
export function expectName(node: Expression, source: SourceText, hint?: string): Word {
  if (node.kind === 'name') return { text: node.name, start: node.start, end: node.end };
  return fail('syntax', source, node, 'expected a name', hint);
}

/** The text that an argument consists of. */
export function expectText({ value, assigned }: Argument, source: SourceText): string {
  if (value.kind === 'text' && !assigned) return value.value;
  return fail('syntax', source, value, 'expected a "text"');
}
