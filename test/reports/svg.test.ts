/**
 * Pictures: well-formed, told in words, the numbers of the report. The golden changes by
 * `npx vitest run --config .config/vitest.config.ts test/reports/svg.test.ts -u`, and is read as a diff.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/reports/report.ts';
import { log2, tickLabel, ticks } from '../../src/reports/svg/log-axis.ts';
import { escaped } from '../../src/reports/svg/markup.ts';
import { renderRooflineSvg } from '../../src/reports/svg/roofline.ts';
import { plotOf } from '../../src/reports/svg/roofline-plot.ts';
import { hostile } from './hostile.ts';
import { CHAIN, EMPTY, loops, reportOn } from './programs.ts';
import { RUNS } from './support.ts';
import { outlineOf } from './well-formed.ts';

const chain = reportOn(CHAIN);
const withoutMacs: Report = {
  ...chain,
  roofline: null,
  mac: { ...chain.mac, useful: 0, utilisation: 0, wasted: 128 },
};
const all: readonly (readonly [string, Report])[] = [
  ['a run', chain],
  ['a run without bytes', reportOn(loops())],
  ['a run without multiply-accumulates', withoutMacs],
  ['a run of no cycles', reportOn(EMPTY)],
  ['a hostile run', reportOn(hostile())],
];

describe.each(all)('the picture of %s', (_name, report) => {
  const svg = renderRooflineSvg(report);
  const { elements, ids, text } = outlineOf(svg);

  it('is well-formed and the same each time', () => {
    expect(elements[0]).toBe('svg');
    expect(new Set(ids).size).toBe(ids.length);
    expect(renderRooflineSvg(report)).toBe(svg);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null|="-?\d+\.\d{3}/);
  });

  it('has a name, a description and one size', () => {
    expect(svg).toMatch(
      /^<svg [^>]*viewBox="0 0 720 \d+" role="img" aria-labelledby="lasm-title lasm-desc">/,
    );
    expect(elements.slice(1, 3)).toEqual(['title', 'desc']);
    expect(ids).toEqual(expect.arrayContaining(['lasm-title', 'lasm-desc']));
  });

  it('asks for nothing from elsewhere', () => {
    expect(elements).not.toContain('script');
    expect(elements).not.toContain('image');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|@import|href=|font-face/,
    );
    const used = [...svg.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id);
    expect(ids).toEqual(expect.arrayContaining(used));
  });

  it('shares out all of the cycles', () => {
    const told = /Where the cycles went: ([^.]+\.\d.*)\.$/m.exec(text)?.[1];
    if (report.cycles === 0) expect(text).toContain('Where the cycles went: there were none.');
    else expect(tenthsIn(told!)).toBe(1000);
  });
});

const tenthsIn = (words: string) =>
  [...words.matchAll(/([\d.]+) %/g)].reduce((sum, [, n]) => sum + Math.round(Number(n) * 10), 0);

describe('the picture', () => {
  it('is the golden one', async () => {
    await expect(renderRooflineSvg(chain)).toMatchFileSnapshot('golden/chain.svg');
  });

  it('labels roofs, axes and the run with units', () => {
    const { text } = outlineOf(renderRooflineSvg(chain));
    for (const label of [
      'test.lasm on classic',
      'peak: 16 MACs per cycle',
      'memory: 16 bytes per cycle',
      'MACs per byte (logarithmic)',
      'MACs per cycle (logarithmic)',
      'this run: 2.21 MACs per cycle',
      '0.50 MACs per byte, 27.6 % of its roof',
      '13.8 % useful, 13.8 % wasted, 72.4 % idle',
      'raw: 10 cycles, 34.5 %',
    ]) {
      expect(text).toContain(label);
    }
  });

  it('says what is missing', () => {
    const words = (report: Report) => outlineOf(renderRooflineSvg(report)).text;
    expect(words(withoutMacs)).toContain('no multiply-accumulates, so no point');
    expect(words(reportOn(loops()))).toContain('no byte moved, ');
    expect(words(reportOn(EMPTY))).toContain('there were no cycles.');
  });

  it('draws what no cause explains', () => {
    const shares = { ...chain.shares, raw: 24.5 };
    const report = { ...chain, slots: { ...chain.slots, raw: 7 }, shares, unattributed: 3 };
    expect(outlineOf(renderRooflineSvg(report)).text).toContain('unattributed: 3 cycles, 10.0 %');
  });
});

describe('the plot', () => {
  const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

  it('holds both roofs and the run, which is below them', () => {
    const runs = fc.record({
      peak: fc.integer({ min: 1, max: 1 << 16 }),
      bytesPerCycle: fc.integer({ min: 1, max: 4096 }),
      intensity: fc.option(positive),
      share: fc.double({ min: 1e-4, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(runs, ({ peak, bytesPerCycle, intensity, share }) => {
        const roof = Math.min(peak, (intensity ?? Infinity) * bytesPerCycle);
        const roofline = { ...chain.roofline!, intensity, attained: share * roof, roof };
        const plot = plotOf({
          ...chain,
          roofline,
          mac: { ...chain.mac, capacity: peak * chain.cycles },
          memory: { ...chain.memory, peakBytesPerCycle: bytesPerCycle },
        })!;
        const { x, y, start, knee, end, run } = plot;
        for (const spot of [start, knee, end, run!]) {
          expect(spot.x).toBeGreaterThanOrEqual(x.low);
          expect(spot.x).toBeLessThanOrEqual(x.high);
          expect(spot.y).toBeGreaterThanOrEqual(y.low);
          expect(spot.y).toBeLessThanOrEqual(y.high);
        }
        // Three logarithms of 16 bits behind the point, and rounding in the run's own numbers.
        const slack = 4 / 65536;
        expect(run!.y).toBeLessThanOrEqual(Math.min(knee.y, knee.y + run!.x - knee.x) + slack);
      }),
      RUNS,
    );
  });

  it('has logarithms that agree with the mathematical ones to 16 bits', () => {
    fc.assert(
      fc.property(positive, (value) => {
        const error = Math.log2(value) - log2(value);
        expect(error).toBeGreaterThan(-1e-9);
        expect(error).toBeLessThan(1 / 65536 + 1e-9);
      }),
      RUNS,
    );
    expect([1, 2, 1024, 1 / 8].map(log2)).toEqual([0, 1, 10, -3]);
    expect(() => log2(0)).toThrow('invariant: no logarithm of 0');
  });

  it('has at most nine ticks on each axis', () => {
    expect(ticks({ low: -2, high: 3, from: 0, to: 1 })).toEqual([-2, -1, 0, 1, 2, 3]);
    expect(ticks({ low: -5, high: 14, from: 0, to: 1 })).toEqual([-4, 0, 4, 8, 12]);
    expect([-3, 0, 12].map(tickLabel)).toEqual(['1/8', '1', '4,096']);
  });
});

describe('markup', () => {
  it('escapes whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { text: back, elements } = outlineOf(`<p>${escaped(text)}</p>`);
        expect(elements).toEqual(['p']);
        expect(back).toBe(text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd'));
      }),
      RUNS,
    );
    expect(escaped('a\ud800b')).toBe('a\ufffdb');
  });
});
