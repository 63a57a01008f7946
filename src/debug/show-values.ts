/** Values: registers and memory as numbers or as a heat map, and who will change them. */
import { isTileRegister, scalarRegister } from '../../isa/registers.ts';
import { isIntegerFormat } from '../tensor/formats.ts';
import { showShape } from '../tensor/tile.ts';
import type { Debugger } from './debugger.ts';
import type { Matrix } from './matrix-text.ts';
import { heatLines, numberLines } from './matrix-text.ts';
import { Mistake } from './mistake.ts';
import type { MemoryTarget, RegisterTarget } from './target.ts';

export type ValueTarget = RegisterTarget | MemoryTarget;

/** `t1 = 2×2` and the numbers, or `r1 = 5`. */
export function printText(debug: Debugger, target: ValueTarget): string {
  if (target.kind === 'register' && !isTileRegister(target.register)) {
    return `${scalarText(debug, target)}${pendingText(debug, target)}`;
  }
  return matrixText(debug, target, numberLines);
}

/** The same with characters for numbers; throws a Mistake for a scalar register. */
export function heatText(debug: Debugger, target: ValueTarget): string {
  if (target.kind === 'register' && !isTileRegister(target.register)) {
    throw new Mistake(`${target.text} holds one number`, `print ${target.text} shows it`);
  }
  return matrixText(debug, target, heatLines);
}

function scalarText(debug: Debugger, { register, text }: RegisterTarget): string {
  const value = debug.values().scalar(register - scalarRegister(0));
  return value === undefined ? `${text} has not been written` : `${text} = ${value}`;
}

function matrixText(
  debug: Debugger,
  target: ValueTarget,
  draw: (matrix: Matrix) => string[],
): string {
  const matrix = matrixOf(debug, target);
  const pending = pendingText(debug, target);
  if (!matrix) return `${target.text} has not been written${pending}`;
  return [`${target.text} = ${showShape(matrix)}${pending}`, ...draw(matrix)].join('\n');
}

function matrixOf(debug: Debugger, target: ValueTarget): Matrix | undefined {
  const vm = debug.values();
  if (target.kind === 'register') {
    const tile = vm.tile(target.register);
    const names = { rowNames: [], colNames: [] };
    return (
      tile && { rows: tile.rows, cols: tile.cols, values: tile.data, isInteger: false, ...names }
    );
  }
  const { from, rows, cols, dtype, rowNames, colNames } = target;
  const isInteger = isIntegerFormat(dtype);
  const values = vm.memory.numbers(from, rows * cols, dtype);
  return { rows, cols, values, isInteger, rowNames, colNames };
}

/** Who in flight will still write a register, or '': `; #7 (EX) is to write it`. */
function pendingText({ recording, cycle }: Debugger, target: ValueTarget): string {
  if (target.kind !== 'register') return '';
  const writers = recording
    .inFlight(cycle)
    .filter(({ id }) => recording.line(id).writes === target.register)
    .filter(({ id }) => recording.happened(id) > cycle)
    .map(({ id, stage }) => `#${id} (${stage})`);
  return writers.length === 0 ? '' : `; still to be written by ${writers.join(', ')}`;
}
