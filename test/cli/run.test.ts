/** `lasm run`: its flags, what it prints where, and how it fails. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpy, parseNpy } from '../../src/model/npy.ts';
import { readFileSync } from 'node:fs';
import { PRESETS } from '../../src/machine/presets.ts';
import type { CliResult } from '../support/cli.ts';
import { Workspace, lasm } from '../support/cli.ts';

const files = new Workspace();
let adder = '';
let talker = '';
let endless = '';

beforeAll(() => {
  adder = files.write(
    'adder.lasm',
    `.param LENGTH = 2
.data
X: .f32 2, 2 = [[1, 2], [3, 4]]
.bss
Y: .f32 2, 2
.text
.part "sum"
  LOAD t0, [X]
  ADD t1, t0, t0
  STORE [Y], t1
  LI r1, LENGTH
  HALT
.names Y, rows("a", "b"), cols("x", "y")
.show Y, "twice X"
.expect Y == [[2, 4], [6, 8]]
.expect cycles(classic5) > 0
`,
  );
  talker = files.write(
    'talker.lasm',
    `.data
W: .f32 1, 4 = ones()
.text
  LI r1, 0
loop: ECALL.PROMPT r2, r1
  BLT r2, 0, done
  ECALL.EMIT r2
  IADD r1, r1, 1
  BGE r1, 0, loop
done: LOAD t0, [W]
  ECALL.SAMPLE r3, t0, r1
  ECALL.EMIT r3
  HALT
`,
  );
  endless = files.write('endless.lasm', 'loop: LI r1, 1\n  BEQ r1, 1, loop\n  HALT\n');
});

afterAll(() => {
  files.remove();
});

/** No command ever shows a stack trace. */
function run(...argv: string[]): CliResult {
  const result = lasm(['run', ...argv]);
  expect(result.err).not.toMatch(/^\s+at .*:\d+/m);
  return result;
}

const json = ({ out }: CliResult) => JSON.parse(out) as Record<string, never>;

