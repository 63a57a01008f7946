/** What a sweep can vary: parameters of the machine, whole machines, `.param`s and the compiler's level. */
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Machine } from '../machine/machine.ts';
import type { Parameter } from '../machine/parameters.ts';
import { MACHINE_PARAMETERS } from '../machine/parameters.ts';
import { wrong } from './problem.ts';

/** A value of a key, as files and tables show it. */
export type Value = number | boolean | string;

export type Key =
  | { readonly kind: 'parameter'; readonly name: string; readonly parameter: Parameter }
  | { readonly kind: 'machine'; readonly name: string }
  | { readonly kind: 'param'; readonly name: string; readonly param: string }
  | { readonly kind: 'level'; readonly name: string };

const PARAM_PREFIX = 'param.';

/** The parameters of machine files that decide cycles, by path: `mxu.count`. */
export const PARAMETERS: ReadonlyMap<string, Parameter> = new Map(
  leaves(MACHINE_PARAMETERS, '').filter(([name, { kind }]) => kind !== 'text' && name !== 'schema'),
);

function leaves(specs: object, prefix: string): [string, Parameter][] {
  return Object.entries(specs).flatMap(([name, spec]: [string, object]) =>
    'kind' in spec && 'doc' in spec
      ? [[prefix + name, spec as Parameter] as [string, Parameter]]
      : leaves(spec, `${prefix}${name}.`),
  );
}

/** The key with a name; throws a SweepError that says which was probably meant. */
export function keyNamed(name: string): Key {
  if (name === 'machine' || name === 'level') return { kind: name, name };
  if (name.startsWith(PARAM_PREFIX) && name.length > PARAM_PREFIX.length) {
    return { kind: 'param', name, param: name.slice(PARAM_PREFIX.length) };
  }
  const parameter = PARAMETERS.get(name);
  if (parameter) return { kind: 'parameter', name, parameter };
  throw wrong(`there is no parameter ${name} to vary`, hintFor(name));
}

function hintFor(name: string): string {
  const names = [...PARAMETERS.keys()];
  const inGroup = names.filter((known) => known.startsWith(`${name}.`));
  if (inGroup.length > 0) return `${name} has ${inGroup.join(', ')}`;
  const alone = names.filter((known) => known.endsWith(`.${name}`));
  if (alone.length > 0) return `did you mean ${alone.join(' or ')}?`;
  const meant = didYouMean(name, [...names, 'machine', 'level']);
  return meant ?? 'lasm machines NAME lists the parameters; also machine, level, param.NAME';
}

/** A parameter of a machine; null where its group is not there. */
export function parameterOf(machine: Machine, name: string): Value | null {
  const [group, member] = name.split('.') as [string, string | undefined];
  const found = (machine as unknown as Readonly<Record<string, unknown>>)[group];
  if (member === undefined || found === null) return found as Value | null;
  return (found as Readonly<Record<string, Value>>)[member]!;
}

/** The machine with another value of a parameter; the group must be there. It may be invalid. */
export function withParameter(machine: Machine, name: string, value: Value): Machine {
  const [group, member] = name.split('.') as [keyof Machine, string | undefined];
  if (member === undefined) return { ...machine, [group]: value };
  return { ...machine, [group]: { ...(machine[group] as object), [member]: value } };
}
