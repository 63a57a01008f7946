/** Machine files: whatever is wrong with one is said at its key, and nothing becomes a default. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import type { Parameter } from '../../src/machine/parameters.ts';
import { MACHINE_PARAMETERS } from '../../src/machine/parameters.ts';
import { PRESETS, findPreset } from '../../src/machine/presets.ts';
import { describeParameter, parseMachine, validateMachine } from '../../src/machine/read.ts';
import { machineHash } from '../../src/run/machines.ts';
import { EXECUTIONS, randomMachine } from '../support/random-machine.ts';

type Group = Record<string, unknown>;

/** With every group: a cache too. */
const GOOD: Machine = findPreset('cached')!;

/** Every parameter, with the path to it. */
function leaves(specs: object, prefix: readonly string[] = []): [string[], Parameter][] {
  return Object.entries(specs).flatMap(([key, spec]: [string, object]) =>
    'kind' in spec
      ? [[[...prefix, key], spec as Parameter] as [string[], Parameter]]
      : leaves(spec, [...prefix, key]),
  );
}

const LEAVES = leaves(MACHINE_PARAMETERS);
const GROUPS = Object.entries(MACHINE_PARAMETERS)
  .filter(([, spec]) => !('kind' in spec))
  .map(([key]) => key);

/** A copy of a good machine in which `edit` has changed the group that holds the last key. */
function edited(
  path: readonly string[],
  edit: (group: Group, key: string) => void,
  good: unknown = GOOD,
): unknown {
  const copy = JSON.parse(JSON.stringify(good)) as Group;
  const group = path.slice(0, -1).reduce((inner, key) => inner[key] as Group, copy);
  edit(group, path.at(-1)!);
  return copy;
}

const withValue = (path: readonly string[], value: unknown) =>
  edited(path, (group, key) => (group[key] = value));

/** Values that no parameter of this kind takes. */
function wrongValues(parameter: Parameter): unknown[] {
  const common = [null, [], {}, [1]];
  switch (parameter.kind) {
    case 'text':
      return [...common, '', '  ', 3, true];
    case 'flag':
      return [...common, 0, 1, 'true'];
    case 'choice':
      return [...common, '', 'sometimes', 0, true, parameter.choices[0]!.toUpperCase()];
    case 'whole': {
      const { low, high } = parameter;
      return [...common, low - 1, high + 1, low + 0.5, NaN, Infinity, String(low), true];
    }
  }
  return parameter satisfies never;
}

/** Parameters that have to fit others: see the contradictions. */
const RELATED = [
  ...['alu.intervalCycles', 'vec.intervalCycles', 'sfu.intervalCycles', 'sfu.depthCycles'],
  ...['memory.burstBytes', 'memory.rowBytes', 'cache.lineBytes', 'cache.sizeBytes'],
  ...['cache.ways', 'pipeline.width'],
];

const problemsOf = (value: unknown) => validateMachine(value).problems;

describe('every parameter', () => {
  it('is there: the table and the presets have the same keys', () => {
    const keysOf = (value: object): string[] =>
      Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
        typeof inner === 'object' ? keysOf(inner!).map((k) => `${key}.${k}`) : [key],
      );
    const known = LEAVES.map(([path]) => path.join('.')).sort();
    const others = known.filter((key) => !key.startsWith('cache.'));
    for (const { cache, ...machine } of PRESETS) {
      const all = cache ? { cache, ...machine } : machine;
      expect(keysOf(all).sort()).toEqual(cache ? known : others);
    }
  });

  it.each(LEAVES.map(([path, parameter]) => [path.join('.'), path, parameter] as const))(
    '%s is missed, and refused with a wrong value',
    (key, path, parameter) => {
      const missing = problemsOf(
        edited(path, (group, last) => Reflect.deleteProperty(group, last)),
      );
      const must = `it must be ${describeParameter(parameter)}`;
      expect(missing).toEqual([{ key, message: `is missing; ${must}` }]);
      for (const value of wrongValues(parameter)) {
        const problems = problemsOf(withValue(path, value));
        expect(problems).toHaveLength(1);
        expect(problems[0]).toMatchObject({ key });
        expect(problems[0]!.message).toContain(must);
      }
    },
  );

  it('takes the ends of its range', () => {
    for (const [path, parameter] of LEAVES) {
      if (parameter.kind !== 'whole') continue;
      for (const value of [parameter.low, parameter.high]) {
        const problems = problemsOf(withValue(path, value));
        // Where another rule forbids it, that rule speaks, and not the range.
        expect(problems.filter(({ message }) => message.includes('it must be'))).toEqual([]);
        if (RELATED.includes(path.join('.'))) continue;
        expect(problems).toEqual([]);
      }
    }
  });
});

