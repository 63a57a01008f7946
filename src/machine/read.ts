/** Reads and validates machine files: nothing missing, nothing unknown, nothing out of range. */
import type { Machine } from './machine.ts';
import type { Parameter } from './parameters.ts';
import { MACHINE_PARAMETERS } from './parameters.ts';

/** What is wrong with a machine file, at which key, such as `mxu.rows`. */
export interface MachineProblem {
  readonly key: string;
  readonly message: string;
}

/** The machine, or everything that is wrong with it. */
export type MachineResult =
  | { readonly machine: Machine; readonly problems: readonly [] }
  | { readonly machine: undefined; readonly problems: readonly MachineProblem[] };

type Parameters = Readonly<Record<string, unknown>>;

function isParameter(value: unknown): value is Parameter {
  return typeof value === 'object' && value !== null && 'kind' in value && 'doc' in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value must be: `a whole number from 1 to 64 (units)`. */
export function describeParameter(parameter: Parameter): string {
  switch (parameter.kind) {
    case 'text':
      return 'a text that is not empty';
    case 'flag':
      return 'true or false';
    case 'choice':
      return `one of ${parameter.choices.map((c) => JSON.stringify(c)).join(', ')}`;
    case 'whole':
      return `a whole number from ${parameter.low} to ${parameter.high} (${parameter.unit})`;
  }
  return parameter satisfies never;
}

function fits(parameter: Parameter, value: unknown): boolean {
  switch (parameter.kind) {
    case 'text':
      return typeof value === 'string' && value.trim() !== '';
    case 'flag':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && parameter.choices.includes(value);
    case 'whole':
      return Number.isInteger(value) && inRange(value as number, parameter);
  }
  return parameter satisfies never;
}

function inRange(value: number, { low, high }: { low: number; high: number }): boolean {
  return value >= low && value <= high;
}

function checkValue(key: string, spec: unknown, value: unknown, problems: MachineProblem[]): void {
  if (!isParameter(spec)) {
    checkGroup(key, spec as Parameters, value, problems);
  } else if (value === undefined) {
    problems.push({ key, message: `is missing; it must be ${describeParameter(spec)}` });
  } else if (!fits(spec, value)) {
    const found = JSON.stringify(value).slice(0, 60);
    problems.push({ key, message: `is ${found}; it must be ${describeParameter(spec)}` });
  }
}

function checkGroup(
  prefix: string,
  specs: Parameters,
  value: unknown,
  problems: MachineProblem[],
): void {
  if (!isRecord(value)) {
    const fields = Object.keys(specs).join(', ');
    problems.push({
      key: prefix,
      message: `${value === undefined ? 'is missing' : 'is not an object'}; it must hold ${fields}`,
    });
    return;
  }
  const path = (key: string) => (prefix === '' ? key : `${prefix}.${key}`);
  for (const [key, spec] of Object.entries(specs))
    checkValue(path(key), spec, value[key], problems);
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(specs, key)) continue;
    const known = Object.keys(specs).join(', ');
    problems.push({ key: path(key), message: `is not a known key; known here: ${known}` });
  }
}

/** Validates parsed JSON as a machine. */
export function validateMachine(value: unknown): MachineResult {
  const problems: MachineProblem[] = [];
  checkGroup('', MACHINE_PARAMETERS as unknown as Parameters, value, problems);
  if (problems.length > 0) return { machine: undefined, problems };
  const machine = value as Machine;
  const contradictions = findContradictions(machine);
  return contradictions.length > 0
    ? { machine: undefined, problems: contradictions }
    : { machine, problems: [] };
}

/** What no single parameter shows to be wrong. */
function findContradictions({ name, alu, vec, sfu }: Machine): MachineProblem[] {
  const problems: MachineProblem[] = [];
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) {
    problems.push({ key: 'name', message: 'must be of lower-case letters, digits and hyphens' });
  }
  const intervals = { alu: alu.latencyCycles, vec: vec.depthCycles, sfu: sfu.depthCycles };
  for (const unit of ['alu', 'vec', 'sfu'] as const) {
    if ({ alu, vec, sfu }[unit].intervalCycles <= intervals[unit]) continue;
    const message = 'is larger than the latency: the unit would be closed when its result is out';
    problems.push({ key: `${unit}.intervalCycles`, message });
  }
  return problems;
}

/** Reads the text of a machine file. */
export function parseMachine(text: string): MachineResult {
  try {
    return validateMachine(JSON.parse(text));
  } catch (error) {
    const message = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { machine: undefined, problems: [{ key: '(file)', message }] };
  }
}
