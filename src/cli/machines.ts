/** `lasm machines [NAME]`: the machines, and what each parameter of one means. */
import type { Command } from 'commander';
import type { Machine } from '../machine/machine.ts';
import type { Parameter } from '../machine/parameters.ts';
import { MACHINE_PARAMETERS } from '../machine/parameters.ts';
import { PRESETS, findPreset } from '../machine/presets.ts';
import { describeParameter, parseMachine } from '../machine/read.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { Failure, messageWithHint, usage } from './failure.ts';
import { readText } from './files.ts';
import { jsonText, print } from './output.ts';

export const DEFAULT_MACHINE = 'classic5-fwd';

/** A preset by its name, or a machine file by its path. */
export function machineFor(nameOrFile: string): Machine {
  const preset = findPreset(nameOrFile);
  if (preset) return preset;
  if (!/[./\\]/.test(nameOrFile)) throw unknownMachine(nameOrFile);
  return readMachine(nameOrFile);
}

function readMachine(file: string): Machine {
  const { machine, problems } = parseMachine(readText(file));
  if (machine) return machine;
  const lines = problems.map(({ key, message }) => `  ${key} ${message}`);
  throw new Failure(1, [`${file}: is not a machine file:`, ...lines].join('\n'));
}

function unknownMachine(name: string): Failure {
  const names = PRESETS.map((machine) => machine.name);
  const guess = nearest(name, names);
  const hint = guess ? `did you mean ${guess}?` : `known: ${names.join(', ')}; or name a file`;
  return usage(messageWithHint(`there is no machine ${name}`, hint));
}

/** Adds the command. */
export function addMachines(program: Command): void {
  program
    .command('machines')
    .description('list the machines, or show one with the meaning of its parameters')
    .argument('[name]', 'a machine, by name or by file')
    .option('--json', 'print the machine file, which can be changed and used with --machine')
    .option('--validate <file>', 'say what is wrong with a machine file')
    .action((name: string | undefined, options: { json?: boolean; validate?: string }) => {
      if (options.validate !== undefined) print(validated(options.validate));
      else if (options.json) print(jsonText(name === undefined ? PRESETS : machineFor(name)));
      else print(name === undefined ? listMachines() : showMachine(machineFor(name)));
    });
}

function validated(file: string): string {
  const { name, title } = readMachine(file);
  return `${file}: ${name}, ${title}: no mistakes`;
}

function listMachines(): string {
  const width = Math.max(...PRESETS.map((machine) => machine.name.length));
  const lines = PRESETS.map(({ name, title }) => `${name.padEnd(width)}  ${title}`);
  return [...lines, '', `lasm run uses ${DEFAULT_MACHINE} unless --machine names another.`].join(
    '\n',
  );
}

function showMachine(machine: Machine): string {
  const { name, title, faithfulTo, source } = machine;
  const rows = parameterRows(MACHINE_PARAMETERS, machine, '').filter(([, p]) => p.kind !== 'text');
  const keyWidth = Math.max(...rows.map(([key]) => key.length));
  const valueWidth = Math.max(...rows.map(([, , value]) => value.length));
  const lines = rows.map(
    ([key, parameter, value]) =>
      `${key.padEnd(keyWidth)}  ${value.padStart(valueWidth)}  ${parameter.doc}; ${describeParameter(parameter)}`,
  );
  return [`${name}: ${title}`, '', faithfulTo, '', `Source: ${source}`, '', ...lines].join('\n');
}

function parameterRows(
  specs: object,
  values: object,
  prefix: string,
): [string, Parameter, string][] {
  return Object.entries(specs).flatMap(([key, spec]: [string, object]) => {
    const value = (values as Record<string, unknown>)[key];
    if (value === null) {
      const absent: Parameter = { kind: 'choice', choices: ['null'], doc: 'the machine has none' };
      return [[prefix + key, absent, 'null']];
    }
    const isLeaf = typeof value !== 'object';
    return isLeaf
      ? [[prefix + key, spec as Parameter, String(value)] as [string, Parameter, string]]
      : parameterRows(spec, value as object, `${prefix}${key}.`);
  });
}
