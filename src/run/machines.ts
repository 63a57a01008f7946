/** The identity of machines: a short name that changes with everything that cycles may depend on. */
import type { Machine } from '../machine/machine.ts';
import { hashText } from '../program/hash.ts';

const FOR_PEOPLE: readonly string[] = ['title', 'faithfulTo', 'source'] satisfies (keyof Machine)[];

/** Identifies what a machine does: the hash of its name and parameters, not of its other texts. */
export function machineHash(machine: Machine): string {
  const fields = Object.entries(machine).filter(([key]) => !FOR_PEOPLE.includes(key));
  return hashText(canonicalJson(Object.fromEntries(fields)));
}

/** JSON with sorted keys, so that the order in a file does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