describe('what does not belong', () => {
  it.each(['', ...GROUPS])('an unknown key in "%s" is named, with the known ones', (group) => {
    const path = group === '' ? ['lanes2'] : [group, 'lanes2'];
    const [problem, ...others] = problemsOf(withValue(path, 1));
    expect(others).toEqual([]);
    expect(problem!.key).toBe(path.join('.'));
    expect(problem!.message).toMatch(/^is not a known key; known here: \w+, /);
  });

  it('a key that every object inherits is unknown too', () => {
    const text = JSON.stringify(GOOD).replace('{', '{"constructor": 1, "__proto__": 2, ');
    const { problems } = parseMachine(text);
    expect(problems.map(({ key }) => key)).toEqual(['constructor', '__proto__']);
  });

  it.each(GROUPS)('group %s missing, or not an object', (group) => {
    const must = group === 'cache' ? 'it must be null or hold ' : 'it must hold ';
    const missing = problemsOf(edited([group], (all, key) => Reflect.deleteProperty(all, key)));
    expect(missing).toHaveLength(1);
    expect(missing[0]!.key).toBe(group);
    expect(missing[0]!.message).toContain(`is missing; ${must}`);
    for (const value of [null, 3, 'x', [], true]) {
      if (value === null && group === 'cache') continue;
      expect(problemsOf(withValue([group], value))).toEqual([
        {
          key: group,
          message: expect.stringContaining(`is not an object; ${must}`) as unknown,
        },
      ]);
    }
  });

  it.each([null, 3, 'classic5', [], [GOOD], undefined])('a file that holds %s', (value) => {
    const [problem] = problemsOf(value);
    expect(problem!.key).toBe('');
    expect(problem!.message).toMatch(/it must hold schema, name/);
  });

  it('is named all at once', () => {
    const property = fc.property(
      fc.uniqueArray(fc.constantFrom(...LEAVES.map(([path]) => path)), { minLength: 1 }),
      (paths) => {
        const copy = JSON.parse(JSON.stringify(GOOD)) as Group;
        for (const path of paths) {
          const group = path.slice(0, -1).reduce((inner, key) => inner[key] as Group, copy);
          Reflect.deleteProperty(group, path.at(-1)!);
        }
        const keys = problemsOf(copy).map(({ key }) => key);
        expect(keys.sort()).toEqual(paths.map((path) => path.join('.')).sort());
      },
    );
    fc.assert(property, { numRuns: 300, seed: 5 });
  });

  it('long values are cut in the message', () => {
    const [problem] = problemsOf(withValue(['mxu', 'rows'], 'x'.repeat(500)));
    expect(problem!.message.length).toBeLessThan(160);
  });
});

describe('contradictions', () => {
  it.each([
    ['alu', 'latencyCycles'],
    ['vec', 'depthCycles'],
    ['sfu', 'depthCycles'],
  ] as const)('UA-13: %s.intervalCycles beyond %s', (unit, latency) => {
    const problems = problemsOf({
      ...GOOD,
      [unit]: { ...GOOD[unit], [latency]: 3, intervalCycles: 4 },
    });
    expect(problems.map(({ key }) => key)).toEqual([`${unit}.intervalCycles`]);
    const equal = { ...GOOD, [unit]: { ...GOOD[unit], [latency]: 3, intervalCycles: 3 } };
    expect(problemsOf(equal)).toEqual([]);
  });

  it.each(['Classic', 'a b', '-a', 'ü', 'a/b', '../x'])('the name %s', (name) => {
    expect(problemsOf({ ...GOOD, name })).toEqual([
      { key: 'name', message: 'must be of lower-case letters, digits and hyphens' },
    ]);
  });
});

