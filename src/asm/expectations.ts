/** Expectations, names and titles: what a program says about its own results. */
import type { Comparison, Expectation, Show } from '../program/program.ts';
import { matrixShape, symbolBytes } from '../program/program.ts';
import { widened } from '../tensor/formats.ts';
import type { Argument, BinaryNode, CallNode, Expression } from './ast.ts';
import { rangeOf } from './ast.ts';
import type { PendingDirective } from './collect.ts';
import type { InitReader } from './data.ts';
import { expectArguments, expectText } from './arguments.ts';
import type { Evaluator } from './expressions.ts';
import { countOf, fail } from './mistakes.ts';
import type { SourceText } from './source.ts';
import { spanOf } from './source.ts';

type Body = Expectation extends infer E ? (E extends E ? Omit<E, 'text' | 'span'> : never) : never;

const COMPARISONS: readonly string[] = ['==', '<=', '>=', '<', '>'] satisfies Comparison[];

/** Reads the directives that are carried out last. Every method throws Mistake. */
export class RequestReader {
  private readonly evaluator: Evaluator;
  private readonly inits: InitReader;
  private bytesLeft: number;

  /** `maxBytes` limits the expected values of all expectations together. */
  constructor(evaluator: Evaluator, inits: InitReader, maxBytes: number) {
    this.evaluator = evaluator;
    this.inits = inits;
    this.bytesLeft = maxBytes;
  }

  /** `.show SYMBOL, "title"` */
  show({ statement, list }: PendingDirective): Show {
    const { source, head } = statement;
    const [symbol, title] = expectArguments(list, 1, 2, source, head);
    const { name } = this.symbolOf(symbol!, source);
    return { symbol: name, title: title ? expectText(title, source) : name };
  }

  /** `.names SYMBOL, rows("a", "b"), cols("x")` */
  names({ statement, list }: PendingDirective): void {
    const { source, head } = statement;
    const [first, ...groups] = expectArguments(list, 2, 3, source, head);
    const symbol = this.symbolOf(first!, source, false);
    const shape = matrixShape(this.evaluator.shape(symbol));
    for (const { value: group, assigned } of groups) {
      if (group.kind !== 'call' || assigned || (group.name !== 'rows' && group.name !== 'cols')) {
        return fail('syntax', source, group, 'expected rows("…", …) or cols("…", …)');
      }
      const names = group.arguments.map((argument) => expectText(argument, source));
      const expected = shape[group.name];
      if (names.length !== expected) {
        const message = `${countOf(names.length, 'name')}, but ${symbol.name} has ${expected} ${group.name}`;
        fail('element-count', source, group, message);
      }
      symbol[group.name === 'rows' ? 'rowNames' : 'colNames'] = names;
    }
  }

  /** `.expect left == right` */
  expectation({ statement, list }: PendingDirective): Expectation {
    const { source, head, start, end } = statement;
    const [first, ...keys] = list;
    if (!first) return fail('missing-operand', source, head, '.expect needs a comparison');
    const text = source.text.slice(head.end, end).replace(/\s+/g, ' ').trim();
    const span = spanOf(source, { start, end });
    return { text, span, ...this.body(first, keys, source) };
  }

  private body(first: Argument, keys: readonly Argument[], source: SourceText): Body {
    const { value: comparison, assigned } = first;
    if (comparison.kind !== 'binary' || assigned || !isComparison(comparison)) {
      const hint = '.expect SYMBOL == [values]';
      return fail('syntax', source, rangeOf(first), 'expected a comparison', hint);
    }
    const { left } = comparison;
    const quantity = left.kind === 'name' || left.kind === 'call' ? left.name : undefined;
    if (comparison.operator !== '~=') this.noKeys(keys, source);
    if (quantity === 'tokens') return this.tokens(comparison, source);
    if (quantity === 'cycles' || quantity === 'instructions') {
      return this.count(quantity, comparison, source);
    }
    return this.values(comparison, keys, source);
  }

