/** The other commands: check, asm, disasm, fmt, isa, machines; help, version, and unknown words. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { INSTRUCTIONS } from '../../isa/index.ts';
import { makeCommands } from '../../src/cli/cli.ts';
import { progressListener } from '../../src/cli/progress.ts';
import { PRESETS } from '../../src/machine/presets.ts';
import { parseMachine } from '../../src/machine/read.ts';
import type { TimingEvent } from '../../src/timing/events.ts';
import { Workspace, lasm } from '../support/cli.ts';

const files = new Workspace();
const ROOT = new URL('../..', import.meta.url).pathname;

afterAll(() => {
  files.remove();
});

const MISTAKES = `.data
X: .f32 2, 2 = [1, 2, 3]
.text
  SOFTMX t0, t1
  LOAD t40, [X]
  ADD t0, t0
  LI r1, Y
  MATMUL.Q t0, t0, t0
  HALT
`;

describe('lasm check', () => {
  it('says that a program is in order', () => {
    const path = files.write('good.lasm', 'LI r1, 1\nHALT\n');
    expect(lasm(['check', path])).toEqual({
      code: 0,
      out: `${path}: 2 instructions, no errors\n`,
      err: '',
    });
  });

  it('shows every mistake, each at its place', () => {
    const path = files.write('five.lasm', MISTAKES);
    const { code, out, err } = lasm(['check', path]);
    expect([code, out]).toEqual([1, '']);
    const codes = {
      2: 'element-count',
      4: 'unknown-instruction',
      5: 'unknown-register',
      6: 'missing-operand',
      7: 'unknown-name',
      8: 'unknown-flag',
    };
    for (const [line, name] of Object.entries(codes)) {
      expect(err).toMatch(new RegExp(`five\\.lasm:${line}:\\d+: error\\[${name}\\]`));
    }
    expect(err).toContain('6 errors');
  });

  it('--json gives the same as data', () => {
    const path = files.write('five.lasm', MISTAKES);
    const { code, out, err } = lasm(['check', path, '--json']);
    expect([code, err]).toEqual([1, '']);
    const { schema, file, diagnostics } = JSON.parse(out) as {
      schema: string;
      file: string;
      diagnostics: { span: { line: number } }[];
    };
    expect([schema, file]).toEqual(['lasm-check/1', path]);
    expect(diagnostics.map(({ span }) => span.line).sort()).toEqual([2, 4, 5, 6, 7, 8]);
    const good = files.write('good.lasm', 'HALT\n');
    expect(JSON.parse(lasm(['check', good, '--json']).out)).toMatchObject({ diagnostics: [] });
  });

  it('--param and --root are those of run', () => {
    const path = files.write('param.lasm', '.param N = 1\n.include "sub.inc"\nLI r1, N\nHALT\n');
    files.write('sub.inc', 'LI r2, 1\n');
    expect(lasm(['check', path, '--param', 'N=2', '--root', files.root]).code).toBe(0);
    expect(lasm(['check', path, '--param', 'M=2']).code).toBe(1);
  });

  it('lets warnings pass', () => {
    const path = files.write('warn.lasm', '.bss\nQ: .f32 1\n.text\nHALT\n');
    const { code, out, err } = lasm(['check', path]);
    expect(code).toBe(0);
    expect(out).toContain('no errors');
    expect(err).toContain('1 warning');
  });
});

describe('lasm asm and lasm disasm', () => {
  const source = `.tile 4
.data
X: .f32 2, 2 = [[1, 2], [3, 4]]
.bss
Y: .f32 2, 2
.text
start: LOAD t0, [X]
  MATMUL.T t1, t0, t0
  STORE [Y], t1
  HALT
.show Y
.expect Y == [[5, 11], [11, 25]]
`;

  it('round-trip: text, bytes, text, bytes', () => {
    const first = files.path('first.lbin');
    const path = files.write('trip.lasm', source);
    expect(lasm(['asm', path, '-o', first])).toEqual({ code: 0, out: '', err: '' });
    const { code, out } = lasm(['disasm', first]);
    expect(code).toBe(0);
    expect(out).toContain('MATMUL.T');
    const again = files.write('again.lasm', out);
    const second = files.path('second.lbin');
    expect(lasm(['asm', again, '--output', second]).code).toBe(0);
    expect(lasm(['disasm', second]).out).toBe(out);
  });

  it('the binary runs as its source does', () => {
    const binary = files.path('run.lbin');
    const path = files.write('run.lasm', source);
    lasm(['asm', path, '-o', binary]);
    const [text, bytes] = [path, binary].map((file) => lasm(['run', file, '--json']));
    expect([text!.code, bytes!.code]).toEqual([0, 0]);
    const cycles = ({ out }: { out: string }) => (JSON.parse(out) as { cycles: number }).cycles;
    expect(cycles(bytes!)).toBe(cycles(text!));
  });

  it('--param is settled in the binary', () => {
    const path = files.write('p.lasm', '.param N = 1\nLI r1, N\nHALT\n');
    const binary = files.path('p.lbin');
    expect(lasm(['asm', path, '-o', binary, '--param', 'N=5']).code).toBe(0);
    expect(lasm(['disasm', binary]).out).toMatch(/LI +r1, 5/);
    const late = lasm(['run', binary, '--param', 'N=6']);
    expect(late.code).toBe(2);
    expect(late.err).toContain('--param needs source text');
  });

  it('memory limits hold for binaries too', () => {
    const binary = files.path('big.lbin');
    lasm(['asm', files.write('big.lasm', source), '-o', binary]);
    const { code, err } = lasm(['run', binary, '--max-memory', '64']);
    expect(code).toBe(1);
    expect(err).toMatch(/needs \d+ bytes of memory\n {2}hint: raise the limit with --max-memory/);
  });

  it('neither reads what is no program nor replaces it', () => {
    const foreign = files.write('foreign.lbin', 'something else');
    const path = files.write('halt.lasm', 'HALT\n');
    const written = lasm(['asm', path, '-o', foreign]);
    expect([written.code, files.read('foreign.lbin')]).toEqual([1, 'something else']);
    expect(written.err).toContain('is not a binary program; nothing was written');
    const read = lasm(['disasm', foreign]);
    expect([read.code, read.out]).toEqual([1, '']);
    expect(read.err).toMatch(/^lasm: .*foreign\.lbin: /);
    expect(lasm(['run', foreign]).code).toBe(1);
    expect(lasm(['disasm', files.path('none.lbin')]).err).toContain('there is no such file');
  });

  it('asm writes nothing when there are mistakes, and needs -o', () => {
    const bad = files.write('five.lasm', MISTAKES);
    expect(lasm(['asm', bad, '-o', files.path('never.lbin')]).code).toBe(1);
    expect(existsSync(files.path('never.lbin'))).toBe(false);
    const { code, err } = lasm(['asm', bad]);
    expect(code).toBe(2);
    expect(err).toContain("required option '-o, --output <file>' not specified");
  });
});

describe('lasm fmt', () => {
  const ugly = 'start:li   r1,1 ; one\n   halt\n';

  it('prints, checks and writes the canonical layout', () => {
    const path = files.write('ugly.lasm', ugly);
    const formatted = lasm(['fmt', path]);
    expect(formatted.code).toBe(0);
    expect(formatted.out).not.toBe(ugly);
    expect(files.read('ugly.lasm')).toBe(ugly);

    const before = lasm(['fmt', path, '--check']);
    expect([before.code, before.out]).toEqual([1, '']);
    expect(before.err).toContain('is not in the canonical layout');

    expect(lasm(['fmt', path, '--write'])).toEqual({
      code: 0,
      out: '',
      err: `${path} formatted\n`,
    });
    expect(files.read('ugly.lasm')).toBe(formatted.out);
    expect(lasm(['fmt', path, '--check'])).toEqual({ code: 0, out: '', err: '' });
    expect(lasm(['fmt', path, '--write'])).toEqual({ code: 0, out: '', err: '' });
  });

  it('changes nothing of what the program is', () => {
    const one = lasm(['check', files.write('a.lasm', ugly), '--json']).out;
    const two = lasm([
      'check',
      files.write('a.lasm', lasm(['fmt', files.path('a.lasm')]).out),
      '--json',
    ]);
    expect(JSON.parse(two.out)).toEqual(JSON.parse(one));
  });
});

describe('lasm isa', () => {
  it('lists every instruction', () => {
    const { code, out } = lasm(['isa']);
    expect(code).toBe(0);
    for (const { mnemonic, summary } of INSTRUCTIONS) {
      expect(out).toContain(`  ${mnemonic} `);
      expect(out).toContain(summary);
    }
  });

  it.each(INSTRUCTIONS)('$mnemonic has a page, in any case of letters', (definition) => {
    const { code, out } = lasm(['isa', definition.mnemonic.toLowerCase()]);
    expect(code).toBe(0);
    expect(out).toContain(definition.example);
    for (const { doc } of [...definition.operands, ...definition.flags]) expect(out).toContain(doc);
  });

  it('shows a family, and guesses what was meant', () => {
    expect(lasm(['isa', 'NORM']).out).toMatch(/NORM\.LAYER [^]*NORM\.RMS /);
    const { code, err } = lasm(['isa', 'SOFTMX']);
    expect([code, err]).toEqual([
      2,
      'lasm: unknown instruction SOFTMX\n  hint: did you mean SOFTMAX?\n',
    ]);
    expect(lasm(['isa', 'QQQQQQQQ']).err).toContain('lasm isa lists all instructions');
  });

  it('--json gives the definitions', () => {
    const all = JSON.parse(lasm(['isa', '--json']).out) as { mnemonic: string }[];
    expect(all.map(({ mnemonic }) => mnemonic)).toEqual(INSTRUCTIONS.map((d) => d.mnemonic));
    expect(JSON.parse(lasm(['isa', 'add', '--json']).out)).toMatchObject([{ opcode: 4 }]);
  });
});

describe('lasm machines', () => {
  it('lists all, shows one, and gives its file', () => {
    const list = lasm(['machines']);
    expect(list.code).toBe(0);
    for (const machine of PRESETS) {
      expect(list.out).toContain(machine.title);
      const one = lasm(['machines', machine.name]).out;
      expect(one).toContain(machine.faithfulTo);
      expect(one).toMatch(
        new RegExp(`mxu\\.rows +${machine.mxu.rows} +rows R of the systolic array`),
      );
      const { out } = lasm(['machines', machine.name, '--json']);
      expect(parseMachine(out).machine).toEqual(machine);
      expect(lasm(['machines', files.write('copy.json', out)]).out).toBe(one);
    }
    expect(JSON.parse(lasm(['machines', '--json']).out)).toEqual(PRESETS);
  });

  it('does not know every name', () => {
    const { code, err } = lasm(['machines', 'multicycel']);
    expect(code).toBe(2);
    expect(err).toContain('did you mean multicycle?');
  });
});

describe('help and version', () => {
  it('lasm --help names every command, lasm COMMAND --help every flag', () => {
    const program = makeCommands();
    const { code, out, err } = lasm(['--help']);
    expect([code, err]).toEqual([0, '']);
    expect(program.commands.map((command) => command.name()).sort()).toEqual([
      'asm',
      'check',
      'compile',
      'debug',
      'diff',
      'disasm',
      'estimate',
      'explain',
      'fmt',
      'generate',
      'infer',
      'isa',
      'ladder',
      'lighten',
      'machines',
      'report',
      'run',
      'sweep',
      'verify',
    ]);
    for (const command of program.commands) {
      expect(out).toContain(`  ${command.name()} `);
      const help = lasm([command.name(), '--help']);
      expect(help.code).toBe(0);
      for (const { flags, description } of command.options) {
        expect(help.out).toContain(flags);
        expect(description).not.toBe('');
      }
    }
  });

  it('lasm --version', () => {
    expect(lasm(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
  });

  it.each([
    [['rnu'], "unknown command 'rnu'"],
    [['run'], "missing required argument 'file'"],
    [['run', 'a', 'b'], 'too many arguments'],
    [['run', 'a', '--machin', 'x'], "unknown option '--machin'"],
    [['fmt'], "missing required argument 'file'"],
  ])('lasm %j is refused', (argv, message) => {
    const { code, out, err } = lasm(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });

  it('lasm alone prints help and fails', () => {
    const { code, err } = lasm([]);
    expect(code).toBe(2);
    expect(err).toContain('Usage: lasm');
  });
});

describe('progress', () => {
  const event = { kind: 'end', cycle: 123_456 } as const satisfies TimingEvent;
  const EVENTS = 1 << 16;

  it('says nothing where there is no terminal', () => {
    let text = '';
    const { listen, done } = progressListener({ write: (more) => (text += more) });
    for (let i = 0; i < 2 * EVENTS; i++) listen(event);
    done();
    expect(text).toBe('');
  });

  it('rewrites one line of a terminal after a second, and wipes it', () => {
    let text = '';
    const { listen, done } = progressListener({ isTTY: true, write: (more) => (text += more) });
    const start = performance.now();
    while (performance.now() - start < 1100) for (let i = 0; i < EVENTS; i++) listen(event);
    expect(text).toMatch(/^(\rcycle 123,456 …)+$/);
    done();
    expect(text.endsWith('\r\u001b[K')).toBe(true);
  });

  it('of a short run wipes nothing', () => {
    let text = '';
    progressListener({ isTTY: true, write: (more) => (text += more) }).done();
    expect(text).toBe('');
  });
});

const BUILT = `${ROOT}dist/lasm.js`;

describe('the built command', () => {
  it.skipIf(!existsSync(BUILT))('runs the first example (skipped when dist/ is not built)', () => {
    const example = `${ROOT}programs/hello.lasm`;
    const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT, 'run', example, '-q'], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(lasm(['run', example, '-q']).out);
    expect(readFileSync(BUILT, 'utf8').startsWith('#!')).toBe(true);
  });
});
