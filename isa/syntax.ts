/** How an instruction is written, as a line of syntax: `MATMUL[.T][.ACC] td, ta, tb`. */
import type { InstructionDefinition } from './instruction.ts';
import type { OperandSpec } from './operand.ts';

/** The syntax line of a definition; what is in brackets may be left out. */
export function syntaxOf({ mnemonic, flags, operands }: InstructionDefinition): string {
  const name = mnemonic + flags.map((flag) => `[.${flag.name}]`).join('');
  const written = operands.map(operandSyntax).join(', ');
  return written === '' ? name : `${name} ${written}`;
}

function operandSyntax(operand: OperandSpec & { readonly name: string }): string {
  const { name, kind, keyword, optional } = operand;
  if (!keyword) return kind === 'address' ? `[${name}]` : name;
  if (operand.default !== undefined) return `[${name}=${shortNumber(operand.default)}]`;
  return optional ? `[${name}=]` : `${name}=`;
}

/** `1e-5` rather than 0.00001. */
function shortNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}
