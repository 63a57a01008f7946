/** `lasm isa [MNEMONIC]`: the instruction set, from its definitions. */
import type { Command } from 'commander';
import { INSTRUCTIONS, findInstruction } from '../../isa/index.ts';
import { INSTRUCTION_SETS } from '../../isa/instruction.ts';
import { syntaxOf } from '../../isa/syntax.ts';
import type { InstructionDefinition } from '../../isa/instruction.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { messageWithHint, usage } from './failure.ts';
import { jsonText, print } from './output.ts';

/** Adds the command. */
export function addIsa(program: Command): void {
  program
    .command('isa')
    .description('list the instructions, or print the manual page of one')
    .argument('[mnemonic]', 'such as MATMUL')
    .option('--json', 'print the definitions as JSON')
    .action((mnemonic: string | undefined, { json }: { json?: boolean }) => {
      const chosen = mnemonic === undefined ? INSTRUCTIONS : matching(mnemonic);
      if (json) print(jsonText(chosen));
      else if (mnemonic === undefined) print(listing());
      else print(chosen.map(manualPage).join('\n\n'));
    });
}

/** The instruction of that name, or the family of it: NORM is NORM.LAYER and NORM.RMS. */
function matching(mnemonic: string): readonly InstructionDefinition[] {
  const name = mnemonic.toUpperCase();
  const exact = findInstruction(name);
  if (exact) return [exact];
  const family = INSTRUCTIONS.filter((d) => d.mnemonic.startsWith(`${name}.`));
  if (family.length > 0) return family;
  const guess = nearest(
    name,
    INSTRUCTIONS.map((d) => d.mnemonic),
  );
  const hint = guess ? `did you mean ${guess}?` : 'lasm isa lists all instructions';
  throw usage(messageWithHint(`unknown instruction ${mnemonic}`, hint));
}

function listing(): string {
  const width = Math.max(...INSTRUCTIONS.map((d) => d.mnemonic.length));
  const sections = INSTRUCTION_SETS.map((set) => {
    const members = INSTRUCTIONS.filter((d) => d.set === set);
    const lines = members.map((d) => `  ${d.mnemonic.padEnd(width)}  ${d.unit}  ${d.summary}`);
    return [`${set}:`, ...lines].join('\n');
  });
  return sections.join('\n\n');
}

/** The manual page of an instruction as text. */
export function manualPage(definition: InstructionDefinition): string {
  const { flags, operands, summary, manual, example, set, unit } = definition;
  const rows = [
    ...operands.map(({ name, doc }) => [name, doc]),
    ...flags.map(({ name, doc }) => [`.${name}`, doc]),
  ] as const;
  const width = Math.max(0, ...rows.map(([name]) => name!.length));
  return [
    syntaxOf(definition),
    `  ${summary}`,
    '',
    ...manual.split('\n').map((line) => (line === '' ? '' : `  ${line}`)),
    ...(rows.length > 0 ? [''] : []),
    ...rows.map(([name, doc]) => `  ${name!.padEnd(width)}  ${doc}`),
    '',
    `  Example: ${example}`,
    `  Set ${set}, unit ${unit}, opcode 0x${definition.opcode.toString(16).padStart(2, '0')}`,
  ].join('\n');
}
