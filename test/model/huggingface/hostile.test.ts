/** Folders that lie, contradict themselves or are broken: each is refused, and the message says why. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphError } from '../../../src/model/graph.ts';
import { openModelFolder } from '../../../src/model/huggingface/folder.ts';
import { openHuggingFace, openHuggingFacePath } from '../../../src/model/huggingface/open.ts';
import { FileError } from '../../../src/model/tensor-file.ts';
import type { Complaint } from '../support.ts';
import { RUNS, concat, damaged, expectComplaint, safetensorsBytes } from '../support.ts';
import { BART, FIXTURES, GPT2, LLAMA, T5 } from './fixtures.ts';
import type { Files, Shapes } from './support.ts';
import { folderOf, languageOf, memoryFolder, weightsFile } from './support.ts';

const INDEX = 'model.safetensors.index.json';

type Changes = Readonly<Record<string, unknown>>;

const opening = (changes: Changes, files: Files = {}, fixture = GPT2) => {
  return (): unknown => openHuggingFace(folderOf(fixture, changes, files));
};

const openingFiles = (files: Files) => (): unknown => openHuggingFace(memoryFolder(files));

/** GPT-2 in two shards, and the index that names them; the files given take the place of these. */
function sharded(files: Files, map: (whole: Record<string, unknown>) => unknown = (all) => all) {
  const entries = Object.entries(GPT2.shapes);
  const halves = [entries.slice(0, 10), entries.slice(10)].map((half): Shapes => {
    return Object.fromEntries(half);
  });
  const names = halves.map((half, i) =>
    Object.keys(half).map((name) => [name, `${i}.safetensors`]),
  );
  return {
    'config.json': GPT2.config,
    [INDEX]: { weight_map: map(Object.fromEntries(names.flat()) as Record<string, unknown>) },
    '0.safetensors': weightsFile(halves[0]!),
    '1.safetensors': weightsFile(halves[1]!),
    ...files,
  };
}

const without = (files: Files, ...paths: readonly string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));

const LENGTH_OF_TERABYTE = [0, 0, 0, 0, 0, 1, 0, 0];

describe('files', () => {
  const cases: Record<string, [() => unknown, Complaint]> = {
    'no config.json': [
      openingFiles({}),
      { code: 'missing', message: /^tiny: there is no config.json$/ },
    ],
    'a config.json that is no JSON': [
      openingFiles({ 'config.json': '{' }),
      { code: 'malformed', message: /^config.json: the file is not valid JSON$/ },
    ],
    'a key twice': [
      openingFiles({ 'config.json': '{"n_layer": 2, "n_layer": 1}' }),
      { code: 'malformed', message: /^config.json: the name "n_layer" appears twice$/ },
    ],
    'a list for config.json': [
      openingFiles({ 'config.json': '[]' }),
      { code: 'malformed', message: /^config.json: the file does not hold a JSON object$/ },
    ],
    'JSON without a bottom': [
      openingFiles({ 'config.json': '[{"a":'.repeat(5000) }),
      { code: 'malformed', message: /^config.json: the file nests more than 64 deep$/ },
    ],
    'no weights': [
      openingFiles({ 'config.json': GPT2.config }),
      { code: 'missing', message: /neither model.safetensors nor/, hint: /safetensors/ },
    ],
    'a header of a terabyte': [
      opening({}, { 'model.safetensors': Uint8Array.from([...LENGTH_OF_TERABYTE, 123]) }),
      { code: 'malformed', message: /the header claims 1099511627776 bytes, but only 1 follow/ },
    ],
    'weights cut short': [
      opening({}, { 'model.safetensors': weightsFile(GPT2.shapes).slice(0, -4) }),
      { code: 'malformed', message: /"ln_f.bias" ends after the file/ },
    ],
    'a name twice in the header': [
      opening({}, { 'model.safetensors': safetensorsBytes('{"a": 1, "a": 2}', concat()) }),
      { code: 'malformed', message: /the name "a" appears twice/ },
    ],
    'weights of integers': [
      opening({}, { 'model.safetensors': integers() }),
      { code: 'unsupported', message: /"wte.weight" holds I32/, hint: /F32/ },
    ],
    'a shard that is missing': [
      openingFiles(without(sharded({}), '1.safetensors')),
      { code: 'missing', message: /^1.safetensors: .* names this file, but it is missing$/ },
    ],
    'a tensor that its shard lacks': [
      openingFiles(sharded({}, (map) => ({ ...map, 'h.7.x': '0.safetensors' }))),
      { code: 'missing', message: /^0.safetensors: there is no tensor "h.7.x"$/ },
    ],
    'a tensor in another shard than the index says': [
      openingFiles(sharded({}, (map) => ({ ...map, 'wte.weight': '1.safetensors' }))),
      { code: 'malformed', message: /"wte.weight" is here, but .* puts it in "1.safetensors"/ },
    ],
    'a tensor that the index leaves out': [
      openingFiles(sharded({}, (map) => ({ ...map, 'wte.weight': undefined }))),
      { code: 'malformed', message: /"wte.weight" is here, but .* leaves it out/ },
    ],
    'an index that names no file': [
      openingFiles(sharded({}, (map) => ({ ...map, 'wte.weight': 3 }))),
      { code: 'malformed', message: /weight_map names 3 as a file/ },
    ],
    'an index without a map': [
      openingFiles({ ...sharded({}), [INDEX]: {} }),
      { code: 'malformed', message: /there is no weight_map/ },
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [read, complaint]) => {
    expectComplaint(read, complaint);
  });

  it('but shards that agree are read', () => {
    const whole = languageOf(openHuggingFace(folderOf(GPT2))).model.decode;
    const parts = languageOf(openHuggingFace(memoryFolder(sharded({})))).model.decode;
    expect(parts.weights.map((w) => w.read())).toEqual(whole.weights.map((w) => w.read()));
  });
});

