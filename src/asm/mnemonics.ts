/** Mnemonics with their flags, as they are written, and the definitions they mean. */
import { INSTRUCTIONS, findInstruction } from '../../isa/index.ts';
import type { InstructionDefinition } from '../../isa/instruction.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Statement, Word } from './ast.ts';
import { fail } from './mistakes.ts';
import { PlainInstruction } from './plain.ts';

export interface Mnemonic {
  readonly definition: InstructionDefinition;
  /** Bit i stands for flag i of the definition. */
  readonly flags: number;
}

/** The definition that the longest part of the words names, and how many flags are then left. */
function longestPrefix(words: readonly string[]) {
  for (let used = words.length; used > 0; used--) {
    const definition = findInstruction(words.slice(0, used).join('.').toUpperCase());
    if (definition) return { definition, flagsUsed: used - 1 };
  }
  return undefined;
}

function unknownInstruction({ source, head, flags }: Statement, macros: Iterable<string>): never {
  const written = [head!.text, ...flags.map((flag) => flag.text)].join('.');
  const family = INSTRUCTIONS.map((d) => d.mnemonic).filter((mnemonic) =>
    mnemonic.startsWith(`${head!.text.toUpperCase()}.`),
  );
  const hint =
    didYouMean(written, [...INSTRUCTIONS.map((d) => d.mnemonic), ...macros]) ??
    (family.length > 0 ? `did you mean ${family.join(' or ')}?` : undefined) ??
    didYouMean(head!.text, [...INSTRUCTIONS.map((d) => d.mnemonic), ...macros]);
  const range = { start: head!.start, end: flags.at(-1)?.end ?? head!.end };
  return fail('unknown-instruction', source, range, `unknown instruction ${written}`, hint);
}

function flagBit(definition: InstructionDefinition, flag: Word, statement: Statement): number {
  const names = definition.flags.map(({ name }) => name);
  const position = names.indexOf(flag.text.toUpperCase());
  if (position >= 0) return 1 << position;
  const hint =
    names.length === 0
      ? 'it has no flags'
      : `its flags are ${names.map((n) => `.${n}`).join(', ')}`;
  const message = `${definition.mnemonic} has no flag .${flag.text}`;
  const range = { start: flag.start, end: flag.end };
  return fail('unknown-flag', statement.source, range, message, hint);
}

function writtenOf(statement: Statement): string {
  if (statement instanceof PlainInstruction) return statement.written;
  const { head, flags } = statement;
  return flags.length === 0 ? head!.text : [head!, ...flags].map((word) => word.text).join('.');
}

/** Reads mnemonics; what has been read once is remembered, for programs repeat themselves. */
export class MnemonicReader {
  private readonly meanings = new Map<string, Mnemonic>();

  /** The meaning of a head and flags that have been read before. */
  known(statement: Statement): Mnemonic | undefined {
    return this.meanings.get(writtenOf(statement));
  }

  /** The meaning of the head and flags of a statement; throws Mistake. */
  read(statement: Statement, macros: Iterable<string>): Mnemonic {
    const { head, flags } = statement;
    const found = longestPrefix([head!, ...flags].map((word) => word.text));
    if (!found) return unknownInstruction(statement, macros);
    const { definition, flagsUsed } = found;
    let bits = 0;
    for (const flag of flags.slice(flagsUsed)) {
      const bit = flagBit(definition, flag, statement);
      if (bits & bit) fail('duplicate-key', statement.source, flag, `.${flag.text} is given twice`);
      bits |= bit;
    }
    const mnemonic = { definition, flags: bits };
    this.meanings.set(writtenOf(statement), mnemonic);
    return mnemonic;
  }
}
