/** Programs whose rounds must not be repeated carelessly, each named after what makes it hard. */
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import type { WalkOptions } from '../../src/walk/walker.ts';
import { assembleText, machineNamed } from '../support/run.ts';
import { walkBooks } from './support.ts';

const ROW_BYTES = 64;

/** One bank that opens a row of 64 bytes in seven cycles; one access at a time, or several. */
function machineOf(execution: 'blocking' | 'overlapped'): Machine {
  const base = machineNamed('classic5-fwd');
  const memory = {
    ...base.memory,
    latencyCycles: 9,
    burstBytes: 16,
    banks: 1,
    rowBytes: ROW_BYTES,
    rowMissCycles: 7,
    requestsInFlight: 4,
  };
  const alu = { ...base.alu, latencyCycles: 4 };
  return { ...base, cache: null, alu, memory, pipeline: { ...base.pipeline, execution } };
}

const MACHINES = [machineOf('blocking'), machineOf('overlapped')];

/** The walk that repeats rounds, when it comes to the same as the one that does not. */
function sameWalks(body: string, options: WalkOptions = {}) {
  const symbols = '.data\nX: .f32 2048, 16 = zeros()\nT: .i32 4 = [1, 2, 3, 4]\n.text\n';
  const program = assembleText(`${symbols}${body}\nHALT\n`);
  const walks = MACHINES.map((machine) => {
    const every = walkBooks(program, machine, { ...options, everyRound: true });
    const repeating = walkBooks(program, machine, options);
    expect(repeating.result).toEqual(every.result);
    return repeating;
  });
  return { trap: walks[0].result.trap, skipped: Math.max(...walks.map(({ skipped }) => skipped)) };
}

/** A loop of 1,000 rounds that r1 counts, from 0. */
const loop = (before: string, body: string, trips = 1000) =>
  `${before}\nLI r1, 0\nagain:\n${body}\nIADD r1, r1, 1\nBLT r1, ${trips}, again`;

const access = (address: string) => `LOAD t0, [${address}], rows=1, cols=4, stride=16`;

describe('rounds are repeated exactly', () => {
  test('where nothing is in the way', () => {
    const { skipped } = sameWalks(loop('LI r4, 0', `${access('X + r4')}\nIADD r4, r4, 64`));
    expect(skipped).toBeGreaterThan(2900);
  });

  test('when an access meets a row that another has opened before anyone looked', () => {
    for (const row of [0, 1, 2, 3, 4, 5]) {
      const meeting = `${access(`X + ${row * ROW_BYTES}`)}\n${access('X + r4')}`;
      sameWalks(loop('LI r4, 0', `${meeting}\nIADD r4, r4, 64`));
    }
  });

  test('when a read meets a write under way from before anyone looked', () => {
    for (const place of [0, 16, 32, 48, 64, 80]) {
      const stores = `STORE [X + r4], t1, stride=16\n${access(`X + ${place}`)}`;
      const before = 'FILL t1, 1, rows=1, cols=4\nLI r4, 0';
      sameWalks(loop(before, `${stores}\nIADD r4, r4, 16`));
    }
  });

  test('when a minimum changes sides while somebody looks', () => {
    for (const rounds of [1, 2, 3, 4, 5, 6]) {
      const before = `LI r4, ${10_000 + 16 * rounds}\nLI r6, 10000`;
      const body = `IMIN r5, r6, r4\n${access('X + r5')}\nISUB r4, r4, 16\nLI r5, 0`;
      sameWalks(loop(before, body, 500));
    }
  });

  test('when a minimum is of something that varies', () => {
    const varies = 'IREM r5, r1, 50\nIMUL r5, r5, 64\nIMIN r5, r5, r6';
    sameWalks(loop('LI r6, 640', `${varies}\n${access('X + r5')}`));
  });

  test('when the steps of the counter even out over two rounds only', () => {
    const before = 'LI r4, 0\nLI r5, 0\nLI r6, 0\nLI r7, 1';
    const body = [
      'BLT r6, 1, first',
      'BNE r5, 0, odd',
      'IADD r1, r1, 12',
      'BEQ r0, r0, joined',
      'odd: ISUB r1, r1, 4',
      'joined: ISUB r5, r7, r5',
      'BEQ r0, r0, over',
      'first: IADD r1, r1, 4',
      'over: IADD r6, r6, 1',
      access('X + r4'),
      'IADD r4, r4, 32',
    ].join('\n');
    for (const end of [2001, 2003, 2005, 2007, 2009, 2011, 2013, 2015]) {
      sameWalks(`${before}\nLI r1, 0\nagain:\n${body}\nBLT r1, ${end}, again`);
    }
  });

  test('when an inner loop has another number of rounds each time', () => {
    const inner = `LI r2, 0\ninner:\n${access('X + r4')}\nIADD r2, r2, 1\nBLT r2, r3, inner`;
    sameWalks(loop('LI r4, 0\nLI r3, 1', `${inner}\nIADD r3, r3, 1\nIADD r4, r4, 64`, 60));
  });
});

