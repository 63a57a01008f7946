/** The loops of a program that do nothing but compute: bodies that are entered at their head and left at their tail. */
import type { Instruction } from '../../isa/instruction.ts';
import type { WalkCode } from './code.ts';
import { branches } from './code.ts';

/** The instructions from `head` to `tail`, a branch back to the head. */
export interface Loop {
  readonly head: number;
  readonly tail: number;
}

/**
 * For each code address the loop whose tail it is. A loop is in it when control can leave it at its
 * tail only, no routine is called in it, and nothing in it is seen outside: no integer is stored, no
 * token emitted.
 */
export function loopsByTail(
  code: readonly Instruction[],
  columns: WalkCode,
): readonly (Loop | undefined)[] {
  const isTail = (pc: number) => branches(columns.kind[pc]!) && columns.label[pc]! <= pc;
  return code.map((_, tail) => {
    if (!isTail(tail)) return undefined;
    const loop = { head: columns.label[tail]!, tail };
    for (let pc = loop.head; pc <= tail; pc++) {
      if (!staysInside(code[pc]!, columns, pc, loop)) return undefined;
    }
    return isEnteredAtHead(code, loop) ? loop : undefined;
  });
}

function staysInside(
  { definition, operands }: Instruction,
  columns: WalkCode,
  pc: number,
  { head, tail }: Loop,
): boolean {
  if (definition.control === 'branch') {
    const label = columns.label[pc]!;
    return branches(columns.kind[pc]!) && label >= head && label <= tail;
  }
  if (definition.control !== 'next') return false;
  const isSilent = operands.some(({ kind }) => kind === 'tile');
  return isSilent || definition.writesScalar;
}

/** No branch or jump from elsewhere goes to the middle of it. */
function isEnteredAtHead(code: readonly Instruction[], { head, tail }: Loop): boolean {
  return code.every(({ operands }, pc) => {
    if (pc >= head && pc <= tail) return true;
    const label = operands.find((operand) => operand.kind === 'label');
    return !label || label.target <= head || label.target > tail;
  });
}
