/** `lasm verify`: agrees with itself, and finds what someone has changed in a program or its weights. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace, lasm } from '../support/cli.ts';

const MODELS = new URL('../../programs/models/', import.meta.url).pathname;
const GRAPHS = new URL('../../programs/graphs/', import.meta.url).pathname;
const ADDER = `${MODELS}adder-gpt2`;
const MLP = `${GRAPHS}mlp.json`;

const files = new Workspace();
afterAll(() => files.remove());

/** Puts a float32 at an element of a tensor in a safetensors file. */
function overwrite(path: string, tensor: string, index: number, value: number): void {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  bytes.writeFloatLE(value, start + header[tensor]!.data_offsets[0] + 4 * index);
  writeFileSync(path, bytes);
}

describe('lasm verify', () => {
  it.each([['--prompt', '12+34='], ['--tokens', '1,2,10,3,4,11'], []])(
    'agrees: %s %s',
    (...prompt) => {
      const { code, out, err } = lasm(['verify', ADDER, ...prompt, '-O2']);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^adder-gpt2: .*\nagrees\ncompared: 204 tensors in 6 passes, /);
    },
  );

  it('compares the values that are given', () => {
    const ids = files.write('ids.json', '[1, 2, 3, 4]');
    const { out } = lasm(['verify', `${MODELS}bert-random`, '--input', `input_ids=${ids}`]);
    expect(out).toMatch(/\nagrees\ncompared: 38 tensors in 1 pass, /);
  });

  it('finds one weight that was changed, and says where', () => {
    const out = files.path('adder.lasm');
    lasm(['compile', ADDER, '-o', out, '--apart']);
    const args = ['verify', ADDER, '--program', out, '--prompt', '79+32='];
    expect(lasm(args)).toMatchObject({ code: 0 });
    const weight = 'layer_1_feed_forward_up_weight';
    overwrite(files.path('adder.safetensors'), weight, 3 * 256 + 7, 5.25);
    const found = lasm(args);
    expect(found.code).toBe(1);
    expect(found.out).toContain(
      'DIFFERS: `layer 1/feed-forward/up` (linear in layer 1/feed-forward',
    );
    expect(found.out).toMatch(
      /likely cause: weight `layer 1\/feed-forward\/up weight` differs from the model in 1 of 16384 values, at \[3, 7\]: 5.25 instead of -?0\.\d+\n/,
    );
  });

  it('finds code that was changed, and names its line', () => {
    const out = files.path('mlp.lasm');
    lasm(['compile', MLP, '-o', out, '--apart', '-O0']);
    const text = files.read('mlp.lasm');
    const changed = text.replaceAll(/GELU\.\w+/g, 'SILU');
    expect(changed).not.toBe(text);
    writeFileSync(out, changed);
    const found = lasm(['verify', MLP, '--program', out]);
    expect(found).toMatchObject({ code: 1, err: '' });
    const line = text.split('\n').findIndex((one) => one.startsWith('; a ←')) + 1;
    expect(found.out).toContain('DIFFERS: `a` (gelu, 5×40)');
    expect(found.out).toContain(`computes something else: see ${out}:${line}`);
  });

  it('finds a loop that hands over a token which nobody wrote', () => {
    const out = files.path('loop.lasm');
    lasm(['compile', ADDER, '-o', out, '--apart']);
    const text = files.read('loop.lasm');
    const changed = text.replace(/(ISTORE +\[decode_tokens\], )r25/, '$1r28');
    expect(changed).not.toBe(text);
    writeFileSync(out, changed);
    const found = lasm(['verify', ADDER, '--program', out, '--prompt', '79+45=']);
    expect(found.code).toBe(1);
    expect(found.out).toContain('DIFFERS: `tokens` (input, 1), in decode with rows 1');
    expect(found.out).toContain('likely cause: the loop around the model hands over other tokens');
  });

  it('says so in JSON too', () => {
    const json = JSON.parse(lasm(['verify', MLP, '--json', '--tolerance', '0']).out) as object;
    expect(json).toMatchObject({
      schema: 'lasm-verify/1',
      model: 'mlp',
      agrees: false,
      tolerance: 0,
      difference: { tensor: 'h', op: 'linear' },
    });
    expect(lasm(['verify', MLP, '--tolerance', '0']).code).toBe(1);
  });

  it.each([
    [[MLP, '--prompt', 'x'], 2, 'mlp reads no prompt'],
    [[ADDER, '--tokens', '99'], 2, '99 is beyond the 13 there are'],
    [[ADDER, '--tokens', '1', '--prompt', '1'], 2, 'exclude each other'],
    [[ADDER, '--tokens', '1,1,1,1,1,1,1,1,1,1,1,1,1'], 1, 'a prompt of 1 to 11 tokens, not for 13'],
  ])('%j fails', (args, code, message) => {
    const result = lasm(['verify', ...args]);
    expect(result).toMatchObject({ code });
    expect(result.err).toContain(message);
  });

  it('refuses a program that shares memory or is of another model', () => {
    const shared = files.path('shared.lasm');
    lasm(['compile', MLP, '-o', shared]);
    const refused = lasm(['verify', MLP, '--program', shared]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(
      'shared.lasm has no symbol h\n  hint: compile it from the same model',
    );
    const other = lasm(['verify', ADDER, '--program', shared]);
    expect(other.err).toContain('has no symbol');
  });
});
