/** `lasm infer`: outputs and the report, as text, as JSON and as files. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { parseNpy } from '../../src/model/npy.ts';
import { Workspace, lasm } from '../support/cli.ts';

const MODELS = new URL('../../programs/models/', import.meta.url).pathname;
const GRAPHS = new URL('../../programs/graphs/', import.meta.url).pathname;
const BRACKETS = `${MODELS}brackets-lstm/model.onnx`;

const files = new Workspace();
afterAll(() => files.remove());

const [balanced] = JSON.parse(readFileSync(`${MODELS}brackets-lstm/golden.json`, 'utf8')) as {
  tokens: number[];
}[];
const tokens = files.write('tokens.json', JSON.stringify(balanced!.tokens));

interface Result {
  readonly schema: string;
  readonly cycles: number;
  readonly outputs: Readonly<Record<string, { shape: number[]; data: number[] }>>;
}

describe('lasm infer', () => {
  it('prints outputs, then where the cycles went', () => {
    const { code, out, err } = lasm(['infer', BRACKETS, '--input', `tokens=${tokens}`]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.indexOf('probabilities (')).toBeLessThan(out.indexOf('Where the cycles went'));
    expect(out).toContain('unattributed            0');
  });

  it('gives the same numbers on every machine and level', () => {
    const run = (...args: string[]) =>
      JSON.parse(
        lasm(['infer', BRACKETS, '--input', `tokens=${tokens}`, '--json', ...args]).out,
      ) as Result;
    const first = run('-O0');
    expect(first.outputs['probabilities']!.shape).toEqual([1, 2]);
    const other = run('-O2', '-m', 'tomasulo', '--engine', 'tick');
    expect(other.outputs).toEqual(first.outputs);
    expect(other.cycles).toBeLessThan(first.cycles);
  });

  it('writes outputs as .npy', () => {
    const folder = files.path('results');
    const { code } = lasm(['infer', `${GRAPHS}decoder.json`, '--output-dir', folder, '--quiet']);
    expect(code).toBe(0);
    expect(parseNpy(readFileSync(`${folder}/logits.npy`)).shape).toEqual([7, 37]);
  });

  it('says the range of what is too large to show', () => {
    const ids = files.write('ids.json', JSON.stringify(Array.from({ length: 20 }, (_, i) => i)));
    const { out } = lasm(['infer', `${MODELS}bert-random`, '--input', `input_ids=${ids}`, '-q']);
    expect(out).toMatch(/last_hidden_state \(last_hidden_state, 20 × 48 f32, first 20 × 16\)/);
    expect(out).toMatch(/all 960: from -\d\S* to \d\S*, mean \S+\n$/);
  });

  it.each([
    [[BRACKETS], 1, 'needs values for tokens (1×24 i32)\n  hint: --input tokens=FILE'],
    [[BRACKETS, '--input', 'tokens'], 2, 'write tokens=FILE'],
    [[BRACKETS, '--input', 'token=x.npy'], 1, 'hint: did you mean tokens?'],
    [[`${MODELS}adder-gpt2`], 1, 'adder-gpt2 generates text\n  hint: lasm generate'],
    [['nothing.onnx'], 1, 'nothing.onnx: there is no such file or folder'],
    [[`${MODELS}bert-random`, '--text', 'hello'], 1, 'tokenizer.json'],
    [[`${GRAPHS}mlp.json`, '--max-cycles', '5'], 1, 'the program is not done after 5 cycles'],
  ])('%j fails', (args, code, message) => {
    const result = lasm(['infer', ...args]);
    expect(result.code).toBe(code);
    expect(result.err).toContain(message);
  });
});
