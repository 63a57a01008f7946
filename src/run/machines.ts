/** Machines by name or from a file's text, with their hash. */
import type { Machine } from '../machine/machine.ts';
import { hashText } from '../program/hash.ts';

/** Identifies what a machine does: the hash of its parameters, not of its texts. */
export function machineHash(machine: Machine): string {
  const { title: _title, faithfulTo: _faithfulTo, source: _source, ...parameters } = machine;
  return hashText(canonicalJson(parameters));
}

/** JSON with sorted keys, so that the order in a file does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
