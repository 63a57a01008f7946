/** Sequences that are decoded together compute what each computes alone, bit for bit. */
import { describe, expect, it } from 'vitest';
import { ecallPrompt } from '../../isa/instructions/ecall-prompt.ts';
import { halt } from '../../isa/instructions/halt.ts';
import { iadd } from '../../isa/instructions/iadd.ts';
import { blt } from '../../isa/instructions/blt.ts';
import { imul } from '../../isa/instructions/imul.ts';
import { istore } from '../../isa/instructions/istore.ts';
import { jal } from '../../isa/instructions/jal.ts';
import { li } from '../../isa/instructions/li.ts';
import { line } from '../../src/compiler/emit/kernel.ts';
import type { GenerationProgram } from '../../src/compiler/generation/program.ts';
import { COUNT_REGISTERS, LINK } from '../../src/compiler/registers.ts';
import type { BuildOptions } from '../../src/inference/build.ts';
import { buildDriven } from '../../src/inference/build.ts';
import { GraphBuilder } from '../../src/model/graph-builder.ts';
import type { Graph, LanguageModel } from '../../src/model/graph.ts';
import { findSymbol } from '../../src/program/program.ts';
import { symbolValues } from '../../src/run/outputs.ts';
import { Vm } from '../../src/vm/vm.ts';
import { LEVELS, MODELS, languageSource } from '../inference/support.ts';
import { compileGraph } from '../support/compile-graph.ts';
import { values } from '../support/random-graph.ts';

const [ROWS, POSITION, CONTEXT] = (['rows', 'position', 'context'] as const).map(
  (count) => `r${COUNT_REGISTERS[count].register}`,
) as [string, string, string];

/** One pass for each of `steps` positions; the prompt has the tokens of all sequences for each. */
function driver(batch: number, steps: number): GenerationProgram {
  return {
    head: [],
    data: [],
    bss: [],
    text: [
      line(li, [POSITION, 0]),
      line(li, [ROWS, batch]),
      'pass:',
      line(iadd, [CONTEXT, POSITION, ROWS]),
      line(li, ['r1', 0]),
      'read_token:',
      line(iadd, ['r2', POSITION, 'r1']),
      line(ecallPrompt, ['r3', 'r2']),
      line(imul, ['r2', 'r1', 4]),
      line(istore, ['[decode_tokens + r2]', 'r3']),
      line(iadd, ['r1', 'r1', 1]),
      line(blt, ['r1', ROWS, 'read_token']),
      line(jal, [LINK, 'decode']),
      'passed:',
      line(li, [POSITION, CONTEXT]),
      line(blt, [POSITION, batch * steps, 'pass']),
      line(halt, []),
    ],
  };
}

/** For each sequence the logits behind each of its tokens, as bits. */
function decode(
  model: LanguageModel,
  sequences: readonly (readonly number[])[],
  options: BuildOptions,
): readonly (readonly Int32Array[])[] {
  const batch = sequences.length;
  const steps = sequences[0]!.length;
  const built = buildDriven(model, driver(batch, steps), { ...options, batch });
  const promptTokens = sequences[0]!.flatMap((_, step) => sequences.map((one) => one[step]!));
  const vm = new Vm(built.program, { promptTokens });
  const passed = built.program.labels.find(({ name }) => name === 'passed')!.target;
  const symbol = findSymbol(built.program, 'logits')!;
  const logits = sequences.map((): Int32Array[] => []);
  for (let step = vm.next(); step; step = vm.next()) {
    if (step.nextPc !== passed || step.pc === passed) continue;
    const found = symbolValues(vm, symbol) as Float32Array;
    const bits = new Int32Array(found.buffer, found.byteOffset, found.length);
    const width = symbol.shape.at(-1)!;
    logits.forEach((own, b) => own.push(bits.slice(b * width, (b + 1) * width)));
  }
  expect(vm.trap).toBeUndefined();
  return logits;
}

