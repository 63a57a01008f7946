/** The machines that come with Lasm, from simple to rich. */
import classic5 from '../../isa/machines/classic5.json' with { type: 'json' };
import classic5Forwarding from '../../isa/machines/classic5-fwd.json' with { type: 'json' };
import multicycle from '../../isa/machines/multicycle.json' with { type: 'json' };
import type { Machine } from './machine.ts';
import { validateMachine } from './read.ts';

function preset(value: unknown): Machine {
  const { machine, problems } = validateMachine(value);
  if (machine) return machine;
  throw new Error(`invariant: preset is broken: ${problems[0].key} ${problems[0].message}`);
}

export const PRESETS: readonly Machine[] = [classic5, classic5Forwarding, multicycle].map(preset);

/** The preset with this name. */
export function findPreset(name: string): Machine | undefined {
  return PRESETS.find((machine) => machine.name === name);
}