describe('segments', () => {
  const segmentsOf = (counted: (pc: number) => boolean) => ({
    count: 1100,
    first: new Int32Array(64),
    isCounted: Uint8Array.from({ length: 64 }, (_, pc) => (counted(pc) ? 1 : 0)),
    register: 1,
  });

  test('are further on in each round', () => {
    const segments = segmentsOf((pc) => pc > 1);
    const { skipped } = sameWalks(loop('LI r4, 0', access('X + r4')), { segments });
    expect(skipped).toBeGreaterThan(2900);
  });

  test('of a run that ends right behind repeated rounds are those of its last instruction', () => {
    const segments = segmentsOf((pc) => pc > 1);
    for (let maxInstructions = 400; maxInstructions < 410; maxInstructions++) {
      sameWalks(loop('LI r4, 0', access('X + r4')), { segments, maxInstructions });
    }
    const behind = `IADD r5, r4, 0\n${access('X + r4')}\nIADD r4, r4, 512`;
    sameWalks(loop('LI r4, 0', behind), { segments });
    sameWalks(loop('LI r4, 0', `${access('X + r4')}\nIADD r4, r4, 512`), { segments });
    sameWalks(loop('LI r4, 0', 'IADD r4, r4, 70368744177664'), { segments });
  });

  test('may be so for a part of the instructions only', () => {
    sameWalks(loop('LI r4, 0', access('X + r4')), { segments: segmentsOf((pc) => pc % 2 === 0) });
  });
});

describe('traps in rounds that could be repeated are found', () => {
  const cases = [
    [
      'a sum that becomes too large',
      loop('LI r4, 0', 'IADD r4, r4, 70368744177664'),
      'integer-overflow',
    ],
    [
      'a product that is used for nothing',
      loop('', 'IMUL r4, r1, 17592186044416\nLI r4, 0'),
      'integer-overflow',
    ],
    [
      'an access behind memory',
      loop('LI r4, 0', `${access('X + r4')}\nIADD r4, r4, 512`),
      'address-out-of-range',
    ],
    [
      'an access before memory',
      loop('LI r4, 120000', `ISUB r4, r4, 512\n${access('r4 + 0')}`),
      'address-out-of-range',
    ],
    [
      'a divisor that becomes 0',
      loop('LI r4, 700', 'ISUB r4, r4, 1\nIDIV r5, r1, r4'),
      'bad-operand',
    ],
  ] as const;

  test.each(cases)('%s', (_, body, code) => {
    const { trap, skipped } = sameWalks(body);
    expect(trap).toMatchObject({ code });
    if (code !== 'bad-operand') expect(skipped).toBeGreaterThan(0);
  });

  test('too many instructions', () => {
    for (const maxInstructions of [1999, 2000, 2001, 2002, 2003, 2004]) {
      const { trap, skipped } = sameWalks(loop('LI r4, 0', access('X + r4')), { maxInstructions });
      expect(trap).toMatchObject({ code: 'instruction-limit', index: maxInstructions });
      expect(skipped).toBeGreaterThan(1500);
    }
  });
});
