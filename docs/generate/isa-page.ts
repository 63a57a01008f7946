/** docs/isa.md: the manual, derived from the instruction definitions. */
import { INSTRUCTIONS } from '../../isa/index.ts';
import type { InstructionDefinition, InstructionSet } from '../../isa/instruction.ts';
import { INSTRUCTION_SETS } from '../../isa/instruction.ts';
import { syntaxOf } from '../../isa/syntax.ts';

const SET_TITLES: Readonly<Record<InstructionSet, string>> = {
  base: 'Base: enough for attention',
  vector: 'Vector extension: elementwise, rows and layout',
  control: 'Control extension: integers, branches, calls',
  token: 'Token extension: choosing, emitting and reading tokens',
  lowp: 'Low-precision extension: 16-bit and 8-bit numbers',
};

/** The page as Markdown. */
export function isaPage(): string {
  return [
    '# The instruction set',
    '',
    'Generated from `isa/instructions/` by `npm run docs`; do not edit.',
    '',
    'Tile registers `t0`–`t31` hold float32 matrices of up to TILE × TILE, each with a shape of its own. Scalar registers `r0`–`r31` hold integers that are exact to ±2^53; `r0` is always 0. An integer operand is a constant or a scalar register; an address is `[symbol + rA + rB + constant]` in bytes.',
    '',
    '| instruction | unit | meaning |',
    '| --- | --- | --- |',
    ...INSTRUCTIONS.map(
      (d) => `| [${d.mnemonic}](#${anchor(d)}) | ${d.unit} | ${cell(d.summary)} |`,
    ),
    ...INSTRUCTION_SETS.flatMap((set) => [
      '',
      `## ${SET_TITLES[set]}`,
      ...INSTRUCTIONS.filter((d) => d.set === set).flatMap(section),
    ]),
    '',
  ].join('\n');
}

function anchor({ mnemonic }: InstructionDefinition): string {
  return mnemonic.toLowerCase().replace('.', '');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function section(definition: InstructionDefinition): string[] {
  const { mnemonic, flags, operands, summary, manual, example, opcode, unit } = definition;
  const rows = [
    ...operands.map(({ name, kind, doc }) => `| \`${name}\` | ${kind} | ${cell(doc)} |`),
    ...flags.map(({ name, doc }) => `| \`.${name}\` | flag | ${cell(doc)} |`),
  ];
  return [
    '',
    `### ${mnemonic}`,
    '',
    '```',
    syntaxOf(definition),
    '```',
    '',
    summary,
    '',
    manual,
    ...(rows.length > 0
      ? ['', '| operand | kind | meaning |', '| --- | --- | --- |', ...rows]
      : []),
    '',
    `Example: \`${example}\`. Unit \`${unit}\`, opcode \`0x${opcode.toString(16).padStart(2, '0')}\`.`,
  ];
}