describe('config.json', () => {
  const cases: Record<string, [() => unknown, Complaint]> = {
    'an architecture that is not supported': [
      opening({ architectures: ['MambaForCausalLM'] }),
      {
        code: 'unsupported',
        message: /architectures \["MambaForCausalLM"\]/,
        hint: /GPT2LMHeadModel/,
      },
    ],
    'no architecture': [
      opening({ architectures: null }),
      { code: 'malformed', message: /architectures is null/, hint: /LlamaForCausalLM/ },
    ],
    'an architecture that objects have': [
      opening({ architectures: ['constructor'] }),
      { code: 'unsupported', message: /constructor/ },
    ],
    'a negative size': [
      opening({ n_embd: -8 }),
      { code: 'malformed', message: /^config.json: n_embd is -8$/, hint: /an integer from 1/ },
    ],
    'heads that do not divide': [
      opening({ n_head: 3 }),
      { code: 'malformed', message: /n_embd 8 is no multiple of n_head 3/ },
    ],
    'heads that cannot be turned': [
      opening({ head_dim: 3 }, {}, LLAMA),
      { code: 'malformed', message: /head_dim is 3/ },
    ],
    'an activation that is not known': [
      opening({ activation_function: 'quick_gelu' }),
      { code: 'unsupported', message: /activation_function "quick_gelu"/, hint: /gelu_new/ },
    ],
    'scores scaled by the layer': [
      opening({ scale_attn_by_inverse_layer_idx: true }),
      { code: 'unsupported', message: /scale_attn_by_inverse_layer_idx true is not supported/ },
    ],
    'BART with norms in front': [
      opening({ normalize_before: true }, {}, BART),
      { code: 'unsupported', message: /normalize_before true/ },
    ],
    'T5 with an odd feed-forward': [
      opening({ feed_forward_proj: 'gated-maxout' }, {}, T5),
      { code: 'unsupported', message: /feed_forward_proj "gated-maxout"/ },
    ],
    'quantized weights': [
      opening({ quantization_config: { bits: 4 } }),
      { code: 'unsupported', message: /quantization_config/ },
    ],
    'a type of weights that is not read': [
      opening({ torch_dtype: 'float8_e4m3fn' }),
      { code: 'unsupported', message: /torch_dtype "float8_e4m3fn"/, hint: /bfloat16/ },
    ],
    'more layers than there are weights': [
      opening({ n_layer: 2 ** 31 - 1 }),
      { code: 'missing', message: /no "h.2.ln_1.weight", which config.json asks for/ },
    ],
    'an end of text outside the vocabulary': [
      opening({ eos_token_id: 7 }),
      { code: 'malformed', message: /eos_token_id is 7/, hint: /ids 0 to 6/ },
    ],
  };

  it.each(Object.entries(cases))('%s', (_, [read, complaint]) => {
    expectComplaint(read, complaint);
  });

  const contradictions: [string, () => unknown, RegExp, RegExp][] = [
    [
      'another inner width',
      opening({ n_inner: 24 }),
      /"h.0.mlp.c_fc.weight" is 8×32, but config.json asks for 8×24/,
      /^config.json says n_inner 24$/,
    ],
    [
      'another vocabulary',
      opening({ vocab_size: 9 }),
      /"wte.weight" is 7×8, but config.json asks for 9×8/,
      /vocab_size 9/,
    ],
    [
      'fewer heads of keys',
      opening({ num_key_value_heads: 1 }, {}, LLAMA),
      /k_proj.weight" is 4×8, but config.json asks for 2×8/,
      /config.json says/,
    ],
    [
      'fewer layers than there are weights',
      opening({ n_layer: 1 }),
      /no place for "h.1.ln_1.weight" and 11 others/,
      /does config.json belong/,
    ],
    [
      'biases that config.json does not have',
      opening({ architectures: ['LlamaForCausalLM'] }, {}, FIXTURES.QWEN2),
      /no place for "model.layers.0.self_attn.q_proj.bias" and 5 others/,
      /does config.json belong/,
    ],
  ];

  it.each(contradictions)('%s', (_, read, message, hint) => {
    expect(read).toThrow(GraphError);
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) as string }));
  });
});