/** The presets to start from, what is changed in them, and where the problems then are. */
const CONTRADICTIONS: readonly (readonly [string, Readonly<Record<string, unknown>>, string[]])[] =
  [
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

describe('what only several parameters together show to be wrong', () => {
  it.each(CONTRADICTIONS)('%s with %j', (name, changes, keys) => {
    let machine: unknown = findPreset(name);
    for (const [path, value] of Object.entries(changes)) {
      machine = edited(path.split('.'), (group, key) => (group[key] = value), machine);
    }
    expect(problemsOf(machine).map(({ key }) => key)).toEqual(keys);
  });
});

describe('parseMachine', () => {
  it('reads what JSON.stringify wrote', () => {
    for (const machine of PRESETS) {
      expect(parseMachine(JSON.stringify(machine))).toEqual({ machine, problems: [] });
    }
  });

  it.each(['', '{', '{"name": }', 'name: x'])('says of %j that it is not JSON', (text) => {
    const { machine, problems } = parseMachine(text);
    expect(machine).toBeUndefined();
    expect(problems[0]).toMatchObject({ key: '(file)' });
    expect(problems[0]!.message).toMatch(/^is not JSON: /);
  });

  it('accepts every random machine', () => {
    const property = fc.property(randomMachine(), (machine) => {
      expect(validateMachine(machine).problems).toEqual([]);
    });
    fc.assert(property, { numRuns: 300, seed: 6 });
  });

  it.each(EXECUTIONS)('accepts those that are restricted to %s, and they are', (execution) => {
    const property = fc.property(randomMachine({ executions: [execution] }), (machine) => {
      expect(validateMachine(machine).problems).toEqual([]);
      expect(machine.pipeline.execution).toBe(execution);
    });
    fc.assert(property, { numRuns: 300, seed: 7 });
  });
});

describe('presets', () => {
  it('are the ladder, in order', () => {
    expect(PRESETS.map(({ name }) => name)).toEqual([
      ...['classic5', 'classic5-fwd', 'multicycle', 'cached', 'scoreboard'],
      ...['tomasulo1', 'tomasulo', 'tomasulo4', 'gemmini16', 'tpu-mini', 'tpuv1', 'ideal'],
    ]);
  });

  it('are found by name, and nothing else is', () => {
    for (const machine of PRESETS) expect(findPreset(machine.name)).toBe(machine);
    expect(findPreset('classic')).toBeUndefined();
    expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
  });
});

describe('machineHash', () => {
  it('ignores texts and the order of keys', () => {
    const turned = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([k, v]) => [k, turned(v)]),
          )
        : value;
    const texts = { title: 'another', faithfulTo: 'nothing', source: 'none' };
    for (const machine of PRESETS) {
      const other = { ...(turned(machine) as Machine), ...texts };
      expect(machineHash(other)).toBe(machineHash(machine));
    }
  });

  it('changes with every parameter that is not a text', () => {
    for (const [path, parameter] of LEAVES) {
      if (parameter.kind === 'text' || path[0] === 'schema') continue;
      const other = edited(path, (group, key) => {
        group[key] = otherValue(parameter, group[key]);
      }) as Machine;
      expect(machineHash(other)).not.toBe(machineHash(GOOD));
    }
  });
});

function otherValue(parameter: Parameter, value: unknown): unknown {
  if (parameter.kind === 'flag') return !value;
  if (parameter.kind === 'choice') return parameter.choices.find((choice) => choice !== value);
  return Number(value) + 1;
}
