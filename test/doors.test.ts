/** The doors of the house: which folder may import which; everything else is a mistake. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;

/** What `run` puts together; those who use whole runs see the same parts. */
const PARTS = ['asm', 'program', 'isa', 'tensor', 'machine', 'vm', 'timing', 'reports'];

/** What listens to runs sees their events, and no more of the timing. */
const EVENTS = ['timing/events.ts', 'timing/causes.ts', 'machine/machine.ts', 'isa'];

/** Folder → folders it may import; `cli` may import anything. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  tensor: [],
  diagnostics: [],
  isa: ['tensor'],
  program: ['isa', 'tensor', 'diagnostics'],
  asm: ['program', 'isa', 'tensor', 'diagnostics'],
  model: ['tensor', 'diagnostics'],
  compiler: ['program', 'isa', 'tensor', 'model', 'machine'],
  reference: ['model/graph.ts'],
  machine: ['isa'],
  vm: ['program', 'isa', 'tensor'],
  walk: ['program', 'isa', 'tensor', 'vm'],
  timing: ['machine', 'isa', 'vm/step.ts', 'vm/step-block.ts'],
  reports: EVENTS,
  traces: EVENTS,
  run: PARTS,
  debug: [...PARTS, 'run', 'diagnostics'],
  explain: [...PARTS, 'run'],
  estimate: [...PARTS, 'walk', 'inference', 'compiler', 'model'],
  sweep: [...PARTS, 'run', 'diagnostics'],
  inference: [...PARTS, 'run', 'compiler', 'model', 'reference', 'diagnostics'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)'/g)].map(([, path]) => ({
    from: file,
    to: relative(ROOT, normalize(join(ROOT, dirname(file), path!))),
  }));
}

/** `src/vm/step.ts` is in the room `vm`, `isa/…` in the room `isa`. */
const room = (file: string) => (file.startsWith('isa/') ? 'isa' : file.split('/')[1]!);
const inRoom = (file: string) => file.replace(/^src\//, '');

function isAllowed({ from, to }: Import): boolean {
  if (room(from) === room(to)) return true;
  if (!to.endsWith('.ts')) return room(from) === 'machine' && to.startsWith('isa/machines/');
  const doors = DOORS[room(from)];
  if (!doors) return ['cli', 'index.ts'].includes(room(from)) && room(to) !== 'cli';
  return doors.some((door) => door === room(to) || door === inRoom(to));
}

const imports = [...sources('src'), ...sources('isa')].flatMap(importsOf);

describe('doors', () => {
  it('sees the imports', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(new Set(imports.map(({ from }) => room(from))).size).toBeGreaterThan(8);
  });

  it('are the only ways between folders', () => {
    const others = imports.filter(({ to }) => !to.startsWith('package.json'));
    const wrong = others.filter((i) => !isAllowed(i)).map(({ from, to }) => `${from} → ${to}`);
    expect(wrong).toEqual([]);
  });

  it('form no circle of files', () => {
    const next = new Map<string, string[]>();
    for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'open') circles.push([...path, file].join(' → '));
      if (state.has(file)) return;
      state.set(file, 'open');
      for (const to of next.get(file) ?? []) visit(to, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of next.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('leave no mnemonic outside isa', () => {
    const mnemonics = /'(LOAD|STORE|MATMUL|SOFTMAX|ADD|NORM\.[A-Z]+|HALT|JAL|ARGMAX)'/;
    const offenders = sources('src').filter((file) =>
      mnemonics.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(offenders).toEqual([]);
  });
});
