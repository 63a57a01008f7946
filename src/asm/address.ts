/** Address operands: `[symbol + rA + rB + constant]`. */
import type { Operand } from '../../isa/operand.ts';
import type { Expression, ListNode } from './ast.ts';
import type { Evaluator } from './expressions.ts';
import { fail } from './mistakes.ts';
import type { Names, SymbolDefinition } from './names.ts';
import { findRegister } from './names.ts';
import type { SourceText } from './source.ts';

export interface Address {
  readonly operand: Operand;
  /** The data symbol, when exactly one is named. */
  readonly symbol: SymbolDefinition | undefined;
  /** Whether the address is the symbol and nothing else. */
  readonly exact: boolean;
}

interface Term {
  readonly node: Expression;
  readonly negative: boolean;
}

/** The terms of a sum, from left to right; a difference is a sum with a negative term. */
function termsOf(node: Expression): Term[] {
  const terms: Term[] = [];
  const waiting: Term[] = [{ node, negative: false }];
  for (let term = waiting.pop(); term; term = waiting.pop()) {
    const { node: sum, negative } = term;
    if (sum.kind === 'binary' && (sum.operator === '+' || sum.operator === '-')) {
      waiting.push({ node: sum.right, negative: (sum.operator === '-') !== negative });
      waiting.push({ node: sum.left, negative });
    } else terms.push(term);
  }
  return terms;
}

function offsetOf(terms: readonly Term[], evaluator: Evaluator, source: SourceText): number {
  let offset = 0;
  for (const { node, negative } of terms) {
    const value = evaluator.integer(node, source);
    offset += negative ? -value : value;
    if (!Number.isSafeInteger(offset))
      fail('overflow', source, node, 'the address is beyond ±2^53');
  }
  return offset;
}

/** Reads an address; throws Mistake. */
export function readAddress(
  list: ListNode,
  names: Names,
  evaluator: Evaluator,
  source: SourceText,
): Address {
  const [inside] = list.items;
  if (!inside || list.items.length > 1) {
    fail('wrong-operand-kind', source, list, 'an address is one sum in brackets', '[X + r1 + 64]');
  }
  const registers: number[] = [];
  const constants: Term[] = [];
  const symbols: SymbolDefinition[] = [];
  const terms = termsOf(inside);
  for (const term of terms) {
    const { node, negative } = term;
    const register = node.kind === 'name' ? findRegister(node.name) : undefined;
    if (register) {
      if (register.kind !== 'scalar') {
        fail(
          'wrong-operand-kind',
          source,
          node,
          'an address takes scalar registers only',
          'r0 to r31',
        );
      }
      if (negative) fail('wrong-operand-kind', source, node, 'a register cannot be subtracted');
      if (register.register !== 0) registers.push(register.register);
      if (registers.length > 2) {
        fail('extra-operand', source, node, 'an address takes at most two registers');
      }
      continue;
    }
    constants.push(term);
    const definition = node.kind === 'name' ? names.find(node.name) : undefined;
    if (definition?.kind === 'symbol') symbols.push(definition);
  }
  const offset = offsetOf(constants, evaluator, source);
  const [base = 0, index = 0] = registers;
  const symbol = symbols.length === 1 ? symbols[0] : undefined;
  const exact = symbol !== undefined && terms.length === 1;
  return { operand: { kind: 'address', offset, base, index }, symbol, exact };
}
