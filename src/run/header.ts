/** The header of an event log: what reports need to know of program and machine. */
import { staticInstruction } from '../../isa/registers.ts';
import { printInstruction } from '../asm/print.ts';
import type { Machine } from '../machine/machine.ts';
import { programHash } from '../program/hash.ts';
import type { Program } from '../program/program.ts';
import type { ListingLine, RunHeader } from '../timing/events.ts';
import { machineHash } from './machines.ts';

/** Describes a run of `program` on `machine`, timed by `engine`. */
export function runHeader(
  program: Program,
  machine: Machine,
  engine: RunHeader['engine'] = 'event',
): RunHeader {
  return {
    schema: 'lasm-log/1',
    program: { name: program.name, hash: programHash(program), listing: listingOf(program) },
    machine,
    machineHash: machineHash(machine),
    engine,
  };
}

function listingOf(program: Program): ListingLine[] {
  return program.code.map((instruction, pc) => {
    const { unit, reads, writes, accumulates } = staticInstruction(instruction);
    const { file, line } = program.spans[pc]!;
    const text = printInstruction(instruction, program);
    return { text, file, line, part: program.parts[pc]!, unit, reads, writes, accumulates };
  });
}
