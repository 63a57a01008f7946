/** `lasm debug` as a command: its options, its input and its exit code. */
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { addDebug } from '../../src/cli/debug.ts';
import { withIo } from '../../src/cli/output.ts';
import { formatNpy } from '../../src/model/npy.ts';
import { Workspace } from '../support/cli.ts';

const files = new Workspace();

afterAll(() => {
  files.remove();
});

const PROGRAM = `.param N = 3
.bss
X: .f32 1, 2
.text
  LI r1, N
  LOAD t0, [X]
  HALT
`;

/** Runs the command on lines of input. */
function debug(argv: readonly string[], lines: readonly string[], isInteractive = false) {
  let [out, err] = ['', ''];
  const rest = [...lines];
  const readLine = () => rest.shift();
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    env: {},
  };
  const program = new Command('lasm').exitOverride();
  addDebug(program, () => ({ isInteractive, readLine }));
  const code = withIo(io, () => program.parse(['debug', ...argv], { from: 'user' }));
  return { code, out, err };
}

describe('lasm debug', () => {
  const path = files.write('small.lasm', PROGRAM);

  it('takes the options of run', () => {
    const data = Float32Array.of(5, 6);
    files.write('x.npy', formatNpy({ dtype: 'f32', shape: [1, 2], data }));
    const set = `X=${files.path('x.npy')}`;
    const options = ['--machine', 'tomasulo4', '--param', 'N=9', '--set', set];
    const { code, out, err } = debug([path, ...options], ['run', 'print r1', 'print t0']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('small.lasm on tomasulo4: ');
    expect(out).toMatch(/\n> print r1\nr1 = 9\n> print t0\nt0 = 1×2\n {2}5\.000 {2}6\.000\n$/);
  });

  it('a script with a mistake goes on, and fails in the end', () => {
    const { code, out } = debug([path], ['stp', 'step', 'quit', 'step']);
    expect(code).toBe(1);
    expect(out).toContain('> stp\nthere is no command stp; did you mean step?\n> step\ncycle 1 of');
    expect(out.endsWith('> quit\n')).toBe(true);
  });

  it('a person is prompted, sees no echo, and may make mistakes', () => {
    const { code, out, err } = debug([path], ['stp', '', 'quit'], true);
    expect(code).toBe(0);
    expect(out).not.toContain('> ');
    expect(err).toBe('(lasm) (lasm) (lasm) ');
  });

  it('records no more than it can', () => {
    const most = 'lasm debug records at most 20,000,000';
    expect(() => debug([path, '--max-cycles', '20000001'], [])).toThrow(most);
    expect(() => debug([path, '--max-instructions', '2000001'], [])).toThrow('at most 2,000,000');
    expect(debug([path, '--max-cycles', '2'], ['run']).out).toMatch(/not done after 2 cycles\n$/);
  });
});
