/** `lasm asm`, `lasm disasm`, `lasm fmt` and `lasm check`: programs as text and as bytes. */
import type { Command } from 'commander';
import { formatSource } from '../asm/format.ts';
import { printProgram } from '../asm/print.ts';
import { hasErrors } from '../diagnostics/diagnostic.ts';
import { encodeProgram } from '../program/binary.ts';
import { Failure } from './failure.ts';
import { readText, replaceFile, writeWhole } from './files.ts';
import type { LoadOptions } from './load.ts';
import { assembleFile, loadBinary, loadProgram } from './load.ts';
import { collectParams, rootOption } from './options.ts';
import { jsonText, markFailed, print, printError } from './output.ts';

const BINARY = { name: 'binary program', magic: 'LASM' };

/** Adds the commands. */
export function addAssembler(program: Command): void {
  program
    .command('check')
    .description('print what is wrong with a program; exit 1 when there is an error')
    .argument('<file>', 'a .lasm file')
    .option('--param <name=value>', 'override a .param', collectParams)
    .addOption(rootOption())
    .option('--json', 'print the diagnostics as JSON')
    .action(check);
  program
    .command('asm')
    .description('assemble a program into its binary form')
    .argument('<file>', 'a .lasm file')
    .requiredOption('-o, --output <file>', 'the .lbin file to write')
    .option('--param <name=value>', 'override a .param', collectParams)
    .addOption(rootOption())
    .action((file: string, options: SourceOptions & { output: string }) => {
      writeWhole(options.output, encodeProgram(loadProgram(file, loadOptions(options))), BINARY);
    });
  program
    .command('disasm')
    .description('print a binary program as text that assembles to the same program')
    .argument('<file>', 'a .lbin file')
    .action((file: string) => print(printProgram(loadBinary(file, {}))));
  program
    .command('fmt')
    .description('print a program in the canonical layout')
    .argument('<file>', 'a .lasm file')
    .option('--check', 'print nothing; exit 1 when the file is not in the canonical layout')
    .option('--write', 'replace the file')
    .action(format);
}

interface SourceOptions {
  readonly param?: Readonly<Record<string, number>>;
  readonly root?: string;
}

function loadOptions({ param, root }: SourceOptions): LoadOptions {
  return { ...(param && { params: param }), ...(root !== undefined && { root }) };
}

function check(file: string, options: SourceOptions & { json?: boolean }): void {
  const { json } = options;
  const { program, diagnostics, show } = assembleFile(file, loadOptions(options));
  if (json) print(jsonText({ schema: 'lasm-check/1', file, diagnostics }));
  else show(diagnostics);
  if (hasErrors(diagnostics) || !program) markFailed();
  else if (!json) print(`${file}: ${program.code.length} instructions, no errors`);
}

function format(file: string, options: { check?: boolean; write?: boolean }): void {
  const text = readText(file);
  const formatted = formatSource(text);
  if (options.check) {
    if (formatted === text) return;
    throw new Failure(1, `${file} is not in the canonical layout; lasm fmt --write ${file}`);
  }
  if (!options.write) print(formatted);
  else if (formatted !== text) {
    replaceFile(file, formatted);
    printError(`${file} formatted`);
  }
}
