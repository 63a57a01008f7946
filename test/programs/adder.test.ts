/** adder-attention: layer 0 of the trained model agrees with the float64 reference on any prompt. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geluTanh } from '../../src/reference/activation.ts';
import type { AttentionWeights } from '../../src/reference/attention.ts';
import { selfAttention } from '../../src/reference/attention.ts';
import { feedForward } from '../../src/reference/feed-forward.ts';
import { gpt2Greedy } from '../../src/reference/gpt2.ts';
import { embedWithPositions } from '../../src/reference/linear.ts';
import type { Matrix } from '../../src/reference/matrix.ts';
import { row, sliceCols } from '../../src/reference/matrix.ts';
import { preNormLayer } from '../../src/reference/transformer.ts';
import { layerNormNamed } from '../../src/reference/weights.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import type { Program } from '../../src/program/program.ts';
import { findSymbol } from '../../src/program/program.ts';
import { setSymbol } from '../../src/run/outputs.ts';
import { runProgram } from '../../src/run/run.ts';
import { FUNCTION_ERROR_ULP as ULPS } from '../../src/tensor/functions.ts';
import type { Tile } from '../../src/tensor/tile.ts';
import type { Vm } from '../../src/vm/vm.ts';
import type { Bounded } from '../support/bounds/index.ts';
import * as b from '../support/bounds/index.ts';
import { assembleText, machineNamed } from '../support/run.ts';
import { readSafetensors } from '../support/safetensors.ts';
import { blockedLayerNorm, heads, joinCols, linear } from './compose.ts';
import type { Finished } from './support.ts';
import { SMALL, expectWithin, finish, programNamed } from './support.ts';

const FOLDER = new URL('../../programs/', import.meta.url).pathname;
const weights = readSafetensors(`${FOLDER}models/adder-gpt2/model.safetensors`);
const program = programNamed('adder-attention');
const HEADS = 4;
const WIDTH = 64;

/** Layer 0 of the checkpoint, read from the file and not from the program. */
function layer0(ids: readonly number[]): Matrix {
  const named = (name: string) => ({
    weight: weights(`h.0.${name}.weight`),
    bias: weights(`h.0.${name}.bias`),
  });
  const joined = named('attn.c_attn');
  const [query, key, value] = [0, 1, 2].map((i) => ({
    weight: sliceCols(joined.weight, i * WIDTH, (i + 1) * WIDTH),
    bias: sliceCols(joined.bias, i * WIDTH, (i + 1) * WIDTH),
  }));
  const attention: AttentionWeights = { query, key, value, output: named('attn.c_proj') };
  const [up, down] = [named('mlp.c_fc'), named('mlp.c_proj')];
  return preNormLayer(embedWithPositions(weights('wte.weight'), weights('wpe.weight'), ids), [
    {
      norm: layerNormNamed('h.0.ln_1', 1e-5, weights),
      apply: (x) => selfAttention(x, attention, { heads: HEADS, causalOffset: 0 }),
    },
    {
      norm: layerNormNamed('h.0.ln_2', 1e-5, weights),
      apply: (x) => feedForward(x, { up, down }, geluTanh),
    },
  ]);
}

/** The stages of the program; sums of products start at x, the residual stream. */
const stage = {
  embed: (run: Finished, ids: readonly number[]) => {
    const rows = (name: string, indices: readonly number[]) =>
      b.fromFloat32(
        indices.length,
        WIDTH,
        indices.flatMap((i) => [...row(run.input(name).value, i).data]),
      );
    return b.add(rows('Wte', ids), rows('Wpe', [...ids.keys()]));
  },
  norm: ({ input }: Finished, x: Bounded, number: 1 | 2) =>
    blockedLayerNorm(x, input(`Gain${number}`), input(`Bias${number}`)),
  heads: ({ input }: Finished, normed: Bounded) => {
    const qkv = linear(normed, input('Wqkv'), input('Bqkv'));
    const third = (i: number) => b.boundedCols(qkv, i * WIDTH, (i + 1) * WIDTH);
    return heads(third(0), third(1), third(2), HEADS, 0);
  },
  attended: ({ input }: Finished, joined: Bounded, x: Bounded) =>
    b.add(b.matmul(joined, input('Wo'), x), input('Bo')),
  output: ({ input }: Finished, normed: Bounded, x: Bounded) => {
    const hidden = b.geluTanh(linear(normed, input('W1'), input('B1')), ULPS);
    return b.add(b.matmul(hidden, input('W2'), x), input('B2'));
  },
};

/** x and its norm as the machine holds them, in t10 to t13 and t0 to t3. */
function registers(vm: Vm) {
  const joined = (first: number) =>
    joinCols([0, 1, 2, 3].map((i) => exactTile(vm.tile(first + i)!)));
  return { x: joined(10), normed: vm.tile(0)!.rows === 6 ? joined(0) : undefined };
}

