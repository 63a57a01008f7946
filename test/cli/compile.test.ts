/** `lasm compile` writes programs that run, in the canonical layout, and never over what is not its own. */
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace, lasm } from '../support/cli.ts';

const MODELS = new URL('../../programs/models/', import.meta.url).pathname;
const GRAPHS = new URL('../../programs/graphs/', import.meta.url).pathname;

const files = new Workspace();
afterAll(() => files.remove());

describe('lasm compile', () => {
  it.each(['0', '1', '2'])('writes a model that generates, at -O%s', (level) => {
    const out = files.path(`adder${level}.lasm`);
    const compiled = lasm(['compile', `${MODELS}adder-gpt2`, '-o', out, `-O${level}`]);
    expect(compiled).toMatchObject({ code: 0, err: '' });
    expect(compiled.out).toContain('adder-gpt2: GPT-2, 101,696 parameters');
    expect(compiled.out).toMatch(/memory: weights 406,784 bytes, caches 12,288, everything else/);
    expect(lasm(['fmt', '--check', out]).code).toBe(0);
    const run = lasm(['run', out, '--tokens', '7,9,10,3,2,11', '--quiet']);
    expect(run).toEqual({ code: 0, out: 'tokens: 1 1 1\n', err: '' });
    const one = ['-p', 'MAX_NEW_TOKENS=1', '--quiet'];
    expect(lasm(['run', out, '--tokens', '7,9,10,3,2,11', ...one]).out).toBe('tokens: 1\n');
  });

  it('writes a graph with its example inputs, which gives what lasm infer gives', () => {
    const out = files.path('mlp.lasm');
    expect(lasm(['compile', `${GRAPHS}mlp.json`, '-o', out]).code).toBe(0);
    const run = lasm(['run', out, '--quiet']);
    expect(run.out).toContain('y (y, 5 × 20 f32');
    expect(run.out).toBe(lasm(['infer', `${GRAPHS}mlp.json`, '--quiet']).out);
  });

  it('is the same for the tile of another machine', () => {
    const out = files.path('wide.lasm');
    lasm(['compile', `${GRAPHS}mlp.json`, '-o', out, '-m', 'tpu-mini']);
    const tile = /tile +(\d+)/.exec(lasm(['machines', 'tpu-mini']).out)![1]!;
    expect(files.read('wide.lasm')).toContain(`.tile ${tile}\n`);
    const run = lasm(['run', out, '-m', 'tpu-mini', '--quiet']);
    expect(run.out).toContain('y (y, 5 × 20 f32');
  });

  it('draws tokens when there is a temperature', () => {
    const out = files.path('dates.lasm');
    const options = ['--temperature', '0.9', '--top-k', '5', '--top-p', '0.9'];
    expect(lasm(['compile', `${MODELS}dates-bart`, '-o', out, ...options]).code).toBe(0);
    expect(files.read('dates.lasm')).toContain('ECALL.SAMPLE');
  });

  it('prints what passes have made', () => {
    const after = ['--print-after', 'fuse', '--print-after', 'plan'];
    const { out } = lasm(['compile', `${GRAPHS}mlp.json`, '-o', files.path('p.lasm'), ...after]);
    expect(out).toContain('; after fuse\nmain:\n  a: 5×40 f32 = linear(x, w1, b1) then gelu');
    expect(out).toContain('; after plan\nmain:x: input, 5×20 f32');
  });

  it('lists the passes when there is none of that name', () => {
    const args = ['compile', 'x', '-o', 'x.lasm', '--print-after', 'fusion'];
    expect(lasm(args)).toMatchObject({ code: 2 });
    expect(lasm(args).err).toContain('there is no pass fusion\n  hint: the passes are infer,');
  });

  it('leaves files alone that are not its own', () => {
    const weights = files.write('mine.safetensors', 'mine');
    const refused = lasm(['compile', `${GRAPHS}mlp.json`, '-o', files.path('mine.lasm')]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`${weights}: is there already`);
    const text = files.write('text.lasm', 'HALT\n');
    expect(lasm(['compile', `${GRAPHS}mlp.json`, '-o', text]).err).toContain('is there already');
    expect(files.read('mine.safetensors')).toBe('mine');
    expect(files.read('text.lasm')).toBe('HALT\n');
    expect(files.files()).not.toContain('text.safetensors');
  });

  it('replaces what it has written', () => {
    const args = ['compile', `${GRAPHS}mlp.json`, '-o', files.path('twice.lasm')];
    expect(lasm(args).code).toBe(0);
    const first = files.read('twice.lasm');
    expect(lasm(args).code).toBe(0);
    expect(files.read('twice.lasm')).toBe(first);
    expect(files.files().filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it.each([
    [['-o', 'x.txt'], 'the file must end in .lasm'],
    [['-o', 'x.lasm', '--top-k', '3'], 'give --temperature too'],
    [['-o', 'x.lasm', '--context', '13'], 'it can be 1 to 12'],
    [['-o', 'nowhere/x.lasm'], 'nowhere/x.safetensors: cannot be written: there is no such file'],
  ])('refuses %j', (args, wanted) => {
    const { code, err } = lasm(['compile', `${MODELS}adder-gpt2`, ...args]);
    expect(code).toBeGreaterThan(0);
    expect(err).toContain(wanted);
  });
});
