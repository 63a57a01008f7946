/** Checks of memory operands whose addresses are known before running. */
import type { Instruction } from '../../isa/instruction.ts';
import type { MemoryWork } from '../../isa/work.ts';
import { FORMATS } from '../tensor/formats.ts';
import type { Program } from './program.ts';
import { MEMORY_BASE, memoryEnd, symbolBytes } from './program.ts';
import { symbolAt } from './symbol-at.ts';
import type { KnownValues } from './verify-values.ts';
import { isAllKnown } from './verify-values.ts';
import type { Report } from './verify-report.ts';

/** Reports an access that begins at a known address and cannot succeed, or leaves its symbol. */
export function checkMemory(
  program: Program,
  instruction: Instruction,
  known: KnownValues,
  report: Report,
): void {
  const operand = instruction.definition.operands.find((spec) => spec.kind === 'address');
  const address = operand && known[operand.name];
  if (typeof address !== 'number') return;
  const work = isAllKnown(instruction, known) ? memoryWork(instruction, known) : undefined;
  const { bytes } = FORMATS[instruction.definition.elements!];
  checkAlignment(address, work, bytes, report);
  checkRange(program, address, work, bytes, report);
}

/** The transfer, asked of the definition with shapes in place of tiles. */
function memoryWork(instruction: Instruction, known: KnownValues): MemoryWork | undefined {
  const work = instruction.definition.work(known);
  return work.kind === 'memory' && work.rows > 0 && work.rowBytes > 0 ? work : undefined;
}

function checkAlignment(
  address: number,
  work: MemoryWork | undefined,
  bytes: number,
  report: Report,
): void {
  const odd = [address, work && work.rows > 1 ? work.strideBytes : 0].find((n) => n % bytes);
  if (odd === undefined) return;
  const what = odd === address ? `address ${address}` : `stride ${odd}`;
  report('misaligned-address', `${what} is not a multiple of ${bytes}`, {
    hint: `addresses and strides count bytes; every element takes ${bytes}`,
  });
}

function checkRange(
  program: Program,
  address: number,
  work: MemoryWork | undefined,
  bytes: number,
  report: Report,
): void {
  const span = work ? (work.rows - 1) * work.strideBytes : 0;
  const first = address + Math.min(span, 0);
  const end = address + Math.max(span, 0) + (work?.rowBytes ?? bytes);
  const memory = memoryEnd(program);
  if (first < MEMORY_BASE || end > memory) {
    return report(
      'out-of-memory-range',
      `bytes ${first} to ${end - 1} are touched, but memory is bytes ${MEMORY_BASE} to ${memory - 1}`,
      { hint: 'check the address, rows, cols and stride against the data that is meant' },
    );
  }
  const symbol = symbolAt(program.symbols, address);
  if (!symbol) return;
  const over = Math.max(end - (symbol.address + symbolBytes(symbol)), symbol.address - first);
  if (over <= 0) return;
  report('symbol-overrun', `the access begins in ${symbol.name} and runs ${over} bytes beyond it`, {
    severity: 'warning',
    hint: `${symbol.name} has ${symbolBytes(symbol)} bytes; check rows, cols and stride`,
  });
}