  private noKeys([extra]: readonly Argument[], source: SourceText): void {
    if (!extra) return;
    const hint = 'a tolerance belongs to ~=';
    fail('extra-operand', source, rangeOf(extra), 'an exact comparison takes no more', hint);
  }

  private tokens({ right, operator }: BinaryNode, source: SourceText): Body {
    if (operator !== '==' || right.kind !== 'list') {
      return fail('syntax', source, right, 'expected tokens == [1, 2, 3]');
    }
    const tokens = right.items.map((item) => this.evaluator.integer(item, source));
    return { kind: 'tokens', tokens };
  }

  private count(
    quantity: 'cycles' | 'instructions',
    { left, right, operator }: BinaryNode,
    source: SourceText,
  ): Body {
    if (!COMPARISONS.includes(operator)) {
      fail('syntax', source, right, `a number is compared with ${COMPARISONS.join(' ')}`);
    }
    const machine = left.kind === 'call' ? machineName(left, source) : undefined;
    if (machine !== undefined && quantity === 'instructions') {
      fail(
        'extra-operand',
        source,
        left,
        'the number of instructions is the same on every machine',
      );
    }
    const value = this.evaluator.integer(right, source);
    return { kind: 'count', quantity, machine, comparison: operator as Comparison, value };
  }

  private values(
    { left, right, operator }: BinaryNode,
    keys: readonly Argument[],
    source: SourceText,
  ): Body {
    if (operator !== '==' && operator !== '~=') {
      const hint = 'values are compared with == or ~=';
      fail(
        'syntax',
        source,
        { start: left.start, end: right.end },
        `${operator} compares counts`,
        hint,
      );
    }
    const symbol = this.symbolOf({ value: left, assigned: undefined }, source);
    const { name, dtype } = symbol;
    const shape = this.evaluator.shape(symbol);
    this.bytesLeft -= symbolBytes({ shape, dtype });
    if (this.bytesLeft < 0) {
      fail('too-much-memory', source, left, 'expected values need more memory than the limit');
    }
    const stored = this.inits.read(right, { name, dtype, shape }, source);
    const expected = widened(dtype, stored);
    const tolerance = operator === '==' ? 0 : this.tolerance(keys, right, source);
    return { kind: 'values', symbol: name, expected, tolerance };
  }

  private tolerance(keys: readonly Argument[], near: Expression, source: SourceText): number {
    const [argument, extra] = keys;
    if (!argument) return fail('missing-key', source, near, '~= needs tolerance=');
    const { value: key, assigned } = argument;
    if (key.kind !== 'name' || key.name !== 'tolerance' || !assigned) {
      return fail('unknown-key', source, rangeOf(argument), '~= has one key, tolerance');
    }
    if (extra) fail('extra-operand', source, rangeOf(extra), '~= has one key, tolerance');
    const tolerance = this.evaluator.number(assigned, source);
    if (tolerance >= 0) return tolerance;
    return fail('overflow', source, assigned, `a tolerance of ${tolerance}`);
  }

  private symbolOf({ value, assigned }: Argument, source: SourceText, uses = true) {
    if (assigned) fail('syntax', source, assigned, 'expected the name of a data symbol alone');
    return this.evaluator.symbol(value, source, uses);
  }
}

function isComparison({ operator }: BinaryNode): boolean {
  return operator === '~=' || COMPARISONS.includes(operator);
}

/** The text in the parentheses of `cycles(classic5-fwd)`, which is a name with dashes. */
function machineName({ arguments: list, ...node }: CallNode, source: SourceText): string {
  const [only, extra] = list;
  if (!only || extra || only.assigned) {
    return fail('syntax', source, node, 'expected the name of one machine in the parentheses');
  }
  const { value } = only;
  return source.text.slice(value.start, value.end).replace(/\s+/g, '');
}