function exactTile({ rows, cols, data }: Tile): Bounded {
  return b.fromFloat32(rows, cols, data.subarray(0, rows * cols));
}

/** Runs the program on six tokens and keeps the registers at the entry of each part. */
function runOn(ids: readonly number[]) {
  const tokens = findSymbol(program, 'Tokens')!;
  const data = Int32Array.from(ids);
  const parts = new Map<string, ReturnType<typeof registers>>();
  const run = finish(
    program,
    (vm) => {
      setSymbol(vm, tokens, { dtype: 'i32', shape: tokens.shape, data });
    },
    { onPart: (part, vm) => parts.set(part, registers(vm)) },
  );
  return { run, at: (part: string) => parts.get(`layer 0/${part}`)! };
}

/** Every stage from what the machine really gave it: result, and bound without a history. */
function eachStage(ids: readonly number[]): readonly (readonly [Bounded, Bounded])[] {
  const { run, at } = runOn(ids);
  const [first, second, last] = [at('head 0'), at('feed-forward'), at('output')];
  const found = stage.heads(run, first.normed!);
  return [
    [at('ln_1').x, stage.embed(run, ids)],
    [first.normed!, stage.norm(run, first.x, 1)],
    ...found.weights.map((p, h) => [run.exactOutput(`P${h}`), p] as const),
    [at('ln_2').x, stage.attended(run, found.joined, first.x)],
    [second.normed!, stage.norm(run, second.x, 2)],
    [last.x, stage.output(run, second.normed!, second.x)],
  ];
}

function check(ids: readonly number[]): void {
  const { run } = runOn(ids);
  const x = stage.embed(run, ids);
  const found = stage.heads(run, stage.norm(run, x, 1));
  const middle = stage.attended(run, found.joined, x);
  const y = stage.output(run, stage.norm(run, middle, 2), middle);
  found.weights.forEach((p, h) => {
    expect(b.firstViolation(run.output(`P${h}`), p)).toBeUndefined();
  });
  expectWithin(run.output('Y'), y, layer0(ids));
  for (const [actual, expected] of eachStage(ids)) {
    expect(expected.error.data.every(Number.isFinite)).toBe(true); // or it would allow anything
    expect(b.firstViolation(actual.value.data, expected)).toBeUndefined();
  }
}

describe('adder-attention', () => {
  it('is layer 0 of the model on 37+85=, each stage to four decimals', () => {
    const ids = [3, 7, 10, 8, 5, 11];
    check(ids);
    // Worst cases of worst cases make the bound of the whole wide; that of a stage is not.
    for (const [, { error }] of eachStage(ids)) {
      expect(Math.max(...error.data)).toBeLessThan(1e-4);
    }
  });

  it('is layer 0 of the model on any six tokens', () => {
    const ids = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(ids, (six) => {
        check(six);
      }),
      { ...SMALL, numRuns: 20 }, // a fifth of a second each
    );
  });

  it('rightly says what the whole model answers', () => {
    const config = { layers: 2, heads: HEADS, layerNormEpsilon: 1e-5 };
    const stop = { endOfText: 12, maxNewTokens: 6 };
    expect(gpt2Greedy([3, 7, 10, 8, 5, 11], config, weights, stop)).toEqual([1, 2, 2, 12]);
  });

  it('rightly says where heads 0 and 2 look', () => {
    const run = finish(program);
    for (const name of ['P0', 'P2']) {
      const p = run.output(name);
      const weight = (from: number, to: number) => p[from * 6 + to];
      expect(weight(5, 0) + weight(5, 3)).toBeGreaterThan(0.9); // "=" at the tens digits
      expect(weight(4, 1)).toBeGreaterThan(0.5); // "5" at the units digit "7"
    }
  });

  it('is sped up by the cure in README.md, on the machine that it is for', () => {
    const text = readFileSync(`${FOLDER}adder-attention.lasm`, 'utf8');
    const places = /(LOAD +)t8(, \[.*rows=16.*\n +MATMUL\.ACC .*)\bt8\b/g;
    expect(text.match(places)).toHaveLength(4);
    const cured = assembleText(text.replaceAll(places, '$1t2\\B$2t2\\B'), openFolder(FOLDER));
    const readme = readFileSync(`${FOLDER}README.md`, 'utf8');
    const report = (which: Program, machine: string) =>
      runProgram(which, machineNamed(machine)).report;
    const cycles = (which: Program, machine: string) =>
      report(which, machine).cycles.toLocaleString('en');
    expect(report(program, 'multicycle').shares.war).toBeGreaterThan(50); // "more than half"
    const [before, after] = [program, cured].map((which) => cycles(which, 'multicycle'));
    expect(readme).toContain(`takes ${after} cycles instead of ${before}`);
    expect(cycles(cured, 'classic5')).toBe(cycles(program, 'classic5'));
    expect(finish(cured).output('Y')).toEqual(finish(program).output('Y'));
  });
});