describe('on the disk', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'lasm-folder-'));
  });

  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  const write = (name: string, files: Files): string => {
    const folder = join(root, name);
    mkdirSync(folder);
    for (const [path, file] of Object.entries(files)) {
      const plain = typeof file === 'string' || file instanceof Uint8Array;
      writeFileSync(join(folder, path), plain ? file : JSON.stringify(file));
    }
    return folder;
  };

  const WHOLE = { 'config.json': GPT2.config, 'model.safetensors': weightsFile(GPT2.shapes) };

  it('a folder is what it is in memory', () => {
    const { summary } = openHuggingFacePath(write('whole', WHOLE));
    expect(summary).toEqual({ ...openHuggingFace(folderOf(GPT2)).summary, name: 'whole' });
  });

  it('an index cannot name a file outside the folder', () => {
    writeFileSync(join(root, 'outside.safetensors'), weightsFile(GPT2.shapes));
    const names = Object.keys(GPT2.shapes).map((name) => [name, '../outside.safetensors']);
    const map = Object.fromEntries(names) as object;
    const folder = write('escaping', { 'config.json': GPT2.config, [INDEX]: { weight_map: map } });
    expectComplaint(() => openHuggingFacePath(folder), {
      code: 'outside',
      message: /^..\/outside.safetensors: the path leads out of the folder$/,
    });
  });

  it('a file of a hundred gigabytes of nothing is not read', () => {
    const folder = write('sparse', WHOLE);
    truncateSync(join(folder, 'model.safetensors'), 1e11);
    expectComplaint(() => openHuggingFacePath(folder), {
      code: 'too-large',
      message: /^model.safetensors: the file has 100000000000 bytes/,
    });
  });

  it('weights that change after they were opened are not mistaken for themselves', () => {
    const folder = write('changing', WHOLE);
    const [table] = languageOf(openHuggingFacePath(folder)).model.decode.weights;
    writeFileSync(join(folder, 'model.safetensors'), weightsFile({ 'wte.weight': [7, 8] }));
    expectComplaint(() => table!.read(), {
      code: 'malformed',
      message: /^model.safetensors: the file changed after its header was read$/,
    });
  });

  it('a config.json that is not UTF-8', () => {
    const folder = write('latin1', { ...WHOLE, 'config.json': Uint8Array.of(0x7b, 0xe9, 0x7d) });
    expectComplaint(() => openModelFolder(folder).readText('config.json'), {
      code: 'malformed',
      message: /^config.json: the text is not UTF-8$/,
    });
  });
});

describe('whatever a folder holds, it is read or refused, and nothing else happens', () => {
  const tolerated = (open: () => unknown): void => {
    try {
      open();
    } catch (error) {
      if (!(error instanceof FileError || error instanceof GraphError)) throw error;
    }
  };

  const fixture = fc.constantFrom(...Object.values(FIXTURES));

  it('other values in config.json', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.integer(),
      fc.constantFrom(0, 1, 2, 4, 8, 1e300, null),
    );
    const changed = fixture.chain((one) => {
      const key = fc.constantFrom(
        ...Object.keys(one.config),
        'rope_scaling',
        'head_dim',
        'id2label',
      );
      return fc.tuple(fc.constant(one), fc.dictionary(key, value, { maxKeys: 3 }));
    });
    fc.assert(
      fc.property(changed, ([one, changes]) => {
        tolerated(opening({ ...changes, architectures: one.config.architectures }, {}, one));
      }),
      RUNS,
    );
  });

  it('other bytes in the weights', () => {
    fc.assert(
      fc.property(damaged(weightsFile(LLAMA.shapes)), (bytes) => {
        tolerated(opening({}, { 'model.safetensors': bytes }, LLAMA));
      }),
      RUNS,
    );
  });
});

/** GPT-2's file, whose first tensor holds integers. */
function integers(): Uint8Array {
  const bytes = weightsFile(GPT2.shapes);
  const text = new TextDecoder('latin1').decode(bytes);
  bytes.set(new TextEncoder().encode('"I32"'), text.indexOf('"F32"'));
  return bytes;
}