/** Sequences that differ from their first token on. */
const sequencesOf = (batch: number, steps: number, vocabulary: number) =>
  Array.from({ length: batch }, (_, b) =>
    Array.from({ length: steps }, (_, i) => (5 * b + 3 * i * (b + 1) + 1) % vocabulary),
  );

function expectAlike(model: LanguageModel, batch: number, steps: number, options: BuildOptions) {
  const sequences = sequencesOf(batch, steps, model.generation.vocabulary);
  const together = decode(model, sequences, options);
  const alone = sequences.map((one) => decode(model, [one], options)[0]!);
  expect(new Set(together.map((own) => own[0]!.join())).size).toBeGreaterThan(1);
  expect(together.every((own) => own.length === steps)).toBe(true);
  expect(together).toEqual(alone);
}

const open = (name: string) => languageSource(`${MODELS}${name}`, { allLogits: true, rows: 1 });

describe('sequences that are decoded together', () => {
  it.each(
    ['adder-gpt2', 'verse-llama'].flatMap((name) => LEVELS.map((level) => [name, level] as const)),
  )('have the bits that %s at level %i computes for each alone', (name, level) => {
    const { model } = open(name);
    expectAlike(model, 3, 5, { level, tile: 16 });
  });

  it.each([
    ['more of them than a tile has rows', 'adder-gpt2', 17, { level: 2, tile: 16 }],
    ['heads that are wider than a tile', 'verse-llama', 2, { level: 1, tile: 4 }],
    ['every tensor apart', 'verse-llama', 2, { level: 1, tile: 16, apart: true }],
    ['16-bit weights', 'verse-llama', 2, { level: 2, tile: 16, narrow: 'bf16' }],
    ['int8 weights', 'adder-gpt2', 4, { level: 2, tile: 16, quantize: 'int8' }],
  ] as const)('and so with %s', (_, name, batch, options) => {
    expectAlike(open(name).model, batch, 4, options);
  });

  it('and so where neighbours are turned, and positions begin further on', () => {
    const decode = turned();
    const { generation } = open('adder-gpt2').model;
    const model = { name: 'turned', encode: undefined, decode, generation };
    for (const level of LEVELS) expectAlike(model, 3, 6, { level, tile: 4 });
  });

  it('is the program without a batch where there is one', () => {
    const { model } = open('verse-llama');
    const one = buildDriven(model, driver(1, 3), { level: 2, tile: 16, batch: 1 });
    expect(one.text).toBe(buildDriven(model, driver(1, 3), { level: 2, tile: 16 }).text);
  });

  it('take caches and logits of their number', () => {
    const { model } = languageSource(`${MODELS}verse-llama`, { allLogits: true, context: 8 });
    const { program } = buildDriven(model, driver(3, 2), { level: 1, tile: 16, batch: 3 });
    expect(findSymbol(program, 'logits')!.shape).toEqual([3, 67]);
    expect(findSymbol(program, 'decode_tokens')!.shape).toEqual([3]);
    expect(program.symbols.find(({ name }) => name.endsWith('keys'))?.shape).toEqual([4, 24, 32]);
  });
});

/** A decoder with interleaved rotary positions that leave columns alone, and learned ones from row 2. */
function turned(): Graph {
  const [width, heads, vocabulary, context] = [24, 2, 13, 6];
  const graph = new GraphBuilder('turned', { rows: 1, context });
  const tokens = graph.input('tokens', 'i32', ['rows']);
  const table = graph.constant('table', 'f32', [vocabulary, width], values(1, 13 * 24, 1));
  const learned = graph.constant('learned', 'f32', [context + 2, width], values(2, 8 * 24, 1));
  const words = graph.add('gather', [table, tokens], { axis: 0 });
  const places = graph.add('window', [learned], { start: 'position', count: 'rows', offset: 2 });
  const x = graph.add('add', [words, places], {});
  const [cos, sin] = ['cos', 'sin'].map((name, i) =>
    graph.constant(name, 'f32', [context, 4], values(3 + i, context * 4, 1)),
  );
  const turn = graph.add('rope', [x, cos!, sin!], { heads, interleaved: true, start: 'position' });
  const [keys, held] = [turn, x].map((rows, i) => {
    const state = graph.state(`state ${i}`, [context, width]);
    return graph.add('append', [rows], { state, start: 'position', count: 'context' });
  });
  const scale = 0.3;
  const mixed = graph.add('attention', [turn, keys!, held!], { heads, kv_heads: heads, scale, causal: true }); // prettier-ignore
  return graph.finish([graph.add('linear', [mixed, table], { transposed: true })]);
}

