/** Machine files: what is missing, unknown, out of range or contradictory is told with its key. */
import { describe, expect, it } from 'vitest';
import { PRESETS, findPreset } from '../../src/machine/presets.ts';
import { parseMachine, validateMachine } from '../../src/machine/read.ts';

type Change = Readonly<Record<string, unknown>>;

/** The problems of a preset with some parameters changed: `{ 'mxu.rows': 0 }`. */
function problemsOf(name: string, changes: Change): string[] {
  const machine = structuredClone(findPreset(name)) as unknown as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const last = keys.pop()!;
    const group = keys.reduce((at, key) => at[key] as Record<string, unknown>, machine);
    group[last] = value;
  }
  return validateMachine(machine).problems.map(({ key }) => key);
}

describe('presets', () => {
  it('are the ladder, in order', () => {
    expect(PRESETS.map(({ name }) => name)).toEqual([
      'classic5',
      'classic5-fwd',
      'multicycle',
      'cached',
      'scoreboard',
      'tomasulo1',
      'tomasulo',
      'tomasulo4',
      'gemmini16',
      'tpu-mini',
      'tpuv1',
      'ideal',
    ]);
  });

  it('are all read back from their text', () => {
    for (const machine of PRESETS) {
      expect(parseMachine(JSON.stringify(machine))).toEqual({ machine, problems: [] });
    }
  });
});

describe('contradictions', () => {
  const CASES: readonly (readonly [string, Change, string[]])[] = [
    ['classic5', { name: 'Big One' }, ['name']],
    ['classic5', { 'vec.intervalCycles': 3 }, ['vec.intervalCycles']],
    ['scoreboard', { 'pipeline.width': 2 }, ['pipeline.width']],
    ['tomasulo', { 'pipeline.width': 3 }, []],
    ['multicycle', { 'pipeline.dependencies': false }, ['pipeline.dependencies']],
    ['tomasulo', { 'pipeline.dependencies': false }, []],
    ['classic5', { 'memory.burstBytes': 96, 'memory.rowBytes': 960 }, ['memory.burstBytes']],
    ['classic5', { 'memory.rowBytes': 1000 }, ['memory.rowBytes']],
    ['cached', { 'cache.lineBytes': 96, 'cache.sizeBytes': 960 * 4 }, ['cache.lineBytes']],
    ['cached', { 'cache.sizeBytes': 16_385 }, ['cache.sizeBytes']],
    ['cached', { cache: null }, []],
  ];

  for (const [name, changes, keys] of CASES) {
    it(`${name} with ${JSON.stringify(changes)}: ${keys.join(', ') || 'none'}`, () => {
      expect(problemsOf(name, changes)).toEqual(keys);
    });
  }
});

describe('shape', () => {
  it('a cache is null or complete, and every other group is there', () => {
    expect(problemsOf('cached', { 'cache.ways': undefined })).toEqual(['cache.ways']);
    expect(problemsOf('classic5', { cache: undefined })).toEqual(['cache']);
    expect(problemsOf('classic5', { memory: null })).toEqual(['memory']);
    expect(problemsOf('classic5', { 'memory.burst': 64 })).toEqual(['memory.burst']);
    const rest = { ...findPreset('classic5'), cache: undefined };
    expect(validateMachine(rest).problems[0]!.message).toMatch(/^is missing; it must be null or/);
  });
});