describe('a run', () => {
  it('prints what the program shows, the report, and that expectations hold', () => {
    const { code, out, err } = run(adder);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^twice X \(Y, 2 × 2 f32\)\n {9}x {6}y\n {2}a {2}2\.000 {2}4\.000\n/);
    expect(out).toContain('adder.lasm on classic5-fwd');
    expect(out).toMatch(/unattributed +0/);
    expect(out).toContain('Expectations: 1 passed, 0 failed, 1 not for this run');
    expect(out.endsWith('\n')).toBe(true);
  });

  it('--quiet leaves only what the program shows', () => {
    const { code, out } = run(adder, '--quiet');
    expect(code).toBe(0);
    expect(out.split('\n')).toHaveLength(5);
  });

  it('--quiet of a program that shows nothing prints nothing', () => {
    expect(run(files.write('halt.lasm', 'HALT'), '-q')).toEqual({ code: 0, out: '', err: '' });
  });

  it.each(PRESETS.map(({ name }) => name))('--machine %s', (name) => {
    const { code, out } = run(adder, '--machine', name);
    expect(code).toBe(0);
    expect(out).toContain(`adder.lasm on ${name}`);
  });

  it('--machine FILE', () => {
    const path = files.write('own.json', JSON.stringify({ ...PRESETS[0], name: 'my-own' }));
    expect(run(adder, '-m', path).out).toContain('adder.lasm on my-own');
  });

  it('--param overrides a .param, several times', () => {
    expect(run(adder, '--param', 'LENGTH=7').code).toBe(0);
    const unknown = run(adder, '-p', 'LENGTH=7', '-p', 'LENGHT=1');
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('the program has no .param LENGHT');
    expect(unknown.err).toContain('did you mean LENGTH?');
  });

  it('--diagram draws all, or some cycles', () => {
    const all = run(adder, '-q', '--diagram').out;
    expect(all).toMatch(/#0 +8 LOAD t0.*IF +ID +EX/);
    expect(all).toMatch(/#4 12 HALT.*IF/);
    const some = run(adder, '-q', '--diagram', '0:2').out;
    expect(some).toMatch(/#2 10 STORE.*IF/);
    expect(some).not.toContain('HALT');
    expect(run(adder, '-q', '--diagram', ':2').out).toBe(some);
    expect(run(adder, '-q', '--diagram', '30:').out).toContain('HALT');
  });

  it('without --diagram a short run is drawn whole, a longer one around its largest wait', () => {
    expect(run(adder).out).toContain('The pipeline\n');
    expect(run(adder, '--diagram', '0:2').out).not.toContain('The pipeline');
    const waits = 'LOAD t0, [M]\nADD t1, t0, t0\n'.repeat(10);
    const text = `.data\nM: .f32 2, 2 = zeros()\n.text\n${waits}HALT\n`;
    const { out } = run(files.write('waits.lasm', text));
    expect(out).toMatch(/The pipeline at the largest wait, cycles \d+ to \d+/);
    const still = run(files.write('still.lasm', `${'LI r1, 1\n'.repeat(20)}HALT\n`));
    expect(still.out).not.toContain('The pipeline');
  });

  it('--tokens and --seed feed the services', () => {
    expect(run(talker, '--tokens', '5,0, 9', '-q').out).toMatch(/^tokens: 5 0 9 [0-3]\n$/);
    const seeds = Array.from(
      { length: 16 },
      (_, seed) => run(talker, '-q', '--seed', `${seed}`).out,
    );
    expect(new Set(seeds).size).toBe(4);
    expect(run(talker, '-q').out).toBe(seeds[0]);
  });
});

describe('a failed expectation', () => {
  it('says what was found, and ends with exit code 1', () => {
    const path = files.write(
      'wrong.lasm',
      '.bss\nY: .f32 1, 2\n.text\nFILL t0, 4, rows=1, cols=2\nSTORE [Y], t0\nHALT\n.expect Y == [4, 2]',
    );
    const { code, err } = run(path, '-q');
    expect(code).toBe(1);
    expect(err).toContain('wrong.lasm:7: expectation failed: Y == [4, 2]');
    expect(err).toContain('Y[0, 1] is 4, expected 2 (off by 2.00, tolerance 0)');
  });
});

describe('--json', () => {
  it('prints nothing but JSON', () => {
    const result = run(adder, '--json', '--diagram', '--dump', 'Y');
    expect([result.code, result.err]).toEqual([0, '']);
    const report = json(result);
    expect(report).toMatchObject({
      schema: 'lasm-report/1',
      trap: null,
      tokens: [],
      unattributed: 0,
      outputs: { Y: { shape: [2, 2], dtype: 'f32', data: [2, 4, 6, 8] } },
    });
    expect((report['expectations'] as unknown[]).length).toBe(2);
  });

  it('writes numbers that JSON lacks as text', () => {
    const nan = files.write('nan.lasm', '.bss\nY: .f32 3\n.text\nHALT\n.show Y');
    expect(json(run(nan, '--json', '--dump', 'Y'))['outputs']).toMatchObject({
      Y: { data: ['NaN', 'NaN', 'NaN'] },
    });
    expect(run(nan, '-q').out).toContain('nan  nan  nan');
  });

  it('stays JSON when the program traps; the trap is in it and on standard error', () => {
    const result = run(endless, '--json', '--max-cycles', '100');
    expect(result.code).toBe(1);
    expect(json(result)['trap']).toMatchObject({
      code: 'cycle-limit',
      index: expect.any(Number) as number,
    });
    expect(result.err).toContain('cycle-limit');
  });

  it('to a file prints the text as well, and replaces a report', () => {
    const path = files.path('report.json');
    const first = run(adder, '--json', path);
    expect([first.code, first.out]).toEqual([0, run(adder).out]);
    expect(files.read('report.json')).toBe(run(adder, '--json').out);
    expect(run(adder, '--json', path, '-m', 'multicycle').code).toBe(0);
    expect(files.read('report.json')).toContain('"multicycle"');
    expect(files.files().filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  it('does not replace what is no report', () => {
    for (const content of ['my notes', '{"name": "package"}', '[1]']) {
      const path = files.write('mine.json', content);
      const { code, err } = run(adder, '-q', '--json', path);
      expect(code).toBe(1);
      expect(err).toContain('is there already and is not a JSON report; nothing was written');
      expect(files.read('mine.json')).toBe(content);
    }
  });

  it('replaces an empty file, and refuses a folder', () => {
    expect(run(adder, '-q', '--json', files.write('empty.json', '')).code).toBe(0);
    expect(run(adder, '-q', '--json', files.root).code).toBe(1);
    const nowhere = run(adder, '-q', '--json', files.path('no/such/folder.json'));
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toContain('cannot be written: there is no such file');
  });
});

describe('--set and --dump', () => {
  it('round-trip through .npy', () => {
    const path = files.path('y.npy');
    expect(run(adder, '-q', '--dump', `Y=${path}`).code).toBe(0);
    const { shape, data } = parseNpy(readFileSync(path));
    expect([shape, [...data]]).toEqual([
      [2, 2],
      [2, 4, 6, 8],
    ]);
    // Y of the first run is X of the second; what the program expects of its own X does not count.
    const second = run(adder, '--set', `X=${path}`, '--dump', 'Y');
    expect([second.code, second.err]).toEqual([0, '']);
    expect(second.out).toContain('a   4.00   8.00');
    expect(second.out).toContain('Expectations: 0 passed, 0 failed, 2 not for this run');
    expect(run(adder, '-q', '--dump', `Y=${path}`).code).toBe(0);
  });

  it('does not replace what is no .npy file', () => {
    const path = files.write('notes.npy', 'not numpy');
    const { code, err } = run(adder, '-q', '--dump', `Y=${path}`);
    expect([code, files.read('notes.npy')]).toEqual([1, 'not numpy']);
    expect(err).toContain('is not a .npy file');
  });

  it('name the nearest symbol', () => {
    const { code, err } = run(adder, '--dump', 'Z');
    expect(code).toBe(2);
    expect(err).toContain('adder.lasm has no data symbol Z');
    expect(run(adder, '--dump', 'output').err).toContain('known: X, Y');
    const long = files.write('long.lasm', '.bss\nweights: .f32 1\n.text\nHALT\n.show weights');
    expect(run(long, '--dump', 'wieghts').err).toContain('did you mean weights?');
  });

  it('say what does not fit', () => {
    const flat = files.path('flat.npy');
    writeFileSync(flat, formatNpy({ dtype: 'f32', shape: [4], data: new Float32Array(4) }));
    const wrong = run(adder, '--set', `X=${flat}`);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('X is 2×2, but the tensor is 4');
    expect(run(adder, '--set', 'X').err).toContain('--set X names no file; write X=PATH.npy');
    const missing = run(adder, '--set', `X=${files.path('none.npy')}`);
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('lasm: none.npy: there is no such file\n');
    const broken = run(adder, '--set', `X=${files.write('broken.npy', 'x')}`);
    expect(broken.code).toBe(1);
    expect(broken.err).toContain('broken.npy');
  });
});

describe('limits', () => {
  it('--max-cycles', () => {
    const { code, out, err } = run(endless, '--max-cycles', '1_000');
    expect(code).toBe(1);
    expect(err).toContain('error[cycle-limit]');
    expect(err).toContain('the program is not done after 1000 cycles');
    expect(err).toContain('--max-cycles');
    expect(err).toMatch(/endless\.lasm:[12]:/);
    expect(out).toContain('endless.lasm on');
  });

  it('--max-instructions', () => {
    const { code, err } = run(endless, '--max-instructions', '9');
    expect(code).toBe(1);
    expect(err).toContain('(the 10. executed): more than 9 instructions');
  });

  it('--max-memory', () => {
    const { code, err, out } = run(adder, '--max-memory', '16');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/too-much-memory/);
  });

  it.each([
    ['--max-cycles', '0', 'must be a whole number, at least 1'],
    ['--max-cycles', '1.5', 'must be a whole number, at least 1'],
    ['--max-instructions', 'many', 'must be a whole number, at least 1'],
    ['--max-memory', '-1', 'must be a whole number, at least 1'],
    ['--seed', '-1', 'must be a whole number, at least 0'],
    ['--seed', 'x', 'must be a whole number, at least 0'],
    ['--tokens', '1,,2', 'must be whole numbers with commas between'],
    ['--tokens', '1,-2', 'must be whole numbers with commas between'],
    ['--diagram', '5:1', 'write FROM:TO'],
    ['--diagram', 'all', 'write FROM:TO'],
    ['--param', 'N', 'write NAME=NUMBER'],
    ['--param', 'N=x', 'write NAME=NUMBER'],
    ['--param', 'N=', 'write NAME=NUMBER'],
    ['--dump', '=x', 'write SYMBOL'],
  ])('%s %s is refused', (flag, value, message) => {
    const { code, out, err } = run(adder, flag, value);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
});

describe('files', () => {
  it('that are not there, or are folders', () => {
    const missing = run(files.path('none.lasm'));
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toBe(`lasm: ${files.path('none.lasm')}: there is no such file\n`);
    expect(run(files.root).err).toMatch(/is a folder\n$/);
    expect(run(`${adder}/x.lasm`).err).toMatch(/a part of the path is not a folder\n$/);
  });

  it('with mistakes are not run', () => {
    const { code, out, err } = run(files.write('bad.lasm', 'SOFTMX t0, t1\nHALT\n'));
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('did you mean SOFTMAX?');
    expect(err).toMatch(/bad\.lasm was not run\n$/);
  });

  it('with warnings are run', () => {
    const { code, err } = run(files.write('warn.lasm', '.bss\nQ: .f32 1\n.text\nHALT\n'), '-q');
    expect(code).toBe(0);
    expect(err).toContain('warning[unused-symbol]');
  });

  it('--root lets a program read beyond its own folder, but no further', () => {
    const inner = files.write(
      'inner/main.lasm',
      '.include "../outer.inc"\n.include "beside.inc"\n.data\nX: .f32 2 = file("../data/x.npy")\n.text\nHALT\n.show X\n',
    );
    files.write('outer.inc', 'LI r1, 1\n');
    files.write('inner/beside.inc', 'LI r2, 2\n');
    files.write('data/x.npy', formatNpy({ dtype: 'f32', shape: [2], data: Float32Array.of(1, 2) }));
    const alone = run(inner, '-q');
    expect(alone.code).toBe(1);
    expect(alone.err).toContain('error[bad-file]');
    expect(run(inner, '-q', '--root', files.root)).toMatchObject({ code: 0, err: '' });
    expect(run(inner, '-q', '--root', files.path('inner')).code).toBe(1);
  });

  it.each([['/outer.inc'], ['../../outer.inc']])('--root does not lead to %s', (path) => {
    const inner = files.write('inner/other.lasm', `.include "${path}"\nHALT\n`);
    const { code, err } = run(inner, '-q', '--root', files.root);
    expect(code).toBe(1);
    expect(err).toContain('error[bad-file]');
  });

  it('a --root that is not there is refused', () => {
    const { code, err } = run(adder, '-q', '--root', files.path('nowhere'));
    expect(code).toBe(1);
    expect(err).toBe(`lasm: ${files.path('nowhere')}: there is no such file\n`);
  });

  it('a trap shows the line, underlined', () => {
    const path = files.write(
      'trap.lasm',
      '.data\nN: .i32 1 = [0]\n.text\nILOAD r1, [N]\nIDIV r2, r1, r1\nHALT\n',
    );
    const { code, err } = run(path, '-q');
    expect(code).toBe(1);
    expect(err).toContain('trap in instruction 1 (the 2. executed): division by zero');
    expect(err).toContain('IDIV r2, r1, r1');
    expect(err).toContain('^^^^');
    expect(err).toContain('trap.lasm:5:1');
  });
});

describe('machines', () => {
  it('that do not exist are refused with a suggestion', () => {
    const { code, err } = run(adder, '-m', 'clasic5');
    expect(code).toBe(2);
    expect(err).toBe('lasm: there is no machine clasic5\n  hint: did you mean classic5?\n');
    expect(run(adder, '-m', 'zzz').err).toContain('known: classic5, ');
  });

  it('a file with mistakes shows all of them', () => {
    const good = PRESETS[0]!;
    const mxu = { ...good.mxu, dataflow: 'x' };
    const broken = { ...good, alu: undefined, tile: 0, mux: {}, mxu };
    const { code, err } = run(adder, '-m', files.write('broken.json', JSON.stringify(broken)));
    expect(code).toBe(1);
    for (const key of ['alu', 'tile', 'mux', 'mxu.dataflow'])
      expect(err).toContain(`\n  ${key} is`);
    expect(run(adder, '-m', files.write('text.json', 'x')).err).toContain('(file) is not JSON');
    expect(run(adder, '-m', files.path('none.json')).err).toContain('there is no such file');
  });
});

describe('colour', () => {
  const coloured = (argv: string[], env = {}, isTTY = true) => {
    const { out, err } = lasm(argv, { isTTY, env });
    return /\u001b\[/.test(out + err);
  };

  it('is for terminals only, and never with NO_COLOR', () => {
    const bad = files.write('bad2.lasm', 'SOFTMX t0, t1\nHALT\n');
    for (const argv of [
      ['run', adder],
      ['run', bad],
      ['run', endless, '--max-cycles', '9'],
    ]) {
      expect(coloured(argv)).toBe(true);
      expect(coloured(argv, { NO_COLOR: '1' })).toBe(false);
      expect(coloured(argv, {}, false)).toBe(false);
    }
    expect(coloured(['run', adder, '--json'])).toBe(false);
  });

  it('the report is as wide as the terminal', () => {
    const width = (columns: number) =>
      Math.max(
        ...lasm(['run', adder], { columns })
          .out.split('\n')
          .map((line) => line.length),
      );
    expect(width(200)).toBeGreaterThan(width(80));
  });
});
