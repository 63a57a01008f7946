/** Binding: a static instruction with its operands resolved to storage, once before the run. */
import type { Instruction, InstructionDefinition } from '../../isa/instruction.ts';
import { hasFlag } from '../../isa/registers.ts';

interface RegisterOperand {
  readonly name: string;
  readonly register: number;
}

interface AddressOperand {
  readonly name: string;
  readonly offset: number;
  readonly base: number;
  readonly index: number;
}

/**
 * The values of an instruction's operands. `values` holds constants, labels and flags from the
 * start; the machine puts tiles, scalars and addresses in before each execution.
 */
export interface Binding {
  readonly definition: InstructionDefinition;
  readonly values: Record<string, unknown>;
  readonly tiles: readonly RegisterOperand[];
  readonly scalars: readonly RegisterOperand[];
  readonly addresses: readonly AddressOperand[];
  /** The written tile or scalar register, or −1. */
  readonly tileResult: number;
  readonly scalarResult: number;
}

/** Resolves the operands of an instruction. */
export function bind(instruction: Instruction): Binding {
  const { definition } = instruction;
  const values: Record<string, unknown> = {};
  const tiles: RegisterOperand[] = [];
  const scalars: RegisterOperand[] = [];
  const addresses: AddressOperand[] = [];
  const written = { tile: -1, scalar: -1 };
  for (const { name } of definition.flags) values[name] = hasFlag(instruction, name);
  definition.operands.forEach((spec, i) => {
    const { name } = spec;
    const operand = instruction.operands[i]!;
    values[name] = undefined;
    if (operand.kind === 'constant') values[name] = constantOf(spec.kind, operand.value);
    if (operand.kind === 'label') values[name] = operand.target;
    if (operand.kind === 'address') addresses.push({ ...operand, name });
    if (operand.kind !== 'tile' && operand.kind !== 'scalar') return;
    const isRead = spec.access === 'read' || (spec.readWith && values[spec.readWith] === true);
    if (spec.access === 'write') written[operand.kind] = operand.register;
    if (isRead) (operand.kind === 'tile' ? tiles : scalars).push({ name, ...operand });
  });
  return {
    definition,
    values,
    tiles,
    scalars,
    addresses,
    tileResult: written.tile,
    scalarResult: written.scalar,
  };
}

/** Numbers are float32 by definition of their operand kind; integers are exact. */
function constantOf(kind: string, value: number): number {
  return kind === 'number' ? Math.fround(value) : value;
}
