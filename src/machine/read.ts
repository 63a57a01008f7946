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

/** Whether a value is of the kind and in the range of a parameter. */
export function fits(parameter: Parameter, value: unknown): boolean {
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

/** Groups that a machine may do without; it says so by null. */
const OPTIONAL_GROUPS: readonly string[] = ['cache'];

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
  const isOptional = OPTIONAL_GROUPS.includes(prefix);
  if (value === null && isOptional) return;
  if (!isRecord(value)) {
    const fields = Object.keys(specs).join(', ');
    const found = value === undefined ? 'is missing' : 'is not an object';
    const message = `${found}; it must ${isOptional ? 'be null or ' : ''}hold ${fields}`;
    problems.push({ key: prefix, message });
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
function findContradictions(machine: Machine): MachineProblem[] {
  return [
    ...nameProblems(machine),
    ...intervalProblems(machine),
    ...pipelineProblems(machine),
    ...memoryProblems(machine),
  ];
}

/** A problem at `key` when something is wrong there. */
function problemIf(isWrong: boolean, key: string, message: string): MachineProblem[] {
  return isWrong ? [{ key, message }] : [];
}

function nameProblems({ name }: Machine): MachineProblem[] {
  const message = 'must be of lower-case letters, digits and hyphens';
  return problemIf(!/^[a-z0-9][a-z0-9-]*$/.test(name), 'name', message);
}

function intervalProblems({ alu, vec, sfu }: Machine): MachineProblem[] {
  const message = 'is larger than the latency: the unit would be closed when its result is out';
  return [
    ...problemIf(alu.intervalCycles > alu.latencyCycles, 'alu.intervalCycles', message),
    ...problemIf(vec.intervalCycles > vec.depthCycles, 'vec.intervalCycles', message),
    ...problemIf(sfu.intervalCycles > sfu.depthCycles, 'sfu.intervalCycles', message),
  ];
}

/** UA-1, UA-66: only a machine that renames its registers is wide, or does without them. */
function pipelineProblems({ pipeline }: Machine): MachineProblem[] {
  const { execution, width, dependencies } = pipeline;
  if (execution === 'tomasulo') return [];
  const only = 'execution "tomasulo" only';
  return [
    ...problemIf(width !== 1, 'pipeline.width', `must be 1: more is for ${only}`),
    ...problemIf(!dependencies, 'pipeline.dependencies', `must be true: false is for ${only}`),
  ];
}

/** Bursts, rows and lines lie in one another without overlap. */
function memoryProblems({ memory, cache }: Machine): MachineProblem[] {
  const { burstBytes, rowBytes } = memory;
  const isPower = (burstBytes & (burstBytes - 1)) === 0;
  const problems = [
    ...problemIf(!isPower, 'memory.burstBytes', 'must be a power of two'),
    ...notMultiple('memory.rowBytes', rowBytes, 'memory.burstBytes', burstBytes),
  ];
  if (cache === null) return problems;
  const { sizeBytes, ways, lineBytes } = cache;
  return [
    ...problems,
    ...notMultiple('cache.lineBytes', lineBytes, 'memory.burstBytes', burstBytes),
    ...notMultiple('cache.sizeBytes', sizeBytes, 'ways × lineBytes', ways * lineBytes),
  ];
}

function notMultiple(key: string, value: number, name: string, divisor: number): MachineProblem[] {
  const message = `is ${value}, which is not a multiple of ${name} (${divisor})`;
  return problemIf(value % divisor !== 0, key, message);
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
