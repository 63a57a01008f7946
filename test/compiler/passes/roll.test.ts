/** Rolling: which stacks of layers become a loop, and which must not. */
import { describe, expect, it } from 'vitest';
import { printPasses } from '../../support/compile-graph.ts';
import type { LayerOf } from './layers.ts';
import { LayerBuilder, isRolled, runEverywhere } from './layers.ts';

const SHAPE = [5, 7];

/** x + softmax(x): the residual stream in its smallest form. */
const residual: LayerOf = (add, [x]) => [add('add', [x!, add('softmax', [x!])])];

/** Four layers between one start and one end. */
function stack(layer: LayerOf, shape: readonly number[] = SHAPE) {
  const builder = new LayerBuilder();
  return builder.finish(builder.repeat([builder.start('x', shape)], 0, 4, layer));
}

/** The texts of all levels, and whether each has the loop. */
const rolled = (graph: Parameters<typeof runEverywhere>[0]) => runEverywhere(graph).map(isRolled);

const YES = [true, true, true];
const NO = [false, false, false];

describe('a loop over layers', () => {
  it('is made of layers that add to a stream', () => {
    expect(rolled(stack(residual))).toEqual(YES);
  });

  it('carries two streams', () => {
    const builder = new LayerBuilder();
    const starts = ['x', 'z'].map((name) => builder.start(name, SHAPE));
    const ends = builder.repeat(starts, 0, 3, (add, [x, z]) => {
      const next = add('add', [x!, add('softmax', [x!])]);
      return [next, add('sub', [z!, next])];
    });
    expect(rolled(builder.finish(ends))).toEqual(YES);
  });

  it('stacks weights of its own, and shares those that all layers have', () => {
    const builder = new LayerBuilder();
    const shared = builder.weight('shared', [7, 7]);
    const [end] = builder.repeat([builder.start('x', SHAPE)], 0, 3, (add, [x], i) => {
      const own = builder.weight(`layers.${i}.own`, [7]);
      const scaled = add('mul', [add('linear', [add('softmax', [x!]), shared]), own]);
      return [add('add', [x!, scaled])];
    });
    const texts = runEverywhere(builder.finish([end!]));
    expect(texts.map(isRolled)).toEqual(YES);
    for (const text of texts) {
      expect(text).toMatch(/^shared: \.f32 7, 7 /m);
      expect(text).toMatch(/^layers_own: \.f32 3, 7 /m);
    }
  });

  it('gives each layer a state of its own', () => {
    const builder = new LayerBuilder();
    for (let i = 0; i < 3; i++) builder.graph.state(`cache ${i}`, [8, 7]);
    const [end] = builder.repeat([builder.start('x', SHAPE)], 0, 3, (add, [x], i) => {
      const kept = add('append', [add('softmax', [x!])], {
        state: `cache ${i}`,
        start: 2,
        count: 7,
      });
      const rows = add('slice', [kept], { starts: [2, 0], counts: SHAPE, steps: [1, 1] });
      return [add('add', [x!, rows])];
    });
    const texts = runEverywhere(builder.finish([end!]));
    expect(texts.map(isRolled)).toEqual(YES);
    for (const text of texts) expect(text).toMatch(/^cache: \.f32 3, 8, 7/m);
  });

  it('is made of each run of layers that are alike', () => {
    const builder = new LayerBuilder();
    const middle = builder.repeat([builder.start('x', SHAPE)], 0, 3, residual);
    const other = builder.graph.add('exp', [middle[0]!], {}, { name: 'between' });
    const graph = builder.finish(builder.repeat([other], 3, 6, residual));
    const { roll } = Object.fromEntries(printPasses(graph, { level: 1 }));
    expect(roll!.match(/repeat 3 times, layer:/g)).toHaveLength(2);
    expect(rolled(graph)).toEqual(YES);
  });
});

