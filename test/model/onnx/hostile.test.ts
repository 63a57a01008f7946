/** Models with damaged bytes end in an error of ours, soon. */
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError } from '../../../src/model/graph.ts';
import { importOnnx } from '../../../src/model/onnx/import.ts';
import { readTensorProto } from '../../../src/model/onnx/tensor-proto.ts';
import { FileError } from '../../../src/model/tensor-file.ts';
import type { NodeSource } from '../../support/onnx-writer.ts';
import { onnxModel } from '../../support/onnx-writer.ts';
import { tensor } from '../../support/onnx-run.ts';

const MODELS = new URL('../../../programs/models/', import.meta.url).pathname;
const BRACKETS = ['lstm', 'gru', 'rnn'].map((cell) =>
  readFileSync(`${MODELS}brackets-${cell}/model.onnx`),
);

/** A small model in which more of the bytes are structure, and one that shapes its own tensors. */
const SMALL = onnxModel({
  nodes: [
    { op: 'Shape', inputs: ['x'], outputs: ['s'] },
    { op: 'Expand', inputs: ['w', 's'], outputs: ['e'] },
    { op: 'Slice', inputs: ['e', 'one', 'two', 'one'], outputs: ['c'] },
    { op: 'Tile', inputs: ['c', 'two2'], outputs: ['t'] },
    { op: 'Softmax', inputs: ['t'], outputs: ['y'], attributes: { axis: { integer: -1 } } },
  ],
  inputs: [{ name: 'x', type: 'float32', shape: [4, 3] }],
  outputs: ['y'],
  initializers: [
    { name: 'w', ...tensor([1], [0.5]) },
    { name: 'one', ...tensor([1], [1], 'int64') },
    { name: 'two', ...tensor([1], [2], 'int64') },
    { name: 'two2', ...tensor([2], [2, 2], 'int64') },
  ],
});

/** Reading a model of a few kilobytes takes milliseconds; this is what a busy machine may need. */
const PATIENCE_MS = 5000;

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    byte: fc.integer({ min: 0, max: 255 }),
    kind: fc.constantFrom('set', 'insert', 'delete', 'cut'),
  }),
  { minLength: 1, maxLength: 8 },
);

function damaged(
  bytes: Uint8Array,
  changes: typeof edits extends fc.Arbitrary<infer T> ? T : never,
) {
  let result = [...bytes];
  for (const { at, byte, kind } of changes) {
    const place = Math.floor(at * result.length);
    if (kind === 'set') result[place] = byte;
    else if (kind === 'insert') result.splice(place, 0, byte);
    else if (kind === 'delete') result.splice(place, 1);
    else result = result.slice(0, Math.max(place, Math.floor(result.length / 2)));
  }
  return Uint8Array.from(result);
}

/** 1 when the action succeeds, 0 when it fails as it should; anything else is thrown. */
function tried(action: () => void): number {
  const start = performance.now();
  try {
    action();
    return 1;
  } catch (error) {
    if (error instanceof FileError || error instanceof GraphError) return 0;
    throw error;
  } finally {
    expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
  }
}

describe('damaged files', () => {
  it.each([
    ['small', [SMALL], 3000],
    ['brackets', BRACKETS, 600],
  ])('%s models end in errors of ours', (_, sources, numRuns) => {
    let read = 0;
    fc.assert(
      fc.property(fc.constantFrom(...sources), edits, (bytes, changes) => {
        read += tried(() => importOnnx(damaged(bytes, changes)));
      }),
      { seed: 20260106, numRuns },
    );
    // Some damage is harmless, and most is not: both ways were taken.
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(numRuns);
  });

  it('random bytes are no tensor or a small one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        tried(() => readTensorProto(bytes));
      }),
      { seed: 20260107, numRuns: 3000 },
    );
  });

  it.each<[string, NodeSource]>([
    [
      'keys',
      {
        op: 'Attention',
        inputs: ['x', 'large', 'large'],
        outputs: ['y'],
        attributes: { is_causal: { integer: 1 } },
      },
    ],
    ['a shape', { op: 'Expand', inputs: ['one', 'sizes'], outputs: ['y'] }],
    ['a range', { op: 'Range', inputs: ['zero', 'end', 'one64'], outputs: ['y'] }],
    ['a triangle', { op: 'Trilu', inputs: ['large'], outputs: ['y'] }],
    ['repeats', { op: 'Tile', inputs: ['x4', 'sizes4'], outputs: ['y'] }],
    ['pads', { op: 'Pad', inputs: ['x', 'pads'], outputs: ['y'] }],
    [
      'operands',
      {
        op: 'Concat',
        inputs: Array.from({ length: 150_000 }, () => 'one'),
        outputs: ['y'],
        attributes: { axis: { integer: 0 } },
      },
    ],
  ])('%s out of all proportion end soon', (_, node) => {
    const huge = 2 ** 40;
    const whole = (name: string, shape: number[], values: number[]) => ({
      name,
      ...tensor(shape, values, 'int64'),
    });
    const bytes = onnxModel({
      nodes: [node],
      outputs: ['y'],
      inputs: [
        { name: 'x', type: 'float32', shape: [1, 1, 1, 1] },
        { name: 'x4', type: 'float32', shape: [1, 1, 1, 2] },
        { name: 'large', type: 'float32', shape: [1, 1, huge, 1] },
      ],
      initializers: [
        { name: 'one', ...tensor([1], [1]) },
        whole('sizes', [2], [huge, huge]),
        whole('sizes4', [4], [huge, huge, 1, 1]),
        whole('pads', [8], [0, 0, 0, huge, 0, 0, 0, 0]),
        whole('zero', [], [0]),
        whole('end', [], [huge]),
        whole('one64', [], [1]),
      ],
    });
    expect([0, 1]).toContain(tried(() => importOnnx(bytes)));
  });
});
