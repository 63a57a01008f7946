/** One instruction of the abstract interpretation: checks what it reads, and applies what it writes. */
import type { Instruction } from '../../isa/instruction.ts';
import { OperandError } from '../../isa/instruction.ts';
import type { Operand, PartialShape } from '../../isa/operand.ts';
import { showPartialShape } from '../../isa/shapes.ts';
import type { RegisterNumber } from '../../isa/registers.ts';
import { hasFlag, registerName, scalarRegister, tileRegister } from '../../isa/registers.ts';
import type { Program } from './program.ts';
import { checkMemory } from './verify-memory.ts';
import type { Report } from './verify-report.ts';
import type { State } from './verify-state.ts';
import { ALWAYS, NEVER, setScalar, setTile } from './verify-state.ts';
import type { KnownValues, Outcome } from './verify-values.ts';
import { evaluate, knownValues } from './verify-values.ts';

/** The largest magnitude of a scalar. */
const MAX_EXACT = 2 ** 53 - 1;
const UNKNOWN: PartialShape = { rows: undefined, cols: undefined };

/**
 * Carries `state` over the instruction at `pc`, and reports its problems if anyone listens. Returns
 * the next code address where the operands decide it, HALTED included, else undefined.
 */
export function stepAbstract(
  program: Program,
  pc: number,
  state: State,
  report: Report | undefined,
): number | undefined {
  const instruction = program.code[pc];
  const { definition } = instruction;
  // Nothing follows from an instruction that writes no register and goes nowhere.
  const writes = definition.writesTile || definition.writesScalar;
  if (!report && !writes && definition.set !== 'control') return undefined;
  const known = knownValues(instruction, state);
  if (report) {
    checkReads(instruction, state, report);
    checkMemory(program, instruction, known, report);
  }
  const shape = shapeOf(program, instruction, known, report);
  const outcome = outcomeOf(instruction, known, pc, report);
  write(instruction, state, shape, outcome?.scalar);
  return outcome?.nextPc;
}

/** Every register that is read, in the order of the operands; one that is only added to comes last. */
function checkReads(instruction: Instruction, state: State, report: Report): void {
  const { definition, operands } = instruction;
  let accumulated: Operand | undefined;
  for (let i = 0; i < operands.length; i++) {
    const { access, readWith } = definition.operands[i];
    if (access === 'read') checkOperand(operands[i], state, report);
    else if (readWith !== undefined && hasFlag(instruction, readWith)) accumulated = operands[i];
  }
  if (accumulated) checkOperand(accumulated, state, report);
}

function checkOperand(operand: Operand, state: State, report: Report): void {
  if (operand.kind === 'tile') checkWritten(tileRegister(operand.register), state, report);
  // r0 is always written.
  else if (operand.kind === 'scalar') checkWritten(scalarRegister(operand.register), state, report);
  else if (operand.kind === 'address') {
    checkWritten(scalarRegister(operand.base), state, report);
    checkWritten(scalarRegister(operand.index), state, report);
  }
}

/** While reporting, a register that is read counts as written, so that a block names it once. */
function checkWritten(register: RegisterNumber, state: State, report: Report): void {
  const written = state.written[register];
  if (written === ALWAYS) return;
  const name = registerName(register);
  state.written[register] = ALWAYS;
  if (written === NEVER) {
    const hint = `write ${name} before this instruction, or read another register`;
    report('unwritten-register', `${name} is read, but nothing has written it`, { hint });
  } else {
    report('maybe-unwritten-register', `${name} is read, but not every path here writes it`, {
      severity: 'warning',
      hint: `write ${name} on every path, or before the paths part`,
    });
  }
}

/** Reports an operand that cannot be; any other error is ours. */
function reportOperand(error: unknown, code: string, report: Report | undefined): void {
  if (!(error instanceof OperandError)) throw error;
  report?.(code, error.message, { hint: error.hint });
}

function shapeOf(
  program: Program,
  instruction: Instruction,
  known: KnownValues,
  report: Report | undefined,
): PartialShape {
  let shape = UNKNOWN;
  try {
    shape = instruction.definition.shape(known) ?? UNKNOWN;
  } catch (error) {
    reportOperand(error, 'shape-mismatch', report);
  }
  if ((shape.rows ?? 0) <= program.tile && (shape.cols ?? 0) <= program.tile) return shape;
  const [text, edge] = [showPartialShape(shape), program.tile];
  report?.('tile-overflow', `the result is ${text}, but a tile holds at most ${edge}×${edge}`, {
    hint: 'cut it into blocks, or declare a larger .tile',
  });
  return UNKNOWN;
}

function outcomeOf(
  instruction: Instruction,
  known: KnownValues,
  pc: number,
  report: Report | undefined,
): Outcome | undefined {
  let outcome: Outcome | undefined;
  try {
    outcome = evaluate(instruction, known, pc);
  } catch (error) {
    reportOperand(error, 'bad-operand', report);
  }
  if (outcome === undefined || Math.abs(outcome.scalar) <= MAX_EXACT) return outcome;
  report?.('integer-overflow', `the result ${outcome.scalar} is not between ±(2^53 − 1)`, {
    hint: 'scalar registers hold integers that are exact below 2^53',
  });
  return undefined;
}

function write(
  { definition, operands }: Instruction,
  state: State,
  shape: PartialShape,
  scalar: number | undefined,
): void {
  if (!definition.writesTile && !definition.writesScalar) return;
  const operand = operands[definition.operands.findIndex((spec) => spec.access === 'write')];
  if (operand.kind === 'tile') setTile(state, operand.register, shape);
  if (operand.kind === 'scalar' && operand.register !== 0) {
    setScalar(state, operand.register, scalar);
  }
}