describe('layers stay apart', () => {
  it('when they are of another operator, attribute or part', () => {
    expect(rolled(stack((add, [x], i) => [add('add', [x!, add(i < 2 ? 'softmax' : 'tanh', [x!])])]))).toEqual(NO); // prettier-ignore
    expect(rolled(stack((add, [x], i) => [add('add', [x!, add('rms_norm', [x!], { eps: 1 + i })])]))).toEqual(NO); // prettier-ignore
    const builder = new LayerBuilder();
    let x = builder.start('x', SHAPE);
    for (const word of ['red', 'green']) {
      const part = `layer ${word === 'red' ? 0 : 1}/${word}`;
      const shares = builder.graph.add('softmax', [x], {}, { part });
      x = builder.graph.add('add', [x, shares], {}, { part });
    }
    expect(rolled(builder.finish([x]))).toEqual(NO);
  });

  it('when one has another number of nodes', () => {
    const layer: LayerOf = (add, [x], i) => [add('add', [x!, add('softmax', [i === 2 ? add('tanh', [x!]) : x!])])]; // prettier-ignore
    expect(rolled(stack(layer))).toEqual(NO);
  });

  it('when a weight has another shape, or is shared by some only', () => {
    const wider = new LayerBuilder();
    const ends = wider.repeat([wider.start('x', SHAPE)], 0, 2, (add, [x], i) => {
      const [up, down] = [[7, 4 + i], [4 + i, 7]].map((shape, n) => wider.weight(`w${i}${n}`, shape)); // prettier-ignore
      return [add('add', [x!, add('linear', [add('linear', [x!, up!]), down!])])];
    });
    expect(rolled(wider.finish(ends))).toEqual(NO);
    const turns = new LayerBuilder();
    const weights = ['a', 'b'].map((name) => turns.weight(name, [7, 7]));
    const last = turns.repeat([turns.start('x', SHAPE)], 0, 4, (add, [x], i) => [
      add('add', [x!, add('linear', [x!, weights[i % 2]!])]),
    ]);
    expect(rolled(turns.finish(last))).toEqual(NO);
  });

  it('when a result of one is used behind them', () => {
    const builder = new LayerBuilder();
    let inner = '';
    const [end] = builder.repeat([builder.start('x', SHAPE)], 0, 3, (add, [x]) => {
      inner = add('softmax', [x!]);
      return [add('add', [x!, inner])];
    });
    expect(rolled(builder.finish([end!, inner]))).toEqual(NO);
  });

  it('when what they begin with is used behind them', () => {
    const builder = new LayerBuilder();
    const x = builder.start('x', SHAPE);
    expect(rolled(builder.finish([...builder.repeat([x], 0, 3, residual), x]))).toEqual(NO);
  });

  it('when the stream is read after its next value is written', () => {
    expect(rolled(stack((add, [x]) => [add('softmax', [x!])]))).toEqual(NO);
    const swap: LayerOf = (add, [x, z]) => [add('add', [z!, add('softmax', [x!])]), x!];
    const builder = new LayerBuilder();
    const starts = ['x', 'z'].map((name) => builder.start(name, SHAPE));
    expect(rolled(builder.finish(builder.repeat(starts, 0, 4, swap)))).toEqual(NO);
  });
});

/** Each of these was once made a loop, and computed something else. */
describe('layers that only look alike', () => {
  it('transpose what they are given', () => {
    expect(rolled(stack((add, [x]) => [add('tanh', [add('transpose', [x!], { perm: [1, 0] })])]))).toEqual(NO); // prettier-ignore
  });

  it('give more than they are given', () => {
    expect(rolled(stack((add, [x]) => [add('tanh', [add('concat', [x!, x!], { axis: 0 })])], [2, 3]))).toEqual(NO); // prettier-ignore
  });

  it('broadcast in the first one only', () => {
    const builder = new LayerBuilder();
    const column = builder.weight('column', [5, 1]);
    const layer: LayerOf = (add, [x]) => [add('add', [x!, column])];
    expect(rolled(builder.finish(builder.repeat([builder.start('x', [1, 7])], 0, 3, layer)))).toEqual(NO); // prettier-ignore
  });

  it('begin with the last row of a tensor, which is not copied', () => {
    const builder = new LayerBuilder();
    const last = builder.graph.add('last', [builder.start('x', SHAPE)], {}, { name: 'last' });
    const texts = runEverywhere(builder.finish(builder.repeat([last], 0, 3, residual)));
    expect(texts.map(isRolled)).toEqual([true, false, false]);
  });

  it('begin with what later layers read again', () => {
    const builder = new LayerBuilder();
    const x = builder.start('x', SHAPE);
    const [middle] = builder.repeat([x], 0, 2, residual);
    const other = builder.graph.add('exp', [middle!], {}, { name: 'between' });
    const graph = builder.finish(
      builder.repeat([other], 2, 4, (add, [y]) => [
        add('add', [add('mul', [y!, x]), add('softmax', [y!])]),
      ]),
    );
    expect(
      printPasses(graph, { level: 1 })
        .get('roll')!
        .match(/repeat/g),
    ).toHaveLength(1);
    expect(rolled(graph)).toEqual(YES);
  });

  it('begin with what both of them read', () => {
    const builder = new LayerBuilder();
    const x = builder.start('x', SHAPE);
    const layer: LayerOf = (add, [y]) => [add('tanh', [add('mul', [x, y!])])];
    expect(rolled(builder.finish(builder.repeat([x], 0, 2, layer)))).toEqual(NO);
  });

  it('hand one result on in two places', () => {
    const builder = new LayerBuilder();
    const starts = ['x', 'z'].map((name) => builder.start(name, SHAPE));
    const layer: LayerOf = (add, [x, z]) => {
      const next = add('tanh', [add('mul', [x!, z!])]);
      return [next, next];
    };
    expect(rolled(builder.finish(builder.repeat(starts, 0, 3, layer).slice(0, 1)))).toEqual(NO);
  });
});
