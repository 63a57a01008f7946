/** The control-flow graph of a program: basic blocks, calls, and where control goes from each. */
import type { Instruction } from '../../isa/instruction.ts';
import type { Label } from './program.ts';

/** Instructions `start` … `end − 1`, of which only the last may change the flow of control. */
export interface Block {
  readonly start: number;
  readonly end: number;
}

/** A jump that keeps the address behind itself in a scalar register other than r0. */
export interface Call {
  readonly pc: number;
  readonly target: number;
  readonly link: number;
}

export interface Flow {
  readonly code: readonly Instruction[];
  readonly blocks: readonly Block[];
  /** For each instruction: the index of its block. */
  readonly blockOf: Int32Array;
  /** By the address of the calling instruction. */
  readonly calls: ReadonlyMap<number, Call>;
  /** Addresses of labels inside the code. */
  readonly labels: readonly number[];
}

/** The flow graph of a program. */
export function flowOf(program: {
  readonly code: readonly Instruction[];
  readonly labels: readonly Label[];
}): Flow {
  const { code } = program;
  const labels = program.labels.map((label) => label.target).filter((t) => t < code.length);
  const calls = new Map<number, Call>();
  for (let pc = 0; pc < code.length; pc++) {
    const call = callAt(code[pc], pc);
    if (call) calls.set(pc, call);
  }
  const starts = blockStarts(code, labels);
  const blocks = starts.map((start, i) => ({ start, end: starts[i + 1] ?? code.length }));
  const blockOf = new Int32Array(code.length);
  blocks.forEach(({ start, end }, i) => blockOf.fill(i, start, end));
  return { code, blocks, blockOf, calls, labels };
}

function blockStarts(code: readonly Instruction[], labels: readonly number[]): number[] {
  const isStart = new Uint8Array(code.length);
  if (code.length > 0) isStart[0] = 1;
  for (const label of labels) isStart[label] = 1;
  // A place behind the end of an array stays unset.
  for (let pc = 0; pc < code.length; pc++) {
    const target = labelTarget(code[pc]);
    if (target !== undefined) isStart[target] = 1;
    if (code[pc].definition.control !== 'next') isStart[pc + 1] = 1;
  }
  const starts: number[] = [];
  for (let pc = 0; pc < code.length; pc++) if (isStart[pc] === 1) starts.push(pc);
  return starts;
}

/** The code address that an instruction names, if it names one. */
export function labelTarget(instruction: Instruction): number | undefined {
  const { operands } = instruction;
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i];
    if (operand.kind === 'label') return operand.target;
  }
  return undefined;
}

function callAt(instruction: Instruction, pc: number): Call | undefined {
  const { control, operands, writesScalar } = instruction.definition;
  if (control !== 'jump' || !writesScalar) return undefined;
  const written = instruction.operands[operands.findIndex((spec) => spec.access === 'write')];
  const target = labelTarget(instruction);
  if (target === undefined || written.kind !== 'scalar' || written.register === 0) return undefined;
  return { pc, target, link: written.register };
}

/** The scalar register that holds the target of a jump without a label, else undefined. */
export function jumpRegister(instruction: Instruction): number | undefined {
  if (instruction.definition.control !== 'jump') return undefined;
  if (labelTarget(instruction) !== undefined) return undefined;
  const operand = instruction.operands.find((o) => o.kind === 'scalar');
  return operand?.register;
}

/** Where control may go from `pc`, jumps through registers left out; a target may lie outside the code. */
export function directSuccessors(instruction: Instruction, pc: number): number[] {
  const target = labelTarget(instruction);
  switch (instruction.definition.control) {
    case 'next':
      return [pc + 1];
    case 'branch':
      return target === undefined ? [pc + 1] : [pc + 1, target];
    case 'jump':
      return target === undefined ? [] : [target];
    case 'halt':
      return [];
  }
  return instruction.definition.control satisfies never;
}

/**
 * The blocks that control can reach from `from`. A call is entered only with `intoCalls`, and
 * always returns; a jump through a register leads to `indirect`.
 */
export function reachableBlocks(
  flow: Flow,
  from: number,
  intoCalls: boolean,
  indirect: readonly number[],
): ReadonlySet<number> {
  const { code, blocks, blockOf, calls } = flow;
  const reached = new Set<number>();
  let unused = indirect;
  const pending = [from];
  for (let pc = pending.pop(); pc !== undefined; pc = pending.pop()) {
    if (!(pc >= 0 && pc < code.length) || reached.has(blockOf[pc])) continue;
    reached.add(blockOf[pc]);
    const last = blocks[blockOf[pc]].end - 1;
    const isCall = calls.has(last);
    if (isCall) pending.push(last + 1);
    if (!isCall || intoCalls) pending.push(...directSuccessors(code[last], last));
    if (jumpRegister(code[last]) === undefined) continue;
    for (const target of unused) pending.push(target);
    unused = [];
  }
  return reached;
}