describe('what cannot be decoded side by side', () => {
  const build = (decode: Graph, batch = 2) =>
    compileGraph(decode, { level: 1, batch, driver: { data: [], bss: [], text: [] } });

  /** Caches of six positions, and what `finish` makes of their rows. */
  function decoder(finish: (graph: GraphBuilder, x: string, keys: string) => string): Graph {
    const graph = new GraphBuilder('decoder', { rows: 1, context: 6, source: 3 });
    const x = graph.input('x', 'f32', ['rows', 4]);
    const state = graph.state('keys', [6, 4]);
    const keys = graph.add('append', [x], { state, start: 'position', count: 'context' });
    return graph.finish([finish(graph, x, keys)]);
  }

  const attention = { heads: 1, kv_heads: 1, scale: 1 };
  const zeros = (count: number) => new Array<number>(count).fill(0);

  it.each([
    [
      'node last: last mixes rows',
      decoder((graph, x) => graph.add('last', [x], {}, { name: 'last' })),
    ],
    [
      'node biased: attention has a bias by distance',
      decoder((graph, x, k) => {
        const bias = graph.constant('bias', 'f32', [1, 12], zeros(12));
        return graph.add('attention', [x, k, k, '', bias], { ...attention, centre: 6 }, { name: 'biased' }); // prettier-ignore
      }),
    ],
    [
      'node written: recall reads what another graph has written',
      decoder((graph, x) => {
        const state = graph.state('memory', [3, 4]);
        const k = graph.add(
          'recall',
          [],
          { state, count: 'source', width: 4 },
          { name: 'written' },
        );
        return graph.add('attention', [x, k, k], attention);
      }),
    ],
    [
      'node still: rope does not begin at the position',
      decoder((graph, x) => {
        const table = graph.constant('table', 'f32', [6, 2], zeros(12));
        return graph.add('rope', [x, table, table], { heads: 1 }, { name: 'still' });
      }),
    ],
    [
      'node own: attention is not to the cache of the text',
      decoder((graph, x) => graph.add('attention', [x, x, x], attention, { name: 'own' })),
    ],
  ])('%s', (message, graph) => {
    expect(() => build(graph)).toThrow(`${message}, so that sequences cannot be decoded`);
    expect(build(graph, 1).text).toContain('decoder');
  });

  it('names the part of a published model', () => {
    const { model } = languageSource(`${MODELS}dates-bart`, { allLogits: true });
    const options = { level: 1, tile: 16, batch: 2 } as const;
    expect(() => buildDriven(model, driver(2, 2), options)).toThrow(
      'node encoder embed/places: window is not of the position',
    );
    expect(() => buildDriven({ ...model, encode: undefined }, driver(2, 2), options)).toThrow(
      /^node .*cross.*: recall reads/,
    );
  });

  it('is refused where there are no caches, and for no sequences', () => {
    const graph = new GraphBuilder('plain');
    const x = graph.input('x', 'f32', [4, 4]);
    const plain = graph.finish([graph.add('relu', [x], {})]);
    expect(() => build(plain)).toThrow('plain has no caches');
    for (const batch of [0, -1, 1.5]) {
      expect(() => build(plain, batch)).toThrow(`a batch of ${batch} is not possible`);
    }
  });
});
