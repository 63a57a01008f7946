/** `lasm sweep`: the same points however they were run, kept, gathered and gone on with. */
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { Workspace, lasm, lasmToEnd } from '../support/cli.ts';
import { machineNamed } from '../support/run.ts';
import { outlineOf } from '../reports/well-formed.ts';

const PROGRAMS = new URL('../../programs/', import.meta.url).pathname;
const DOCS = new URL('../../docs/', import.meta.url).pathname;
const PRODUCT = `${PROGRAMS}matmul-tiled.lasm`;

const files = new Workspace();
afterAll(() => files.remove());

const VARY = [
  '-m',
  'gemmini16',
  '--vary',
  'memory.bytesPerCycle=8..32*2',
  '--vary',
  'mxu.count=1,2',
];
/** Threads that read TypeScript start slowly, so there is one where no test asks for more. */
const sweep = (...args: string[]) =>
  lasmToEnd(['sweep', PRODUCT, ...VARY, '--workers', '1', ...args]);

/** Every file of a folder, with its text. */
function contents(name: string): Record<string, string> {
  const folder = files.path(name);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const texts = paths.filter((path) => /\.\w+$/.test(path));
  return Object.fromEntries(texts.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

interface PointJson {
  readonly machine: Machine;
  readonly outcome: { readonly cost: Record<string, unknown> & { cycles: number } };
}

const points = (name: string) =>
  Object.entries(contents(name)).filter(([path]) => path.startsWith('points'));

describe('lasm sweep --out', () => {
  it('writes the plan, every point, the table and the plot, and prints what was learnt', async () => {
    const { code, out, err } = await sweep('--out', files.path('whole'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('matmul-tiled.lasm on gemmini16: 6 of 6 points');
    expect(out).toContain('Speed-up is relative to memory.bytesPerCycle=16 mxu.count=1, the machine as it is.'); // prettier-ignore
    expect(out).toMatch(/On average memory\.bytesPerCycle decides \d+\.\d % of the cycles/);
    const found = contents('whole');
    expect(points('whole').length).toBe(6);
    expect(JSON.parse(found['sweep.json']!)).toMatchObject({ schema: 'lasm-sweep/1', points: 6 });
    expect(found['sweep.csv']!.split('\r\n').length).toBe(1 + 6 + 1);
    expect(outlineOf(found['sweep.svg']!).text).toContain('on the Pareto front');
  });

  it('gives every point the figures of lasm run on its machine', () => {
    for (const [, text] of points('whole')) {
      const { machine, outcome } = JSON.parse(text) as PointJson;
      const file = files.write('machine.json', JSON.stringify(machine));
      const report = JSON.parse(lasm(['run', PRODUCT, '-m', file, '--json']).out) as {
        cycles: number;
        instructions: number;
        slots: unknown;
        bound: { cycles: number };
        largestLoss: { cause: string };
        memory: { bytesRead: number; bytesWritten: number };
      };
      const { cycles, instructions, slots, memory, largestLoss } = report;
      const { bytesRead, bytesWritten } = memory;
      expect(outcome.cost).toMatchObject({ cycles, instructions, slots, bytesRead, bytesWritten });
      expect(outcome.cost['largestLoss']).toBe(largestLoss.cause);
      expect((outcome.cost['bound'] as { cycles: number }).cycles).toBeLessThanOrEqual(
        report.bound.cycles,
      );
    }
  });

  it('is the same whatever the number of workers', async () => {
    await sweep('--out', files.path('alone'), '--workers', '3');
    expect(contents('alone')).toEqual(contents('whole'));
  });

  it('goes on where it was left, and runs nothing that is there', async () => {
    cpSync(files.path('whole'), files.path('half'), { recursive: true });
    const names = points('half').map(([path]) => path);
    for (const path of names.slice(0, 3)) rmSync(files.path(`half/${path}`));
    for (const path of ['sweep.csv', 'results.json']) rmSync(files.path(`half/${path}`));
    // A cost that no run would give shows that the point was not run again.
    const kept = files.path(`half/${names[4]!}`);
    const point = JSON.parse(readFileSync(kept, 'utf8')) as PointJson;
    const text = `${JSON.stringify({ ...point, outcome: { ...point.outcome, cost: { ...point.outcome.cost, cycles: 1 } } }, null, 2)}\n`; // prettier-ignore
    writeFileSync(kept, text);
    const { code } = await sweep('--out', files.path('half'));
    expect(code).toBe(0);
    expect(readFileSync(kept, 'utf8')).toBe(text);
    rmSync(kept);
    expect((await sweep('--out', files.path('half'))).code).toBe(0);
    expect(contents('half')).toEqual(contents('whole'));
  });

  it('gathers shards into what one run would have written', async () => {
    const first = await sweep('--out', files.path('s1'), '--shard', '1/3');
    const second = await sweep('--out', files.path('s2'), '--shard', '2/3');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.out).toContain('2 of 6 points, shard 1 of 3');
    expect(points('s1').length + points('s2').length).toBe(4);
    const merge = ['--out', files.path('merged'), '--merge', files.path('s1'), files.path('s2')];
    const early = await sweep(...merge);
    expect(early.code).toBe(1);
    expect(early.err).toContain('missing: 2 points\n  hint: the command without --merge runs them'); // prettier-ignore
    expect(contents('merged')).not.toHaveProperty('sweep.csv');
    await sweep('--out', files.path('s3'), '--shard', '3/3');
    const late = await sweep(...merge, files.path('s3'));
    expect(late.code).toBe(0);
    expect(contents('merged')).toEqual(contents('whole'));
  });

  it('lets the last of several shards in one folder sum the sweep up', async () => {
    for (const i of [2, 1]) {
      expect(contentsIfThere('shared')).not.toHaveProperty('sweep.csv');
      expect((await sweep('--out', files.path('shared'), '--shard', `${i}/2`)).code).toBe(0);
    }
    expect(contents('shared')).toEqual(contents('whole'));
    const merged = await sweep('--out', files.path('shared'), '--merge');
    expect(merged).toMatchObject({ code: 0, err: '' });
  });

  it.each([
    ['the base machine', ['-m', 'cached']],
    ['what is varied', ['--vary', 'vec.count=1,2']],
    ['an option', ['--tokens', '1,2']],
  ])('refuses a folder in which %s is another, and changes nothing', async (what, args) => {
    const before = contents('whole');
    const { code, err } = await sweep('--out', files.path('whole'), ...args);
    expect(code).toBe(1);
    expect(err).toContain('belongs to another sweep');
    expect(err).toContain(`${what} differs`.replace('an option differs', 'an option'));
    expect(contents('whole')).toEqual(before);
  });

  it('refuses a folder of another program, points that are none, and files of others', async () => {
    const changed = `${readFileSync(PRODUCT, 'utf8')}\n; a remark\n`;
    const copy = files.write('matmul-tiled.lasm', changed);
    const other = await lasmToEnd(['sweep', copy, ...VARY, '--out', files.path('whole')]);
    expect(other).toMatchObject({ code: 1 });
    expect(other.err).toContain('belongs to another sweep: the program differs');
    cpSync(files.path('whole'), files.path('broken'), { recursive: true });
    const [path] = points('broken')[0]!;
    files.write(`broken/${path}`, '{"schema": "lasm-sweep-po');
    const broken = await sweep('--out', files.path('broken'));
    expect(broken.err).toContain('is not a point of this sweep');
    files.write('taken/sweep.json', 'mine');
    const taken = await sweep('--out', files.path('taken'));
    expect(taken.err).toContain('is not the plan of a sweep');
    expect(files.read('taken/sweep.json')).toBe('mine');
    files.write('plain', 'text');
    expect((await sweep('--out', files.path('plain'))).err).toContain('is no folder');
  });
});

describe('Ctrl-C', () => {
  it('keeps whole points, and the same command goes on', async () => {
    const running = sweep('--out', files.path('stopped'));
    const folder = files.path('stopped/points');
    while (!existsSync(folder) || readdirSync(folder).length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    process.emit('SIGINT');
    const { code, err } = await running;
    expect(code).toBe(130);
    expect(err).toMatch(
      /stopped when \d of 6 points were done; the same command goes on from there/,
    );
    expect(Object.keys(contents('stopped')).some((path) => path.endsWith('.tmp'))).toBe(false);
    for (const [path, text] of points('stopped')) expect(text).toBe(contents('whole')[path]);
    expect((await sweep('--out', files.path('stopped'))).code).toBe(0);
    expect(contents('stopped')).toEqual(contents('whole'));
  });
});

it('draws the picture of the manual', async () => {
  const [command] = /lasm sweep .* --svg docs\/sweep.svg/.exec(readFileSync(`${DOCS}sweep.md`, 'utf8'))!; // prettier-ignore
  const [, name, file, ...options] = command.split(' ');
  const svg = files.path('manual.svg');
  const argv = [name!, `${PROGRAMS}../${file!}`, ...options.slice(0, -1), svg, '--workers', '1'];
  expect((await lasmToEnd(argv)).code).toBe(0);
  expect(readFileSync(svg, 'utf8')).toBe(readFileSync(`${DOCS}sweep.svg`, 'utf8'));
});

function contentsIfThere(name: string): Record<string, string> {
  return files.files().includes(name) ? contents(name) : {};
}

describe('lasm sweep', () => {
  const small = (...args: string[]) =>
    lasmToEnd(['sweep', `${PROGRAMS}hello.lasm`, '--workers', '1', ...args]);

  it('prints all of it as JSON', async () => {
    const { code, out } = await small('--vary', 'memory.latencyCycles=1,10', '--json');
    expect(code).toBe(0);
    const json = JSON.parse(out) as { schema: string; points: { speedUp: number }[] };
    expect(json.schema).toBe('lasm-sweep-results/1');
    expect(json.points[0]!.speedUp).toBeGreaterThan(json.points[1]!.speedUp);
  });

  it('records what does not fit or does not end, and says so at its end', async () => {
    const { code, out, err } = await small('--vary', 'tile=1,16', '--max-cycles', '1000');
    expect(code).toBe(1);
    expect(out).toMatch(
      /No cycles: tile=1: the program needs tiles of \d+, and the machine has 1\./,
    );
    expect(err).toBe('lasm: 1 point of 2 without cycles; see the table\n');
    const cut = await small('--vary', 'mxu.count=1', '--max-cycles', '3');
    expect(cut.code).toBe(1);
    expect(cut.out).toContain('the program is not done after 3 cycles');
  });

  it('tells how far it is on a terminal', async () => {
    const argv = ['sweep', `${PROGRAMS}hello.lasm`, '--vary', 'mxu.count=1,2', '--workers', '1'];
    const { err } = await lasmToEnd(argv, { isTTY: true });
    expect(err).toContain('2 of 2 points');
    expect(err.endsWith('\r\x1b[K')).toBe(true);
  });

  it('varies .params, each of which is another program', async () => {
    const program = files.write(
      'rounds.lasm',
      '.param N = 2\n.text\n LI r1, N\nagain: IADD r1, r1, -1\n BNE r1, 0, again\n HALT\n',
    );
    const { code, out } = await lasmToEnd([
      'sweep',
      program,
      '--vary',
      'param.N=1,10,100',
      '--json',
    ]);
    expect(code).toBe(0);
    const { points: found } = JSON.parse(out) as {
      points: { isOnFront: boolean; outcome: PointJson['outcome'] }[];
    };
    expect(found.map(({ outcome }) => outcome.cost['instructions'])).toEqual([4, 22, 202]);
    expect(found.every(({ isOnFront }) => isOnFront)).toBe(true);
  });

  it('compiles a model for each tile and level, as lasm infer does', async () => {
    const graph = `${PROGRAMS}graphs/mlp.json`;
    const argv = ['sweep', graph, '--vary', 'machine=gemmini16,tpu-mini', '--vary', 'level=0,2'];
    const { code, out } = await lasmToEnd([...argv, '--workers', '1', '--json']);
    expect(code).toBe(0);
    const { points: found } = JSON.parse(out) as { points: { outcome: PointJson['outcome'] }[] };
    const wanted = ['gemmini16', 'tpu-mini'].flatMap((machine) =>
      ['0', '2'].map((level) => lasm(['infer', graph, '-m', machine, '-O', level, '--json'])),
    );
    expect(machineNamed('gemmini16').tile).not.toBe(machineNamed('tpu-mini').tile);
    expect(found.map(({ outcome }) => outcome.cost.cycles)).toEqual(
      wanted.map((run) => (JSON.parse(run.out) as { cycles: number }).cycles),
    );
  });

  it('lets a language model write, as lasm generate does', async () => {
    const model = [`${PROGRAMS}models/adder-gpt2`, '--prompt', '12+34='];
    const { out } = await lasmToEnd(['sweep', ...model, '-m', 'gemmini16', '--vary', 'mxu.count=1', '--json']); // prettier-ignore
    const { points: found } = JSON.parse(out) as { points: { outcome: PointJson['outcome'] }[] };
    const run = lasm(['generate', ...model, '-m', 'gemmini16', '--json']);
    const wanted = (JSON.parse(run.out) as { run: { cycles: number } }).run;
    expect(found[0]!.outcome.cost.cycles).toBe(wanted.cycles);
  });

  it.each([
    [[], 'nothing varies'],
    [['--vary', 'mxu.cont=1'], 'did you mean mxu.count?'],
    [['--vary', 'mxu.count=0'], 'must be a whole number from 1 to 64'],
    [['--vary', 'cache.ways=1'], 'has no cache, so no cache.ways'],
    [['--vary', 'machine=gemini16'], 'did you mean gemmini16?'],
    [['--vary', 'param.N=1'], 'has no .param N'],
    [['--vary', 'level=1'], '--vary level is for models'],
    [['--vary', 'mxu.count=1', '--prompt', 'x'], '--prompt is for models'],
    [['--vary', 'mxu.count=1', '--shard', '1/2'], '--shard needs --out DIR'],
    [['--vary', 'mxu.count=1', '--merge'], '--merge needs --out DIR'],
    [['--vary', 'mxu.count=1', '--cost', 'mxu.mac'], 'did you mean mxu.macs?'],
    [['--vary', 'mxu.count=1', '--shard', '3/2'], 'write I/N'],
  ])('%j is refused before anything runs', async (args, message) => {
    const { code, out, err } = await small(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});
