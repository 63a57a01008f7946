/** What is a model and what is not, and what is said of it; and the values that inputs are given. */
import { afterAll, describe, expect, it } from 'vitest';
import { completeInputs, fitInput } from '../../src/inference/inputs.ts';
import { parseJsonTensor } from '../../src/inference/inputs-json.ts';
import { openSource } from '../../src/inference/source.ts';
import { GraphError } from '../../src/model/graph.ts';
import { formatNpy } from '../../src/model/npy.ts';
import { FileError } from '../../src/model/tensor-file.ts';
import { Workspace } from '../support/cli.ts';
import { GRAPHS, MODELS, graphSource } from './support.ts';

const files = new Workspace();
afterAll(() => files.remove());

/** Message and hint of the error that is thrown. */
function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FileError || error instanceof GraphError) {
      return `${error.message} | ${error.hint}`;
    }
    throw error;
  }
  return 'nothing is wrong';
}

describe('openSource', () => {
  it('tells what each kind is', () => {
    const summary = (path: string) => openSource(path).summary;
    expect(summary(`${MODELS}adder-gpt2`)).toBe('adder-gpt2: GPT-2, 101,696 parameters, 406.8 kB');
    expect(summary(`${GRAPHS}mlp.json`)).toBe('mlp: 3 nodes, 1,660 numbers in weights');
    expect(summary(`${MODELS}brackets-lstm/model.onnx`)).toMatch(/^brackets-lstm: ONNX, \d+ nodes/);
  });

  it.each([
    ['model.gguf', 'is not a model that can be read | save it as a Hugging Face folder'],
    ['model.safetensors', 'name the folder that has config.json'],
    ['config.json', 'name the folder that has config.json'],
    ['p.lasm', 'it is a program already: lasm run'],
    ['x.txt', 'name a Hugging Face folder, an .onnx file or a graph in .json'],
  ])('refuses %s', (name, wanted) => {
    const path = files.write(name, '{}');
    expect(failure(() => openSource(path))).toContain(wanted);
  });

  it('points from a folder to the model in it', () => {
    const hint = `did you mean ${MODELS}brackets-gru/model.onnx?`;
    expect(failure(() => openSource(`${MODELS}brackets-gru`))).toContain(hint);
    expect(failure(() => openSource(`${MODELS}nobody`))).toContain('no such file or folder');
  });

  it('gives an encoder the length of its input', () => {
    const ids = files.write('ids.json', '[1, 2, 3]');
    const source = graphSource(`${MODELS}bert-random`, { inputs: new Map([['input_ids', ids]]) });
    expect(source.graph.inputs.map(({ shape }) => shape)).toEqual([[3], [3], [3]]);
    const values = completeInputs(source);
    expect(values.get('token_type_ids')!.data).toEqual(Int32Array.of(0, 0, 0));
    expect(values.get('attention_mask')!.data).toEqual(Int32Array.of(1, 1, 1));
  });

  it('refuses inputs of an encoder that differ in length', () => {
    const inputs = new Map([
      ['input_ids', files.write('three.json', '[1, 2, 3]')],
      ['attention_mask', files.write('two.json', '[1, 1]')],
    ]);
    expect(failure(() => openSource(`${MODELS}bert-random`, { inputs }))).toContain(
      'the inputs differ in length: input_ids 3, attention_mask 2',
    );
  });

  it('suggests the input that was meant', () => {
    const inputs = new Map([['token', files.write('t.json', '[1]')]]);
    const path = `${MODELS}brackets-lstm/model.onnx`;
    expect(failure(() => openSource(path, { inputs }))).toContain('did you mean tokens?');
  });
});

describe('completeInputs', () => {
  it('takes the examples of the file where nothing is given', () => {
    const source = graphSource(`${GRAPHS}mlp.json`);
    expect(completeInputs(source).get('x')!.shape).toEqual([5, 20]);
    const x = Float32Array.from({ length: 100 }, (_, i) => i);
    const path = files.write('x.npy', formatNpy({ dtype: 'f32', shape: [5, 20], data: x }));
    const given = graphSource(`${GRAPHS}mlp.json`, { inputs: new Map([['x', path]]) });
    expect(completeInputs(given).get('x')!.data).toEqual(x);
  });

  it('lists what is missing, with types and shapes', () => {
    const source = graphSource(`${MODELS}brackets-rnn/model.onnx`);
    expect(failure(() => completeInputs(source))).toBe(
      'brackets-rnn needs values for tokens (1×24 i32) | --input tokens=FILE, each .npy, .json or .pb',
    );
  });
});

describe('fitInput', () => {
  const floats = (...values: number[]) =>
    ({ dtype: 'f32', shape: [values.length], data: Float32Array.from(values) }) as const;

  it('changes the type where no value changes', () => {
    const declared = { name: 'x', dtype: 'i32', shape: [1, 2] } as const;
    const wanted = { dtype: 'i32', shape: [1, 2], data: Int32Array.of(3, -4) };
    expect(fitInput(declared, floats(3, -4))).toEqual(wanted);
    expect(failure(() => fitInput(declared, floats(3, 0.5)))).toContain(
      'cannot take the value 0.5',
    );
  });

  it('refuses another shape', () => {
    const declared = { name: 'x', dtype: 'f32', shape: [2, 2] } as const;
    expect(failure(() => fitInput(declared, floats(1, 2)))).toContain('x is 2×2 f32, not 2 f32');
  });
});

describe('parseJsonTensor', () => {
  it('reads lists in lists, and one number', () => {
    const matrix = { dtype: 'i32', shape: [2, 3], data: Int32Array.of(1, 2, 3, 4, 5, 6) };
    expect(parseJsonTensor('[[1, 2, 3], [4, 5, 6]]')).toEqual(matrix);
    expect(parseJsonTensor('0.5')).toEqual({ dtype: 'f32', shape: [], data: Float32Array.of(0.5) });
    expect(parseJsonTensor('[[true], [false]]').data).toEqual(Int32Array.of(1, 0));
  });

  it.each([
    ['[[1, 2], [3]]', 'the lists differ in length'],
    ['[1, [2]]', 'a list of 1 is not a number'],
    ['[1, "2"]', '"2" is not a number'],
    ['[1, null]', 'null is not a number'],
    ['[1,', 'the file is not valid JSON'],
  ])('refuses %s', (text, wanted) => {
    expect(failure(() => parseJsonTensor(text))).toContain(wanted);
  });
});
