/** The plot: well-formed, one form for each number of keys, and every point in it. */
import { describe, expect, it } from 'vitest';
import { staticInstruction } from '../../isa/registers.ts';
import { costOf } from '../../src/sweep/cost.ts';
import { resourcesOf } from '../../src/sweep/front.ts';
import { makePlan, parseAxes } from '../../src/sweep/plan.ts';
import { resultsSvg } from '../../src/sweep/plot.ts';
import { resultsOf } from '../../src/sweep/results.ts';
import { scaleOf, withRoom } from '../../src/sweep/scale.ts';
import { record } from '../../src/sweep/steps.ts';
import { resultsText } from '../../src/sweep/text.ts';
import { outlineOf } from '../reports/well-formed.ts';
import { assembleFixture, machineNamed } from '../support/run.ts';

const program = assembleFixture('programs/matmul-tiled.lasm');
const code = program.code.map(staticInstruction);
const recording = record(program, { inputs: [], promptTokens: [], seed: 0 });

/** The results of a sweep of the product on gemmini16; points whose index fails have no cycles. */
function results(vary: readonly string[], fails: (index: number) => boolean = () => false) {
  const axes = parseAxes(vary);
  const machineFor = (name: string) => ({ ...machineNamed('tomasulo'), name });
  const plan = makePlan(axes, machineNamed('gemmini16'), { machineFor, skipImpossible: false });
  const found = plan.points.map((point) => {
    const { index, machine } = point;
    const outcome = fails(index)
      ? ({ status: 'failed', problem: 'too <large> & slow' } as const)
      : costOf(machine, code, recording, undefined);
    const values = Object.fromEntries(axes.map(({ key }, i) => [key.name, point.values[i]!]));
    const schema = 'lasm-sweep-point/1' as const;
    return [point, { schema, sweep: '', point: index, values, program: null, machine, outcome }] as const; // prettier-ignore
  });
  return resultsOf(plan, found, resourcesOf(axes));
}

const svg = (...of: Parameters<typeof results>) => resultsSvg('a <title> & more', results(...of));
const marksIn = (text: string) => text.match(/<title>[^<]* cycles<\/title>/g)?.length ?? 0;

describe('the picture', () => {
  it.each([
    ['one key', ['memory.bytesPerCycle=4..64*2'], 5, 'Cycles by memory.bytesPerCycle'],
    ['a key of one value', ['mxu.count=2'], 1, 'Cycles by mxu.count'],
    ['words', ['pipeline.branch=stall,not-taken'], 2, 'Cycles by pipeline.branch'],
    ['names', ['machine=a,b'], 2, 'Cycles by machine'],
    [
      'two keys',
      ['mxu.count=1,2', 'memory.bytesPerCycle=4..64*2'],
      10,
      'Cycles by memory.bytesPerCycle, a line for each mxu.count',
    ],
    [
      'three keys',
      ['mxu.count=1,2', 'vec.lanes=8,16', 'memory.bytesPerCycle=4,8'],
      8,
      'Cycles against mxu.count',
    ],
    [
      'three keys without hardware',
      [
        'pipeline.branch=stall,not-taken',
        'memory.burstBytes=32,64',
        'pipeline.microOperations=whole',
      ],
      4,
      'Cycles against no resource varies',
    ],
  ])('of %s has every point', (_, vary, count, heading) => {
    const text = svg(vary);
    expect(outlineOf(text).text).toContain(heading);
    expect(marksIn(text)).toBe(count);
    expect(text).toContain('a &lt;title&gt; &amp; more');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('leaves out what has no cycles, and says so', () => {
    const vary = ['memory.bytesPerCycle=4..64*2'];
    const text = svg(vary, (index) => index === 2);
    expect(marksIn(text)).toBe(4);
    expect(outlineOf(text).text).toContain('1 point without cycles');
    expect(outlineOf(svg(vary, () => true)).text).toContain('no point has a result');
  });
});

describe('the table', () => {
  it.each([40, 60, 80, 100, 200])('has lines of at most %d characters', (width) => {
    const vary = ['mxu.count=1,2', 'vec.lanes=8,16', 'machine=a,b'];
    const lines = resultsText('title', results(vary), width).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => /^ +\*? +\d+ +\d+ +[ab]/.test(line)).length).toBe(8);
  });

  it('of many points shows the front only', () => {
    const text = resultsText('title', results(['memory.bytesPerCycle=1..100']), 100);
    const rows = text.split('\n').filter((line) => /^ +\*? +\d+ +\d/.test(line));
    expect(rows.every((row) => row.includes('*'))).toBe(true);
    expect(text).toContain(`${100 - rows.length} points that are not on the front are not shown.`);
  });

  it('names the points without cycles', () => {
    const text = resultsText(
      'title',
      results(['mxu.count=1,2'], (index) => index === 1),
      100,
    );
    expect(text).toContain('No cycles: mxu.count=2: too <large> & slow.');
  });
});

describe('scales', () => {
  it('reach from 0 where amounts are alike, and by octaves where they are not', () => {
    const span = { from: 300, to: 0 };
    const alike = scaleOf([900, 1000], span);
    expect(alike.at(0)).toBe(300);
    expect(alike.ticks.map(({ label }) => label)).toEqual([
      '0',
      '200',
      '400',
      '600',
      '800',
      '1,000',
    ]);
    const apart = scaleOf([10, 1000], span);
    expect(apart.ticks[0]!.label).toBe('8');
    expect(apart.at(16) - apart.at(32)).toBeCloseTo(apart.at(128) - apart.at(256), 6);
  });

  it('leave out labels that have no room, but not the last', () => {
    const ticks = [0, 10, 20, 30, 100].map((at) => ({ at, label: String(at) }));
    expect(withRoom(ticks).map(({ at }) => at)).toEqual([30, 100]);
  });
});
