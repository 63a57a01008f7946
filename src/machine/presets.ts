/** The machines that come with Lasm, from simple to rich. */
import classic5 from '../../isa/machines/classic5.json' with { type: 'json' };
import classic5Forwarding from '../../isa/machines/classic5-fwd.json' with { type: 'json' };
import multicycle from '../../isa/machines/multicycle.json' with { type: 'json' };
import cached from '../../isa/machines/cached.json' with { type: 'json' };
import scoreboard from '../../isa/machines/scoreboard.json' with { type: 'json' };
import tomasulo1 from '../../isa/machines/tomasulo1.json' with { type: 'json' };
import tomasulo from '../../isa/machines/tomasulo.json' with { type: 'json' };
import tomasulo4 from '../../isa/machines/tomasulo4.json' with { type: 'json' };
import gemmini16 from '../../isa/machines/gemmini16.json' with { type: 'json' };
import tpuMini from '../../isa/machines/tpu-mini.json' with { type: 'json' };
import tpuv1 from '../../isa/machines/tpuv1.json' with { type: 'json' };
import ideal from '../../isa/machines/ideal.json' with { type: 'json' };
import type { Machine } from './machine.ts';
import { validateMachine } from './read.ts';

function preset(value: unknown): Machine {
  const { machine, problems } = validateMachine(value);
  if (machine) return machine;
  throw new Error(`invariant: preset is broken: ${problems[0].key} ${problems[0].message}`);
}

/** In the order of the ladder. */
export const PRESETS: readonly Machine[] = [
  classic5,
  classic5Forwarding,
  multicycle,
  cached,
  scoreboard,
  tomasulo1,
  tomasulo,
  tomasulo4,
  gemmini16,
  tpuMini,
  tpuv1,
  ideal,
].map(preset);

/** The preset with this name. */
export function findPreset(name: string): Machine | undefined {
  return PRESETS.find((machine) => machine.name === name);
}
