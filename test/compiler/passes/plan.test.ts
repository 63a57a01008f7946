/** Memory planning: nothing is overwritten before it was last read, shown by executing who owns what. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Module, Routine } from '../../../src/compiler/module.ts';
import { readsOf, writesOf } from '../../../src/compiler/module.ts';
import type { CompileOptions } from '../../../src/compiler/options.ts';
import type { Buffer, Plan } from '../../../src/compiler/passes/plan.ts';
import { bufferKey, plan } from '../../../src/compiler/passes/plan.ts';
import { STEP_PASSES, moduleOf } from '../../../src/compiler/step-passes.ts';
import type { Step } from '../../../src/compiler/step.ts';
import { GraphBuilder } from '../../../src/model/graph-builder.ts';
import type { Graph } from '../../../src/model/graph.ts';
import { graphOf, recipes } from '../../support/random-graph.ts';

const RUNS = { numRuns: 300, seed: 20260921 } as const;

/** Bytes of a cache line: where every tensor of the arena begins. */
const LINE = 64;

function moduleFor(graph: Graph, level: CompileOptions['level']): Module {
  const options = { level, tile: 16, weightsFile: '' };
  const first = moduleOf([{ name: 'main', graph }], options);
  return STEP_PASSES.reduce((module, { run }) => run(module, options), first);
}

const linesOf = ({ shape }: Buffer) => Math.ceil(shape.reduce((n, dim) => n * dim, 4) / LINE);

/** Executes the steps, loops over layers included, and remembers whose each line of the arena is. */
function expectOwned(module: Module, { buffers, arenaElements }: Plan): void {
  const owners = new Map<number, string>();
  const lines = (routine: Routine, tensor: string) => {
    const buffer = buffers.get(bufferKey(routine, tensor))!;
    if (buffer.arena === undefined) return [];
    expect(buffer.arena % LINE, buffer.key).toBe(0);
    const first = buffer.arena / LINE;
    expect(buffer.shape.reduce((n, dim) => n * dim, 1) + buffer.arena / 4).toBeLessThanOrEqual(arenaElements); // prettier-ignore
    return Array.from({ length: linesOf(buffer) }, (_, i) => ({ at: first + i, key: buffer.key }));
  };
  const execute = (routine: Routine, step: Step) => {
    for (const tensor of writesOf(step)) {
      for (const { at, key } of lines(routine, tensor)) owners.set(at, key);
    }
    // Checked behind the write, so that a result may not lie on an operand either.
    for (const tensor of readsOf(step)) {
      for (const { at, key } of lines(routine, tensor)) {
        if (owners.get(at) !== key) throw new Error(`${step.output} reads ${key}, but ${owners.get(at)} is there`); // prettier-ignore
      }
    }
  };
  for (const routine of module.routines) {
    for (const { count, steps } of routine.sections) {
      for (let round = 0; round < count; round++) steps.forEach((step) => execute(routine, step));
    }
  }
}

describe('the plan of memory', () => {
  it('keeps every tensor of a random model until it was last read', () => {
    fc.assert(
      fc.property(recipes, fc.constantFrom(1, 2), (recipe, level) => {
        const module = moduleFor(graphOf(recipe), level);
        expectOwned(module, plan(module));
      }),
      RUNS,
    );
  });

  it('shares nothing at level 0', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { buffers, arenaElements } = plan(moduleFor(graphOf(recipe), 0));
        expect(arenaElements).toBe(0);
        expect([...buffers.values()].every(({ arena }) => arena === undefined)).toBe(true);
      }),
      RUNS,
    );
  });

  it('has two places for a chain of any length, one after the other', () => {
    const graph = new GraphBuilder('chain');
    let x = graph.input('x', 'f32', [8, 16]);
    for (let i = 0; i < 12; i++) x = graph.add('softmax', [x], {}, { name: `s${i}` });
    const { arenaElements, buffers } = plan(moduleFor(graph.finish([x]), 1));
    expect(arenaElements).toBe(2 * 8 * 16);
    expect(buffers.get('main:x')!.role).toBe('input');
    expect(buffers.get('main:s11')!.role).toBe('output');
    const places = Array.from({ length: 11 }, (_, i) => buffers.get(`main:s${i}`)!.arena);
    expect(new Set(places)).toEqual(new Set([0, 512]));
    places.slice(1).forEach((place, i) => expect(place).not.toBe(places[i]));
  });

  it('takes the limit of a count for its length', () => {
    const graph = new GraphBuilder('rows', { rows: 24 });
    const x = graph.input('x', 'f32', ['rows', 16]);
    const y = graph.add(
      'softmax',
      [graph.add('softmax', [x], {}, { name: 's' })],
      {},
      { name: 'y' },
    );
    const { buffers, arenaElements } = plan(moduleFor(graph.finish([y]), 1));
    expect(buffers.get('main:x')!.shape).toEqual([24, 16]);
    expect(arenaElements).toBe(24 * 16);
  });

  it('says which count has no limit', () => {
    const graph = new GraphBuilder('rows');
    const y = graph.add('softmax', [graph.input('x', 'f32', ['rows', 16])], {}, { name: 'y' });
    expect(() => plan(moduleFor(graph.finish([y]), 1))).toThrow('rows has no limit of rows');
  });

  it('shares weights and states between routines, and nothing else', () => {
    const graphWith = (op: string) => {
      const graph = new GraphBuilder(op);
      graph.state('cache', [8, 16]);
      const x = graph.input('x', 'f32', [8, 16]);
      const gain = graph.constant('gain', 'f32', [16], Array<number>(16).fill(1));
      const y = graph.add('rms_norm', [graph.add(op, [x]), gain], {}, { name: 'y' });
      const kept = graph.add('append', [y], { state: 'cache', count: 8 }, { name: 'kept' });
      return graph.finish([graph.add('tanh', [kept], {}, { name: 'z' })]);
    };
    const options = { level: 1, tile: 16, weightsFile: '' } as const;
    const named = ['exp', 'tanh'].map((op) => ({ name: op, graph: graphWith(op) }));
    const module = STEP_PASSES.reduce((m, { run }) => run(m, options), moduleOf(named, options));
    const keys = [...plan(module).buffers.keys()].filter((key) => /cache|gain|:[xz]$/.test(key));
    expect(keys.toSorted()).toEqual(['cache', 'exp:x', 'exp:z', 'gain', 'tanh:x', 'tanh:z']);
  });
});
